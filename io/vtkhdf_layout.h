#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/archive.h"
#include "io/vtk_grid.h"
#include "io/vtkhdf_file.h"

namespace cotan {

/// Where a transient VTKHDF file keeps what: read once, checked against the extents of all its datasets, and closed.
struct VtkHdfLayout {
  struct Step {
    std::int64_t points, cells, links;                               ///< counts
    std::int64_t first_point, first_cell, first_link, first_offset;  ///< rows of the datasets
    bool operator==(const Step&) const = default;
  };
  struct Field {
    ArchiveField about;
    std::string dataset;
    std::vector<std::int64_t> first_row;  ///< (steps)
    std::int64_t whole_rows = 1;          ///< rows of a frame of a field on the whole
  };
  std::filesystem::path path;
  bool transient = false;
  std::vector<double> times;  ///< (steps) [s]
  std::vector<Step> steps;
  std::vector<Field> fields;
  std::optional<int> dim;  ///< what follows stands in files of ours only
  std::vector<Role> roles;
  PrescribedMasks prescribed;
  std::map<std::string, double> parameters;

  bool is_static = false;                                         ///< one mesh at all steps
  std::int64_t rows(const Field& field, std::size_t step) const;  ///< of a frame
};

/// \throw InputError naming file and dataset. Takes h5::hold() itself, as all below
VtkHdfLayout read_layout(const std::filesystem::path& path);
VtkGrid read_grid(const VtkHdfLayout& layout, std::size_t step);
std::vector<double> read_points(const VtkHdfLayout& layout, std::size_t step);  ///< (points, 3)
/// Sets of a file of ours (its group /cotan), put into the data of its mesh before that is mended.
void read_sets(const std::filesystem::path& path, MeshData& data);
/// The same sets into a file of ours, with the mesh's dimension (io/vtkhdf.cpp).
void write_sets(const h5::File& file, const Mesh& mesh);
/// Frames [k0, k1) as they stand in the file, row-major. \pre all have the same number of rows
std::vector<std::byte> read_frames(const VtkHdfLayout& layout, const VtkHdfLayout::Field& field, std::size_t k0,
                                   std::size_t k1);

}  // namespace cotan

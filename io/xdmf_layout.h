#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "io/archive.h"
#include "io/mesh_rows.h"
#include "io/xdmf_item.h"

namespace cotan {

/// What an XDMF file says of its grids, before any of their values are read.
struct XdmfLayout {
  struct Grid {
    std::string topology, geometry;  ///< "mixed", "triangle", …; "xyz", "xy", "x_y_z", "x_y"
    std::int64_t nodes = 0;          ///< of a polyline's or polyvertex' elements; 0: not said
    XdmfItem cells;
    std::vector<XdmfItem> points;
    bool same_place(const Grid& other) const;
  };
  struct Attribute {
    std::string name;
    On on;
    XdmfItem item;
  };
  struct Frame {
    double time = 0;
    std::size_t grid = 0;  ///< into grids
    std::vector<Attribute> attributes;
    std::string where;
  };
  std::filesystem::path path;
  bool temporal = false;  ///< a collection over time, not a grid alone
  std::vector<Grid> grids;
  std::vector<Frame> frames;        ///< at least one
  std::filesystem::path companion;  ///< the HDF5 file with our sets, of a file of ours
  bool is_static() const { return grids.size() == 1; }
};

/// Temporal collections side by side are joined where they have the same times and grids.
/// \throw InputError naming file and line: kinds of grids that cannot be read, times that do not increase
XdmfLayout read_xdmf_layout(const std::filesystem::path& path);
/// The mesh of a grid; `dim` as mesh_from_grid takes it. \throw InputError
MeshRows read_xdmf_mesh(const XdmfLayout& layout, std::size_t grid, std::optional<int> dim = {});
/// Whether all points of a grid have z = the first one's.
bool is_flat(const XdmfLayout::Grid& grid);
/// Values of an attribute: (1, rows of the file, components). \throw InputError: no whole number of components
HostTensor read_xdmf_attribute(const XdmfLayout::Attribute& attribute, const XdmfLayout& layout, std::size_t frame,
                               std::int64_t rows);

}  // namespace cotan

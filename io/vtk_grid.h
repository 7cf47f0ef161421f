#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// The arrays of a VTK unstructured grid, as VTU and VTKHDF files hold them. Nothing is checked yet.
struct VtkGrid {
  std::vector<double> points;              ///< (num_points, 3) [m]
  std::vector<std::uint8_t> types;         ///< (num_cells), VTK's numbers
  std::vector<std::int64_t> offsets;       ///< (num_cells + 1), from 0
  std::vector<std::int64_t> connectivity;  ///< (offsets.back())
};

/// A mesh's raw data from a grid, all its points, and which of the grid's rows its cells are.
struct GridMesh {
  MeshData data;
  std::vector<Index> cell_rows;  ///< (mesh cells): those of the highest dimension
};

/// Cells of one dimension less than the highest become the facet set "sides" (or "physical_N" by `tags`, (num_cells),
/// where given); those of two less the point set "ridges". Lagrange cells of degree 1 and 2 become the plain ones.
/// Nothing is mended yet: a file's sets count its own points, cells and sides, and are read before mend_and_build.
/// \param dim geometric dimension; without: 2 where all z are equal, 1 where all y are too and the cells are lines
/// \throw InputError, its text to go behind the file's name: offsets, indices and types that cannot be
GridMesh mesh_from_grid(const VtkGrid& grid, std::optional<int> dim = {}, std::span<const std::int64_t> tags = {});

/// Number of each of the file's rows among those picked, -1 for those that are left out: (size).
std::vector<Index> inverse_rows(std::span<const Index> rows, std::size_t size);

/// The other way round: points with z (and y) = 0, VTK's numbers.
VtkGrid grid_from_mesh(const Mesh& mesh);

/// Rows of `table` (rows, components) picked: (rows.size(), components).
template <class T>
std::vector<T> pick_rows(std::span<const T> table, std::span<const Index> rows, std::size_t components) {
  std::vector<T> out;
  out.reserve(rows.size() * components);
  for (const Index row : rows) {
    const auto from = table.subspan(row * components, components);
    out.insert(out.end(), from.begin(), from.end());
  }
  return out;
}

}  // namespace cotan

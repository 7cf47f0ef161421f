#include "io/vtk_grid.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

#include "core/check.h"

namespace cotan {
namespace {

struct TypeName {
  int vtk;
  std::string_view name;
};
// What VTK has and cotan does not, by VTK's names.
constexpr std::array<TypeName, 15> kOtherTypes = {{{0, "empty cell"},
                                                   {2, "poly-vertex"},
                                                   {4, "poly-line"},
                                                   {6, "triangle strip"},
                                                   {7, "polygon"},
                                                   {8, "pixel"},
                                                   {11, "voxel"},
                                                   {15, "pentagonal prism"},
                                                   {16, "hexagonal prism"},
                                                   {32, "biquadratic quadratic wedge"},
                                                   {33, "biquadratic quadratic hexahedron"},
                                                   {34, "biquadratic triangle"},
                                                   {37, "triquadratic pyramid"},
                                                   {41, "convex point set"},
                                                   {42, "polyhedron"}}};

// Lagrange types 68 to 74, which say no degree, by their number of nodes.
struct LagrangeType {
  int vtk, nodes;
  CellType type;
};
constexpr std::array<LagrangeType, 12> kLagrange = {{{68, 2, CellType::line},
                                                     {68, 3, CellType::line3},
                                                     {69, 3, CellType::triangle},
                                                     {69, 6, CellType::triangle6},
                                                     {70, 4, CellType::quad},
                                                     {70, 9, CellType::quad9},
                                                     {71, 4, CellType::tetra},
                                                     {71, 10, CellType::tetra10},
                                                     {72, 8, CellType::hexa},
                                                     {72, 27, CellType::hexa27},
                                                     {73, 6, CellType::wedge},
                                                     {74, 5, CellType::pyramid}}};

CellType cell_type(int vtk, std::int64_t nodes, std::size_t cell) {
  if (vtk >= 68 && vtk <= 74) {
    for (const auto& row : kLagrange) {
      if (row.vtk == vtk && row.nodes == nodes) return row.type;
    }
    throw InputError("cell " + std::to_string(cell) + ": Lagrange type " + std::to_string(vtk) + " with " +
                     std::to_string(nodes) +
                     " nodes; degrees 1 and 2 can be read, of wedges and pyramids degree 1 alone");
  }
  const auto type = cell_type_from_vtk(vtk);
  if (!type) {
    const auto known = std::find_if(kOtherTypes.begin(), kOtherTypes.end(), [&](auto& row) { return row.vtk == vtk; });
    const std::string name = known == kOtherTypes.end() ? "unknown" : std::string(known->name);
    throw InputError("cell " + std::to_string(cell) + ": VTK type " + std::to_string(vtk) + " (" + name +
                     ") cannot be read; cells of points, lines, triangles, quads, tetrahedra, pyramids, wedges and "
                     "hexahedra can");
  }
  COTAN_REQUIRE(shape(*type).num_nodes == nodes, "cell " << cell << ": " << shape(*type).name << " with " << nodes
                                                         << " nodes, expected " << shape(*type).num_nodes);
  return *type;
}

std::vector<CellType> check_cells(const VtkGrid& grid) {
  const auto num_points = static_cast<std::int64_t>(grid.points.size() / 3);
  const std::size_t num_cells = grid.types.size();
  COTAN_REQUIRE(num_points > 0 && num_cells > 0, num_points << " points and " << num_cells << " cells: no mesh");
  COTAN_REQUIRE(num_points < std::numeric_limits<Index>::max() && num_cells < std::numeric_limits<Index>::max(),
                num_points << " points and " << num_cells << " cells; at most " << std::numeric_limits<Index>::max());
  COTAN_REQUIRE(grid.offsets.size() == num_cells + 1 && grid.offsets.front() == 0,
                "offsets: " << grid.offsets.size() << " entries, expected " << num_cells + 1 << " from 0");
  std::vector<CellType> types(num_cells);
  for (std::size_t c = 0; c < num_cells; ++c) {
    const std::int64_t begin = grid.offsets[c], end = grid.offsets[c + 1];
    COTAN_REQUIRE(begin <= end && end <= static_cast<std::int64_t>(grid.connectivity.size()),
                  "offsets: cell " << c << " goes from " << begin << " to " << end << " in a connectivity of "
                                   << grid.connectivity.size());
    types[c] = cell_type(grid.types[c], end - begin, c);
    for (std::int64_t i = begin; i < end; ++i) {
      COTAN_REQUIRE(grid.connectivity[i] >= 0 && grid.connectivity[i] < num_points,
                    "connectivity: cell " << c << " has point " << grid.connectivity[i] << " of " << num_points);
    }
  }
  return types;
}

int detect_dim(std::span<const double> points, int cell_dim) {
  std::array<bool, 3> flat = {true, true, true};
  for (std::size_t i = 0; i < points.size(); ++i) flat[i % 3] = flat[i % 3] && points[i] == points[i % 3];
  if (cell_dim <= 2 && flat[2]) return cell_dim == 1 && flat[1] ? 1 : 2;
  return 3;
}

std::vector<double> take_columns(std::span<const double> points, int dim) {
  std::vector<double> out;
  out.reserve(points.size() / 3 * dim);
  for (std::size_t i = 0; i < points.size(); i += 3) out.insert(out.end(), &points[i], &points[i] + dim);
  return out;
}

// Sorted corners of a side, -1 where there are fewer.
using SideKey = std::array<Index, 4>;
struct SideHash {
  std::size_t operator()(const SideKey& key) const {
    std::uint64_t h = 0;
    for (const Index i : key) h = (h ^ static_cast<std::uint32_t>(i)) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 32);
  }
};
SideKey side_key(std::span<const Index> corners) {
  SideKey key = {-1, -1, -1, -1};
  std::copy(corners.begin(), corners.end(), key.begin());
  std::sort(key.begin(), key.end());
  return key;
}

// Finds each lower cell as the side of the first cell that has it.
void add_facet_sets(const VtkGrid& grid, const std::vector<CellType>& types, const std::vector<Index>& lower,
                    std::span<const std::int64_t> tags, MeshData& data) {
  std::unordered_map<SideKey, std::vector<Index>, SideHash> wanted;  // side -> rows of the grid
  for (const Index row : lower) {
    std::array<Index, 4> corners{};
    const int count = shape(types[row]).num_corners;
    std::copy_n(grid.connectivity.begin() + grid.offsets[row], count, corners.begin());
    wanted[side_key(std::span(corners).first(count))].push_back(row);
  }
  for (Index c = 0; c < data.cells.size() && !wanted.empty(); ++c) {
    const auto facets = shape(data.types[c]).facets;
    for (std::size_t local = 0; local < facets.size(); ++local) {
      std::array<Index, 4> corners{};
      for (int i = 0; i < facets[local].num_corners; ++i) corners[i] = data.cells[c][facets[local].corners[i]];
      const auto found = wanted.find(side_key(std::span(corners).first(facets[local].num_corners)));
      if (found == wanted.end()) continue;
      for (const Index row : found->second) {
        const std::string name = tags.empty() ? "sides" : "physical_" + std::to_string(tags[row]);
        data.facet_sets[name].push_back({c, static_cast<int>(local)});
        if (!tags.empty() && std::in_range<int>(tags[row])) data.numbers[name] = static_cast<int>(tags[row]);
      }
      wanted.erase(found);
    }
  }
  COTAN_REQUIRE(wanted.empty(), "cell " << wanted.begin()->second.front() << " ("
                                        << shape(types[wanted.begin()->second.front()]).name
                                        << ") is no side of any cell of the higher dimension");
  for (auto& [name, facets] : data.facet_sets) {
    std::sort(facets.begin(), facets.end());
    facets.erase(std::unique(facets.begin(), facets.end()), facets.end());
  }
}

}  // namespace

GridMesh mesh_from_grid(const VtkGrid& grid, std::optional<int> dim, std::span<const std::int64_t> tags) {
  const std::vector<CellType> types = check_cells(grid);
  COTAN_REQUIRE(tags.empty() || tags.size() == types.size(), tags.size() << " tags for " << types.size() << " cells");
  int cell_dim = 0;
  for (const CellType type : types) cell_dim = std::max(cell_dim, shape(type).dim);
  GridMesh out;
  out.data.dim = dim ? *dim : detect_dim(grid.points, cell_dim);
  out.data.points = take_columns(grid.points, out.data.dim);
  std::vector<Index> sides, ridges;
  for (std::size_t c = 0; c < types.size(); ++c) {
    const std::vector<Index> nodes(grid.connectivity.begin() + grid.offsets[c],
                                   grid.connectivity.begin() + grid.offsets[c + 1]);
    if (shape(types[c]).dim == cell_dim) {
      out.data.types.push_back(types[c]);
      out.data.cells.push_row(nodes);
      out.cell_rows.push_back(static_cast<Index>(c));
    } else if (shape(types[c]).dim == cell_dim - 1) {
      sides.push_back(static_cast<Index>(c));
    } else {
      ridges.insert(ridges.end(), nodes.begin(), nodes.end());
    }
  }
  add_facet_sets(grid, types, sides, tags, out.data);
  if (!ridges.empty()) {
    std::sort(ridges.begin(), ridges.end());
    ridges.erase(std::unique(ridges.begin(), ridges.end()), ridges.end());
    out.data.point_sets["ridges"] = std::move(ridges);
  }
  return out;
}

std::vector<Index> inverse_rows(std::span<const Index> rows, std::size_t size) {
  std::vector<Index> out(size, -1);
  for (std::size_t i = 0; i < rows.size(); ++i) out[std::size_t(rows[i])] = static_cast<Index>(i);
  return out;
}

VtkGrid grid_from_mesh(const Mesh& mesh) {
  VtkGrid grid;
  grid.points.assign(std::size_t(mesh.num_points()) * 3, 0.0);
  for (Index i = 0; i < mesh.num_points(); ++i)
    std::copy_n(mesh.point(i).begin(), mesh.dim(), &grid.points[3 * std::size_t(i)]);
  grid.types.reserve(mesh.num_cells());
  for (const CellType type : mesh.types()) grid.types.push_back(static_cast<std::uint8_t>(shape(type).vtk));
  grid.offsets = mesh.cells().offsets;
  grid.connectivity.assign(mesh.cells().links.begin(), mesh.cells().links.end());
  return grid;
}

}  // namespace cotan

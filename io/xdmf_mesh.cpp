#include <algorithm>
#include <array>

#include "core/check.h"
#include "io/vtkhdf_layout.h"
#include "io/with_name.h"
#include "io/xdmf_layout.h"

namespace cotan {
namespace {

struct Topology {
  int number;  // in a mixed one
  std::string_view name;
  CellType type;
};
// Polyvertices, polylines and polygons say how many nodes an element has.
constexpr std::array<Topology, 16> kTopologies = {{{4, "triangle", CellType::triangle},
                                                   {5, "quadrilateral", CellType::quad},
                                                   {6, "tetrahedron", CellType::tetra},
                                                   {7, "pyramid", CellType::pyramid},
                                                   {8, "wedge", CellType::wedge},
                                                   {9, "hexahedron", CellType::hexa},
                                                   {34, "edge_3", CellType::line3},
                                                   {35, "quadrilateral_9", CellType::quad9},
                                                   {36, "triangle_6", CellType::triangle6},
                                                   {37, "quadrilateral_8", CellType::quad8},
                                                   {38, "tetrahedron_10", CellType::tetra10},
                                                   {39, "pyramid_13", CellType::pyramid13},
                                                   {40, "wedge_15", CellType::wedge15},
                                                   {48, "hexahedron_20", CellType::hexa20},
                                                   {50, "hexahedron_27", CellType::hexa27},
                                                   {-1, "tet_10", CellType::tetra10}}};

std::optional<CellType> counted_type(std::string_view kind, std::int64_t nodes) {
  if (kind == "polyvertex" && nodes == 1) return CellType::vertex;
  if (kind == "polyline" && nodes == 2) return CellType::line;
  if (kind == "polygon" && nodes == 3) return CellType::triangle;
  if (kind == "polygon" && nodes == 4) return CellType::quad;
  return std::nullopt;
}

void add_cell(VtkGrid& grid, CellType type, const std::vector<std::int64_t>& nodes, std::size_t first) {
  const auto from = nodes.begin() + static_cast<std::ptrdiff_t>(first);
  grid.types.push_back(static_cast<std::uint8_t>(shape(type).vtk));
  grid.connectivity.insert(grid.connectivity.end(), from, from + shape(type).num_nodes);
  grid.offsets.push_back(std::ssize(grid.connectivity));
}

// A number of its kind before each element; of those that need it, the number of nodes.
void add_mixed(const XdmfItem& item, VtkGrid& grid) {
  const auto numbers = read_xdmf_integers(item);
  constexpr std::array<std::string_view, 4> counted = {"", "polyvertex", "polyline", "polygon"};
  for (std::size_t at = 0; at < numbers.size();) {
    const std::int64_t kind = numbers[at++];
    std::optional<CellType> type;
    if (kind >= 1 && kind <= 3) {
      const std::int64_t nodes = at < numbers.size() ? numbers[at++] : 0;
      type = counted_type(counted[static_cast<std::size_t>(kind)], nodes);
    } else {
      const auto row =
          std::find_if(kTopologies.begin(), kTopologies.end(), [&](const auto& t) { return t.number == kind; });
      if (row != kTopologies.end() && kind > 0) type = row->type;
    }
    COTAN_REQUIRE(type, item.where << ": element " << grid.types.size() << " has topology number " << kind
                                   << ", which cannot be read (polygons of more than four nodes and polyhedra cannot)");
    COTAN_REQUIRE(static_cast<std::size_t>(shape(*type).num_nodes) <= numbers.size() - at,
                  item.where << ": ends within element " << grid.types.size());
    add_cell(grid, *type, numbers, at);
    at += static_cast<std::size_t>(shape(*type).num_nodes);
  }
}

void add_uniform(const XdmfLayout::Grid& from, VtkGrid& grid) {
  const auto row =
      std::find_if(kTopologies.begin(), kTopologies.end(), [&](const auto& t) { return t.name == from.topology; });
  std::optional<CellType> type = counted_type(from.topology, from.nodes > 0 ? from.nodes : from.cells.shape.back());
  if (row != kTopologies.end()) type = row->type;
  COTAN_REQUIRE(type, from.cells.where << ": topology '" << from.topology
                                       << "' cannot be read; unstructured cells of first and second order, alone or "
                                          "Mixed, can");
  const auto nodes = static_cast<std::size_t>(shape(*type).num_nodes);
  const auto numbers = read_xdmf_integers(from.cells);
  COTAN_REQUIRE(numbers.size() % nodes == 0,
                from.cells.where << ": " << numbers.size() << " numbers, but an element has " << nodes << " nodes");
  for (std::size_t at = 0; at < numbers.size(); at += nodes) add_cell(grid, *type, numbers, at);
}

std::vector<double> read_points(const XdmfLayout::Grid& grid) {
  std::vector<double> out;
  const auto& where = grid.points.front().where;
  if (grid.points.size() > 1) {  // an axis each
    for (std::size_t d = 0; d < grid.points.size(); ++d) {
      const auto axis = read_xdmf_doubles(grid.points[d]);
      out.resize(3 * axis.size(), 0);
      COTAN_REQUIRE(axis.size() == read_xdmf_doubles(grid.points.front()).size(),
                    where << ": axes of different lengths");
      for (std::size_t i = 0; i < axis.size(); ++i) out[3 * i + d] = axis[i];
    }
    return out;
  }
  const auto all = read_xdmf_doubles(grid.points.front());
  const std::size_t width = grid.geometry == "xy" ? 2 : 3;
  COTAN_REQUIRE(all.size() % width == 0, where << ": " << all.size() << " values, expected " << width << " a point");
  out.assign(all.size() / width * 3, 0);
  for (std::size_t i = 0; i < all.size(); ++i) out[i / width * 3 + i % width] = all[i];
  return out;
}

// Of a file of ours.
std::optional<int> companion_dim(const std::filesystem::path& path) {
  const auto lock = h5::hold();
  const auto dim = h5::integer_attribute(h5::open_file(path), "cotan", "dim");
  COTAN_REQUIRE(!dim || (dim->front() >= 1 && dim->front() <= 3),
                path.string() << ": cotan@dim: found " << dim->front() << ", expected 1 to 3");
  return dim ? std::optional(static_cast<int>(dim->front())) : std::nullopt;
}

}  // namespace

bool is_flat(const XdmfLayout::Grid& grid) {
  const auto points = read_points(grid);
  for (std::size_t i = 2; i < points.size(); i += 3) {
    if (points[i] != points[2]) return false;
  }
  return true;
}

MeshRows read_xdmf_mesh(const XdmfLayout& layout, std::size_t number, std::optional<int> dim) {
  const XdmfLayout::Grid& from = layout.grids.at(number);
  VtkGrid grid;
  grid.points = read_points(from);
  grid.offsets.push_back(0);
  from.topology == "mixed" ? add_mixed(from.cells, grid) : add_uniform(from, grid);
  if (!dim && !layout.companion.empty()) dim = companion_dim(layout.companion);
  return with_name(layout.path.string(), [&] {
    GridMesh mesh = mesh_from_grid(grid, dim);
    if (!layout.companion.empty()) read_sets(layout.companion, mesh.data);
    return mended_rows(std::move(mesh), grid.types.size());
  });
}

}  // namespace cotan

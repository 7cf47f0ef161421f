#include "io/grid_content.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/check.h"

namespace cotan {
namespace {

constexpr double kMostNumber = std::numeric_limits<int>::max();
constexpr std::string_view kSet = "set:", kFacets = "facets:", kNumber = "number:";

// A value that a file may keep as a floating-point number.
std::int64_t whole_number(double value, double most, std::string_view name) {
  COTAN_REQUIRE(std::abs(value) <= most && value == std::floor(value),
                "array '" << name << "': found " << value << ", expected whole numbers of at most " << most);
  return static_cast<std::int64_t>(value);
}

std::size_t tuples(const GridArray& array) {
  return array.values.size() / std::size_t(array.components);
}

void check_rows(const std::vector<GridArray>& arrays, std::size_t rows) {
  for (const GridArray& array : arrays) {
    COTAN_REQUIRE(array.components > 0 && array.values.size() == rows * std::size_t(array.components),
                  "array '" << array.name << "': " << array.values.size() << " values, expected " << rows << " x "
                            << array.components);
  }
}

// Numbers of the physical groups, where another program left them on the cells.
std::vector<std::int64_t> tags_of(const std::vector<GridArray>& cells) {
  std::vector<std::int64_t> tags;
  for (const char* name : {"gmsh:physical", "medit:ref", "CellEntityIds"}) {
    const auto array = std::find_if(cells.begin(), cells.end(), [&](const GridArray& a) { return a.name == name; });
    if (array == cells.end()) continue;
    COTAN_REQUIRE(array->components == 1, "array '" << name << "': " << array->components << " components, expected 1");
    for (const double value : array->values) tags.push_back(whole_number(value, kMostNumber, name));
    return tags;
  }
  return tags;
}

std::vector<Index> members(const GridArray& array, const std::vector<Index>& rows) {
  std::vector<Index> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (array.values[std::size_t(rows[i]) * array.components] != 0) out.push_back(static_cast<Index>(i));
  }
  return out;
}

void read_facets(const GridArray& array, const std::vector<Index>& new_cell, MeshData& data) {
  COTAN_REQUIRE(array.components == 2, "array '" << array.name << "': expected pairs (cell, side)");
  auto& facets = data.facet_sets[array.name.substr(kFacets.size())];
  for (std::size_t i = 0; i < tuples(array); ++i) {
    const double cell = array.values[2 * i], side = array.values[2 * i + 1];
    COTAN_REQUIRE(cell >= 0 && cell < double(new_cell.size()) && new_cell[std::size_t(cell)] >= 0,
                  "array '" << array.name << "': cell " << cell << " of " << new_cell.size());
    const Index row = new_cell[std::size_t(cell)];
    const CellShape& s = shape(data.types[std::size_t(row)]);
    COTAN_REQUIRE(side >= 0 && side < double(s.facets.size()),
                  "array '" << array.name << "': side " << side << " of a " << s.name);
    facets.push_back({row, static_cast<int>(side)});
  }
}

void read_rows(std::vector<GridArray>&& arrays, On on, const std::vector<Index>& rows, MeshContent& content) {
  for (GridArray& array : arrays) {
    if (array.name.starts_with(kSet)) {
      auto& sets = on == On::points ? content.mesh.point_sets : content.mesh.cell_sets;
      sets[array.name.substr(kSet.size())] = members(array, rows);
      continue;
    }
    const bool all = on == On::points || tuples(array) == rows.size();  // rows ascend: then they are all
    if (!all) array.values = pick_rows(std::span<const double>(array.values), rows, std::size_t(array.components));
    content.fields.push_back({{array.name, array.components, on, ""}, std::move(array.values)});
  }
}

// Tables of several tuples are no fields.
void read_whole(std::vector<GridArray>&& arrays, const std::vector<Index>& new_cell, MeshContent& content) {
  for (GridArray& array : arrays) {
    if (array.name.starts_with(kFacets)) {
      read_facets(array, new_cell, content.mesh);
    } else if (tuples(array) != 1) {
      continue;
    } else if (array.name.starts_with(kNumber)) {
      content.mesh.numbers[array.name.substr(kNumber.size())] =
          static_cast<int>(whole_number(array.values[0], kMostNumber, array.name));
    } else if (array.name == "TimeValue" || array.name == "TIME") {
      content.time = array.values[0];
    } else {
      content.fields.push_back({{array.name, array.components, On::whole, ""}, std::move(array.values)});
    }
  }
}

// The type of second order that a linear one with that many nodes stands for; 0 for none.
std::uint8_t second_order_of(std::uint8_t type, std::int64_t nodes) {
  constexpr std::array<std::array<std::int64_t, 3>, 5> known = {
      {{5, 6, 22}, {9, 8, 23}, {10, 10, 24}, {13, 15, 26}, {12, 20, 25}}};
  const auto row = std::find_if(known.begin(), known.end(), [&](auto& k) { return k[0] == type && k[1] == nodes; });
  return row == known.end() ? 0 : std::uint8_t((*row)[2]);
}

GridArray mask(const std::string& name, const std::vector<Index>& members, Index size) {
  GridArray array{std::string(kSet) + name, 1, std::vector<double>(std::size_t(size), 0.0)};
  for (const Index i : members) array.values[std::size_t(i)] = 1;
  return array;
}

}  // namespace

std::size_t name_plainly(VtkGrid& grid) {
  std::size_t renamed = 0;
  for (std::size_t c = 0; c < grid.types.size() && c + 1 < grid.offsets.size(); ++c) {
    const std::int64_t begin = grid.offsets[c], end = grid.offsets[c + 1];
    if (begin < 0 || end < begin || end > std::ssize(grid.connectivity)) return renamed;  // refused later, by name
    const std::int64_t nodes = end - begin;
    std::int64_t* node = grid.connectivity.data() + begin;
    if (grid.types[c] == 8 && nodes == 4) {
      grid.types[c] = 9;
      std::swap(node[2], node[3]);
    } else if (grid.types[c] == 11 && nodes == 8) {
      grid.types[c] = 12;
      std::swap(node[2], node[3]);
      std::swap(node[6], node[7]);
    } else if (const auto second = second_order_of(grid.types[c], nodes)) {
      grid.types[c] = second;
      ++renamed;
    } else if (grid.types[c] == 7 && (nodes == 3 || nodes == 4)) {
      grid.types[c] = nodes == 3 ? 5 : 9;
    } else if (grid.types[c] == 4 && nodes == 2) {
      grid.types[c] = 3;
    } else if (grid.types[c] == 2 && nodes == 1) {
      grid.types[c] = 1;
    }
  }
  return renamed;
}

MeshContent content_from_grid(GridContent&& in) {
  check_rows(in.points, in.grid.points.size() / 3);
  check_rows(in.cells, in.grid.types.size());
  for (const GridArray& array : in.whole)
    COTAN_REQUIRE(array.components > 0, "array '" << array.name << "': no components");
  const std::vector<std::int64_t> tags = tags_of(in.cells);
  const std::size_t num_points = in.grid.points.size() / 3, num_cells = in.grid.types.size();
  const std::size_t renamed = name_plainly(in.grid);
  GridMesh mesh = mesh_from_grid(in.grid, {}, tags);
  in.grid = {};
  MeshContent content;
  content.mesh = std::move(mesh.data);
  if (renamed > 0) {
    content.notes.push_back(std::to_string(renamed) +
                            " cells of a linear type with the nodes of second order taken as cells of second order");
  }
  std::vector<Index> point_rows(num_points);
  std::iota(point_rows.begin(), point_rows.end(), 0);
  read_rows(std::move(in.points), On::points, point_rows, content);
  read_rows(std::move(in.cells), On::cells, mesh.cell_rows, content);
  read_whole(std::move(in.whole), inverse_rows(mesh.cell_rows, num_cells), content);
  return content;
}

GridContent grid_from_snapshot(const Snapshot& snapshot) {
  const Mesh& mesh = snapshot.mesh;
  const MeshData& data = mesh.data();
  GridContent out{grid_from_mesh(mesh)};
  for (const auto& [name, points] : data.point_sets) out.points.push_back(mask(name, points, mesh.num_points()));
  for (const auto& [name, cells] : data.cell_sets) out.cells.push_back(mask(name, cells, mesh.num_cells()));
  for (const auto& [name, facets] : data.facet_sets) {
    GridArray table{std::string(kFacets) + name, 2};
    for (const Facet& facet : facets)
      table.values.insert(table.values.end(), {double(facet.cell), double(facet.local)});
    out.whole.push_back(std::move(table));
  }
  for (const auto& [name, number] : data.numbers)
    out.whole.push_back({std::string(kNumber) + name, 1, {double(number)}});
  for (const HostField& field : snapshot.fields) {
    const auto& [name, components, on, unit] = field.spec;
    if (on == On::dofs) throw Error("field " + name + ": VTK has no degrees of freedom");
    const std::int64_t rows = on == On::points ? mesh.num_points() : on == On::cells ? mesh.num_cells() : 1;
    check_shape(std::array{std::int64_t(field.values.size())}, {rows * components}, name);
    auto& arrays = on == On::points ? out.points : on == On::cells ? out.cells : out.whole;
    arrays.push_back({name, components, field.values});
  }
  out.whole.push_back({"TimeValue", 1, {snapshot.time}});
  return out;
}

}  // namespace cotan

#include <algorithm>
#include <array>
#include <limits>

#include "core/check.h"
#include "io/exodus_layout.h"
#include "io/with_name.h"

namespace cotan {
namespace {

using Layout = ExodusLayout;

void read_points(const Layout& layout, VtkGrid& grid) {
  const ArrayFile& file = *layout.file;
  const auto count = static_cast<std::size_t>(layout.num_points);
  grid.points.assign(3 * count, 0);
  const bool together = file.find("coord");
  std::vector<double> axis(count);
  constexpr std::array names = {"coordx", "coordy", "coordz"};
  for (std::int64_t d = 0; d < layout.dim; ++d) {
    file.read_rows(together ? "coord" : names[d], together ? d : 0, together ? 1 : layout.num_points, DType::f64,
                   axis.data());
    for (std::size_t i = 0; i < count; ++i) grid.points[3 * i + static_cast<std::size_t>(d)] = axis[i];
  }
}

VtkGrid read_grid(const Layout& layout) {
  VtkGrid grid;
  read_points(layout, grid);
  grid.offsets.push_back(0);
  for (const auto& block : layout.blocks) {
    if (block.count == 0) continue;
    const auto nodes = layout.file->read_integers(block.variable);
    const auto width = static_cast<std::size_t>(shape(block.element.type).num_nodes);
    for (std::size_t e = 0; e < static_cast<std::size_t>(block.count); ++e) {
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t place = block.element.order.empty() ? i : static_cast<std::size_t>(block.element.order[i]);
        const std::int64_t node = nodes[e * width + place];
        COTAN_REQUIRE(node >= 1 && node <= layout.num_points, layout.file->name()
                                                                  << ": variable " << block.variable << ": node "
                                                                  << node << " of " << layout.num_points);
        grid.connectivity.push_back(node - 1);
      }
      grid.types.push_back(static_cast<std::uint8_t>(shape(block.element.type).vtk));
      grid.offsets.push_back(std::ssize(grid.connectivity));
    }
  }
  return grid;
}

/// The sets of one kind: their names and numbers.
struct SetNames {
  std::vector<std::string> names;
  std::vector<std::int64_t> numbers;
};

SetNames read_set_names(const ArrayFile& file, const std::string& kind) {
  SetNames out;
  if (file.find(kind + "_prop1")) out.numbers = file.read_integers(kind + "_prop1");
  if (file.find(kind + "_names")) out.names = file.read_texts(kind + "_names");
  out.names.resize(out.numbers.size());
  for (std::size_t i = 0; i < out.names.size(); ++i) {
    if (out.names[i].empty()) out.names[i] = "physical_" + std::to_string(out.numbers[i]);
  }
  return out;
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

void keep_number(const std::string& name, std::int64_t number, MeshData& data) {
  if (number >= 0 && number <= std::numeric_limits<int>::max()) data.numbers.emplace(name, static_cast<int>(number));
}

void read_node_sets(const Layout& layout, MeshData& data) {
  const ArrayFile& file = *layout.file;
  const SetNames sets = read_set_names(file, "ns");
  for (std::size_t s = 0; s < sets.names.size(); ++s) {
    const std::string variable = "node_ns" + std::to_string(s + 1);
    if (!file.find(variable)) continue;  // empty
    auto& points = data.point_sets[sets.names[s]];
    for (const std::int64_t node : file.read_integers(variable)) {
      COTAN_REQUIRE(node >= 1 && node <= layout.num_points,
                    file.name() << ": variable " << variable << ": node " << node << " of " << layout.num_points);
      points.push_back(static_cast<Index>(node - 1));
    }
    sort_unique(points);
    keep_number(sets.names[s], sets.numbers[s], data);
  }
}

void add_cell_sets(const Layout& layout, const std::vector<Index>& cell_of, MeshData& data) {
  for (const auto& block : layout.blocks) {
    std::vector<Index> cells;
    for (std::int64_t e = block.first; e < block.first + block.count; ++e) {
      if (cell_of[static_cast<std::size_t>(e)] >= 0) cells.push_back(cell_of[static_cast<std::size_t>(e)]);
    }
    if (cells.empty()) continue;
    auto& set = data.cell_sets[block.name];
    set.insert(set.end(), cells.begin(), cells.end());
    sort_unique(set);
    keep_number(block.name, block.number, data);
  }
}

// A block of lower dimension is a set of sides of the others.
void name_lower_blocks(const Layout& layout, MeshData& data) {
  for (const auto& block : layout.blocks) {
    const std::string numbered = "physical_" + std::to_string(block.number);
    if (block.name == numbered || !data.facet_sets.count(numbered)) continue;
    auto sides = data.facet_sets.extract(numbered);
    sides.key() = block.name;
    data.facet_sets.insert(std::move(sides));
    data.numbers.erase(numbered);
    keep_number(block.name, block.number, data);
  }
}

/// Finds the sides of elements as sides of cells.
class SideFinder {
 public:
  SideFinder(const Layout& layout, const VtkGrid& grid, const std::vector<Index>& cell_of, const MeshData& data)
      : layout_(layout), grid_(grid), cell_of_(cell_of), data_(data) {}

  /// \param element, side as in the file, from 1. A side that is a whole cell (of a shell) goes to `cells`.
  void add(const std::string& where, std::int64_t element, std::int64_t side, std::vector<Facet>& facets,
           std::vector<Index>& cells) const {
    COTAN_REQUIRE(element >= 1 && element <= layout_.num_elements,
                  where << ": element " << element << " of " << layout_.num_elements);
    const auto block = std::partition_point(layout_.blocks.begin(), layout_.blocks.end(),
                                            [&](const auto& b) { return b.first + b.count < element; });
    const auto& sides = block->element.sides;
    COTAN_REQUIRE(side >= 1 && side <= std::ssize(sides),
                  where << ": side " << side << " of element " << element << ", which has " << sides.size());
    const Index cell = cell_of_[static_cast<std::size_t>(element - 1)];
    if (cell < 0) return;  // of an element of lower dimension, which is a side itself
    const ExodusSide& wanted = sides[static_cast<std::size_t>(side - 1)];
    if (wanted.num_corners == 0) return cells.push_back(cell);
    std::vector<std::int64_t> corners;
    for (int i = 0; i < wanted.num_corners; ++i)
      corners.push_back(grid_.connectivity[grid_.offsets[element - 1] + wanted.corners[i]]);
    facets.push_back({cell, local_facet(cell, corners)});
  }

 private:
  int local_facet(Index cell, std::vector<std::int64_t> corners) const {
    std::sort(corners.begin(), corners.end());
    const auto facets = shape(data_.types[cell]).facets;
    for (std::size_t local = 0; local < facets.size(); ++local) {
      std::vector<std::int64_t> found;
      for (int i = 0; i < facets[local].num_corners; ++i) found.push_back(data_.cells[cell][facets[local].corners[i]]);
      std::sort(found.begin(), found.end());
      if (found == corners) return static_cast<int>(local);
    }
    throw Error("an Exodus side has corners that no side of its cell has");
  }

  const Layout& layout_;
  const VtkGrid& grid_;
  const std::vector<Index>& cell_of_;
  const MeshData& data_;
};

void read_side_sets(const Layout& layout, const VtkGrid& grid, const std::vector<Index>& cell_of, MeshData& data) {
  const ArrayFile& file = *layout.file;
  const SetNames sets = read_set_names(file, "ss");
  const SideFinder finder(layout, grid, cell_of, data);
  for (std::size_t s = 0; s < sets.names.size(); ++s) {
    const std::string number = std::to_string(s + 1), variable = "elem_ss" + number;
    if (!file.find(variable)) continue;  // empty
    const auto elements = file.read_integers(variable), sides = file.read_integers("side_ss" + number);
    COTAN_REQUIRE(elements.size() == sides.size(), file.name() << ": variable " << variable << ": " << elements.size()
                                                               << " elements, but " << sides.size() << " sides");
    std::vector<Facet> facets;
    std::vector<Index> cells;
    for (std::size_t i = 0; i < elements.size(); ++i)
      finder.add(file.name() + ": side set " + sets.names[s], elements[i], sides[i], facets, cells);
    if (!facets.empty()) {
      auto& set = data.facet_sets[sets.names[s]];
      set.insert(set.end(), facets.begin(), facets.end());
      sort_unique(set);
    }
    if (!cells.empty()) {
      auto& set = data.cell_sets[sets.names[s]];
      set.insert(set.end(), cells.begin(), cells.end());
      sort_unique(set);
    }
    keep_number(sets.names[s], sets.numbers[s], data);
  }
}

}  // namespace

MeshRows read_exodus_mesh(const ExodusLayout& layout) {
  const std::string& name = layout.file->name();
  const VtkGrid grid = read_grid(layout);
  std::vector<std::int64_t> tags;
  for (const auto& block : layout.blocks) tags.insert(tags.end(), static_cast<std::size_t>(block.count), block.number);
  return with_name(name, [&] {
    GridMesh mesh =
        mesh_from_grid(grid, layout.dim == 3 ? std::nullopt : std::optional(static_cast<int>(layout.dim)), tags);
    const std::vector<Index> cell_of = inverse_rows(mesh.cell_rows, grid.types.size());
    name_lower_blocks(layout, mesh.data);
    add_cell_sets(layout, cell_of, mesh.data);
    read_node_sets(layout, mesh.data);
    read_side_sets(layout, grid, cell_of, mesh.data);
    return mended_rows(std::move(mesh), grid.types.size());
  });
}

}  // namespace cotan

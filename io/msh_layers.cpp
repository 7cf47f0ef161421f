#include "io/msh_layers.h"

#include <algorithm>

#include "core/check.h"
#include "io/msh_types.h"

namespace cotan::msh {

template <class Sets>
void Groups::enter(int dim, const Sets& sets) {
  const auto take = [&](const std::string& name, int number) {
    if (number < 1 || numbers_.contains({dim, name}) || !names_.try_emplace({dim, number}, name).second) return;
    numbers_[{dim, name}] = number;
  };
  for (const auto& [name, set] : sets) {
    const auto own = mesh_.numbers.find(name);
    if (own != mesh_.numbers.end()) take(name, own->second);
  }
  for (const auto& [name, set] : sets) {  // a reader tells sets of one name apart by their numbers
    for (int d = 0; d < dim; ++d) {
      const auto lower = numbers_.find({d, name});
      if (lower != numbers_.end()) take(name, lower->second);
    }
  }
  int unused = 1;
  for (const auto& [name, set] : sets) {
    if (numbers_.contains({dim, name})) continue;
    while (names_.contains({dim, unused})) ++unused;
    names_[{dim, unused}] = name;
    numbers_[{dim, name}] = unused;
  }
}

namespace {

// All cells: sets split the entities one after the other, so that no list a cell is kept.
Layer cell_layer(const Mesh& mesh, const Groups& groups) {
  Layer layer{.dim = mesh.cell_dim(), .is_cells = true, .entities = {{}}};
  layer.entity.assign(std::size_t(mesh.num_cells()), 0);
  for (const auto& [name, set] : mesh.data().cell_sets) {
    std::map<int, int> split;
    for (const Index c : set) {
      int& entity = layer.entity[std::size_t(c)];
      const auto [at, is_new] = split.try_emplace(entity, int(layer.entities.size()));
      if (is_new) {
        layer.entities.push_back(layer.entities[std::size_t(entity)]);
        layer.entities.back().push_back(groups.number(layer.dim, name));
      }
      entity = at->second;
    }
  }
  for (const CellType type : mesh.types()) layer.gmsh_type.push_back(shape(type).gmsh);
  return layer;
}

// The things of sets, each once, entity by entity (their order says nothing, and readers like few blocks): f(thing)
// adds its type and nodes.
template <class T, class F>
Layer set_layer(int dim, const std::map<std::string, std::vector<T>>& sets, const Groups& groups, F f) {
  std::vector<std::pair<T, int>> members;
  for (const auto& [name, set] : sets) {
    for (const T& thing : set) members.emplace_back(thing, groups.number(dim, name));
  }
  std::sort(members.begin(), members.end());
  Layer layer{.dim = dim};
  std::map<Numbers, int> ids;
  std::vector<std::pair<int, T>> placed;
  for (std::size_t k = 0; k < members.size();) {
    const T thing = members[k].first;
    Numbers numbers;
    for (; k < members.size() && members[k].first == thing; ++k) numbers.push_back(members[k].second);
    const auto [id, is_new] = ids.try_emplace(numbers, int(layer.entities.size()));
    if (is_new) layer.entities.push_back(numbers);
    placed.emplace_back(id->second, thing);
  }
  std::sort(placed.begin(), placed.end());
  for (const auto& [entity, thing] : placed) {
    layer.entity.push_back(entity);
    f(thing, layer);
  }
  return layer;
}

// Gmsh's element of a side by its nodes: quad and 8 nodes are its quad8.
int side_type(CellType linear, std::size_t num_nodes) {
  for (int t = 0; t < kNumCellTypes; ++t) {
    const auto& kind = shape(CellType(t));
    if (kind.linear == linear && std::size_t(kind.num_nodes) == num_nodes) return kind.gmsh;
  }
  throw Error("no element for a side of " + std::to_string(num_nodes) + " nodes");
}

}  // namespace

std::vector<Layer> layers_of(const Mesh& mesh, Groups& groups) {
  const MeshData& data = mesh.data();
  const int dim = mesh.cell_dim();
  groups.enter(0, data.point_sets);
  groups.enter(dim - 1, data.facet_sets);
  groups.enter(dim, data.cell_sets);
  std::vector<Layer> layers;
  layers.push_back(set_layer(0, data.point_sets, groups, [](Index point, Layer& layer) {
    layer.gmsh_type.push_back(shape(CellType::vertex).gmsh);
    layer.nodes.push_back(point);
  }));
  layers.push_back(set_layer(dim - 1, data.facet_sets, groups, [&](Facet facet, Layer& layer) {
    const auto nodes = facet_nodes(mesh, facet);  // lines and faces: the same order in VTK and Gmsh
    const auto linear = shape(mesh.type(facet.cell)).facets[std::size_t(facet.local)].linear;
    layer.gmsh_type.push_back(side_type(linear, nodes.size()));
    layer.nodes.insert(layer.nodes.end(), nodes.begin(), nodes.end());
  }));
  layers.push_back(cell_layer(mesh, groups));
  std::map<int, int> used;  // entities of each dimension
  for (Layer& layer : layers) {
    layer.first_tag = 1 + used[layer.dim];
    used[layer.dim] += int(layer.entities.size());
  }
  return layers;
}

std::size_t run_end(const Layer& layer, std::size_t first, bool same_entity) {
  std::size_t e = first;
  while (e < layer.size() && layer.gmsh_type[e] == layer.gmsh_type[first] &&
         (!same_entity || layer.entity[e] == layer.entity[first])) {
    ++e;
  }
  return e;
}

std::span<const Index> Nodes::next() {
  const std::size_t e = element_++;
  if (layer_.is_cells) {
    const auto cell = mesh_.cell(Index(e));
    const auto order = node_order(mesh_.type(Index(e)));
    if (order.empty()) return cell;
    turned_.resize(cell.size());
    for (std::size_t k = 0; k < cell.size(); ++k) turned_[k] = cell[std::size_t(order[k])];
    return turned_;
  }
  const auto count = std::size_t(shape(*cell_type_from_gmsh(layer_.gmsh_type[e])).num_nodes);
  at_ += count;
  return std::span(layer_.nodes).subspan(at_ - count, count);
}

}  // namespace cotan::msh

#include "mesh/ordering.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"

namespace cotan {
namespace {

void check_permutation(const Order& order, Index n) {
  COTAN_REQUIRE(order.size() == std::size_t(n), "an order of " << order.size() << " entries: expected " << n);
  std::vector<bool> seen(n, false);
  for (const Index old : order) {
    COTAN_REQUIRE(old >= 0 && old < n && !seen[old],
                  "an order names " << old << " twice or out of range: expected each of 0 to " << n - 1 << " once");
    seen[old] = true;
  }
}

// One component in Cuthill-McKee's order: breadth first, new neighbours of a node by degree, then number.
struct Levels {
  std::vector<Index> nodes;
  std::size_t last_begin = 0;  // of the last level
  Index depth = 0;
};

class LevelSearch {
 public:
  explicit LevelSearch(const Adjacency& graph) : graph_(graph), degree_(graph.size()), seen_in_(graph.size(), 0) {
    for (Index i = 0; i < graph.size(); ++i) degree_[i] = static_cast<Index>(graph[i].size());
  }

  Levels from(Index root) {
    ++round_;
    seen_in_[root] = round_;
    Levels levels{{root}, 0, 0};
    std::size_t end = 1;
    for (std::size_t i = 0; i < levels.nodes.size(); ++i) {
      if (i == end) {
        levels.last_begin = end;
        end = levels.nodes.size();
        ++levels.depth;
      }
      visit_neighbours(levels.nodes[i], levels.nodes);
    }
    return levels;
  }

  // The search from a node far from everything in its component, which makes levels narrow; \cite george1979
  Levels from_periphery(Index root) {
    for (Levels best = from(root);;) {
      Levels other = from(*std::min_element(best.nodes.begin() + std::ptrdiff_t(best.last_begin), best.nodes.end(),
                                            [&](Index a, Index b) { return by_degree(a, b); }));
      if (other.depth <= best.depth) return best;
      best = std::move(other);
    }
  }

  bool by_degree(Index a, Index b) const { return degree_[a] != degree_[b] ? degree_[a] < degree_[b] : a < b; }

 private:
  void visit_neighbours(Index i, std::vector<Index>& nodes) {
    const auto first = std::ptrdiff_t(nodes.size());
    for (const Index j : graph_[i]) {
      if (seen_in_[j] == round_) continue;
      seen_in_[j] = round_;
      nodes.push_back(j);
    }
    std::sort(nodes.begin() + first, nodes.end(), [&](Index a, Index b) { return by_degree(a, b); });
  }

  const Adjacency& graph_;
  std::vector<Index> degree_, seen_in_;
  Index round_ = 0;
};

// Cells by their lowest point, stable: order[new] = old.
Order by_lowest_point(const Adjacency& cells, Index num_points) {
  std::vector<Index> begin(std::size_t(num_points) + 1, 0);
  const auto lowest = [&](Index c) { return *std::min_element(cells[c].begin(), cells[c].end()); };
  for (Index c = 0; c < cells.size(); ++c) ++begin[lowest(c) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  Order order(cells.size());
  for (Index c = 0; c < cells.size(); ++c) order[begin[lowest(c)]++] = c;
  return order;
}

}  // namespace

Order rcm_order(const Adjacency& graph) {
  LevelSearch search(graph);
  Order roots(graph.size());
  std::iota(roots.begin(), roots.end(), 0);
  std::sort(roots.begin(), roots.end(), [&](Index a, Index b) { return search.by_degree(a, b); });
  Order order;
  order.reserve(graph.size());
  std::vector<bool> done(graph.size(), false);
  for (const Index root : roots) {  // from nodes of low degree: they lie at the rim, often as far out as can be
    if (done[root]) continue;
    for (const Index j : search.from_periphery(root).nodes) {
      done[j] = true;
      order.push_back(j);
    }
  }
  std::reverse(order.begin(), order.end());
  return order;
}

Order inverse(const Order& order) {
  check_permutation(order, static_cast<Index>(order.size()));
  Order out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = static_cast<Index>(i);
  return out;
}

Mesh reordered(const Mesh& mesh, const Order& order, Order* cell_order) {
  check_permutation(order, mesh.num_points());
  const Order new_point = inverse(order);
  MeshData data;
  data.dim = mesh.dim();
  data.numbers = mesh.data().numbers;
  data.points = permuted(mesh.points(), order, mesh.dim());
  Adjacency renumbered = mesh.cells();
  for (Index& p : renumbered.links) p = new_point[p];

  Order cells = by_lowest_point(renumbered, mesh.num_points());
  const Order new_cell = inverse(cells);
  data.types = permuted(mesh.types(), cells, 1);
  data.cells.links.reserve(renumbered.links.size());
  data.cells.offsets.reserve(renumbered.offsets.size());
  for (const Index c : cells) data.cells.push_row(renumbered[c]);

  data.point_sets = mesh.data().point_sets;
  data.cell_sets = mesh.data().cell_sets;
  data.facet_sets = mesh.data().facet_sets;
  for (auto& [name, points] : data.point_sets) {
    for (Index& p : points) p = new_point[p];
  }
  for (auto& [name, tagged] : data.cell_sets) {
    for (Index& c : tagged) c = new_cell[c];
  }
  for (auto& [name, facets] : data.facet_sets) {
    for (Facet& facet : facets) facet.cell = new_cell[facet.cell];
  }
  if (cell_order) *cell_order = std::move(cells);
  return Mesh(std::move(data), {.geometry = false});  // as sound as it was
}

Index bandwidth(const Adjacency& graph) {
  Index widest = 0;
  for (Index i = 0; i < graph.size(); ++i) {
    for (const Index j : graph[i]) widest = std::max(widest, i > j ? i - j : j - i);
  }
  return widest;
}

}  // namespace cotan

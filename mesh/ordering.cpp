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

// Breadth-first search of one component that stops at nothing; nodes of a level by degree, then number.
class LevelSearch {
 public:
  explicit LevelSearch(const Adjacency& graph) : graph_(graph), seen_in_(graph.size(), 0) {}

  // The nodes in Cuthill-McKee order from `root`; depth() and the last level hold until the next call.
  const std::vector<Index>& from(Index root) {
    ++round_;
    depth_ = 0;
    nodes_ = {root};
    seen_in_[root] = round_;
    std::size_t end = 1;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (i == end) {
        level_begin_ = end;
        end = nodes_.size();
        ++depth_;
      }
      visit_neighbours(nodes_[i]);
    }
    if (depth_ == 0) level_begin_ = 0;
    return nodes_;
  }
  Index depth() const { return depth_; }
  Index degree(Index i) const { return static_cast<Index>(graph_[i].size()); }
  bool by_degree(Index a, Index b) const { return degree(a) != degree(b) ? degree(a) < degree(b) : a < b; }
  Index least_of_last_level() const {
    return *std::min_element(nodes_.begin() + std::ptrdiff_t(level_begin_), nodes_.end(),
                             [&](Index a, Index b) { return by_degree(a, b); });
  }

 private:
  void visit_neighbours(Index i) {
    const auto first = std::ptrdiff_t(nodes_.size());
    for (const Index j : graph_[i]) {
      if (seen_in_[j] == round_) continue;
      seen_in_[j] = round_;
      nodes_.push_back(j);
    }
    std::sort(nodes_.begin() + first, nodes_.end(), [&](Index a, Index b) { return by_degree(a, b); });
  }

  const Adjacency& graph_;
  std::vector<Index> seen_in_, nodes_;
  std::size_t level_begin_ = 0;
  Index round_ = 0, depth_ = 0;
};

// A node far from everything in its component: the start that makes levels narrow; \cite george1979
Index peripheral_node(LevelSearch& search, Index root) {
  search.from(root);
  for (Index depth = search.depth();; depth = search.depth()) {
    const Index candidate = search.least_of_last_level();
    search.from(candidate);
    if (search.depth() <= depth) return root;
    root = candidate;
  }
}

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
  Order order;
  order.reserve(graph.size());
  std::vector<bool> done(graph.size(), false);
  LevelSearch search(graph);
  for (Index i = 0; i < graph.size(); ++i) {
    if (done[i]) continue;
    const Index root = peripheral_node(search, i);
    for (const Index j : search.from(root)) {
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

#include "mesh/ordering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"
#include "core/random.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

Order shuffled(Index n, std::uint64_t seed) {
  Order order(n);
  std::iota(order.begin(), order.end(), 0);
  const Random random(seed, purpose::test);
  for (Index i = n - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1, i)]);
  return order;
}

bool is_permutation_of(const Order& order, Index n) {
  Order sorted = order;
  std::sort(sorted.begin(), sorted.end());
  Order identity(n);
  std::iota(identity.begin(), identity.end(), 0);
  return sorted == identity;
}

TEST(Orders, ArePermutationsUndoneByTheirInverse) {
  for (const auto& [name, mesh] : meshes::all()) {
    for (const Order& order : {hilbert_order(mesh), rcm_order(point_neighbours(mesh))}) {
      ASSERT_TRUE(is_permutation_of(order, mesh.num_points())) << name;
      const std::vector<double> there = permuted(mesh.points(), order, mesh.dim());
      const std::vector<double> back = permuted(std::span<const double>(there), inverse(order), mesh.dim());
      EXPECT_EQ(back, mesh.data().points) << name;
    }
  }
}

TEST(Orders, NarrowAShuffledMesh) {
  for (const Mesh& tidy : {rectangle(30, 30), box(9, 9, 9), sphere_surface(4)}) {
    const Mesh mesh = reordered(tidy, shuffled(tidy.num_points(), 1));
    const Adjacency graph = point_neighbours(mesh);
    const auto width = [&](const Order& order) { return bandwidth(point_neighbours(reordered(mesh, order))); };
    EXPECT_GT(bandwidth(graph), mesh.num_points() * 9 / 10);
    EXPECT_LT(width(rcm_order(graph)), bandwidth(graph) / 4);
    EXPECT_LE(width(rcm_order(graph)), 2 * bandwidth(point_neighbours(tidy)));
    // Hilbert's curve bounds the typical distance, not the largest
    const Adjacency ordered = point_neighbours(reordered(mesh, hilbert_order(mesh)));
    std::vector<Index> jumps, before;
    for (Index i = 0; i < ordered.size(); ++i) {
      for (const Index j : ordered[i]) jumps.push_back(std::abs(i - j));
      for (const Index j : graph[i]) before.push_back(std::abs(i - j));
    }
    const auto median = [](std::vector<Index>& v) {
      std::nth_element(v.begin(), v.begin() + std::ptrdiff_t(v.size() / 2), v.end());
      return v[v.size() / 2];
    };
    EXPECT_LT(10 * median(jumps), median(before));
  }
}

TEST(HilbertOrder, VisitsAGridStepByStep) {
  for (const int dim : {2, 3}) {  // on 2^n points a side, consecutive points are neighbours
    const Mesh mesh = dim == 2 ? rectangle(15, 15) : box(7, 7, 7);
    const double step = dim == 2 ? 1.0 / 15 : 1.0 / 7;
    const Order order = hilbert_order(mesh);
    for (std::size_t i = 1; i < order.size(); ++i) {
      double distance = 0;
      for (int k = 0; k < dim; ++k) distance += std::abs(mesh.point(order[i])[k] - mesh.point(order[i - 1])[k]);
      EXPECT_NEAR(distance, step, 1e-12) << i;
    }
  }
}

TEST(HilbertOrder, DependsOnPlacesOnly) {
  const Mesh mesh = jiggled(box(5, 5, 5), 0.3, 3);
  const Mesh other = reordered(mesh, shuffled(mesh.num_points(), 2));
  const auto along = [](const Mesh& m) { return permuted(m.points(), hilbert_order(m), 3); };
  EXPECT_EQ(along(mesh), along(other));
}

TEST(RcmOrder, NumbersAPathAlongItself) {
  const Mesh line = interval(50);
  const Mesh mesh = reordered(line, shuffled(line.num_points(), 3));
  EXPECT_EQ(bandwidth(point_neighbours(reordered(mesh, rcm_order(point_neighbours(mesh))))), 1);
}

TEST(RcmOrder, TakesEveryComponentAndIsolatedNodes) {
  Adjacency graph;  // 0 - 2, 1 alone, 3 - 4 - 5
  for (const std::vector<Index>& row : std::vector<std::vector<Index>>{{2}, {}, {0}, {4}, {3, 5}, {4}}) {
    graph.push_row(row);
  }
  EXPECT_TRUE(is_permutation_of(rcm_order(graph), 6));
  EXPECT_TRUE(rcm_order(Adjacency()).empty());
}

// Every entity keeps its geometry: sets by their points' coordinates, cells by their centres and volumes.
TEST(Reordered, CarriesSetsAndCells) {
  for (const auto& [name, plain] : meshes::all()) {
    MeshData data = plain.data();
    for (Index p = 0; p < plain.num_points(); p += 3) data.point_sets["thirds"].push_back(p);
    for (Index c = 0; c < plain.num_cells(); c += 2) data.cell_sets["even"].push_back(c);
    data.numbers["even"] = 7;
    const Mesh mesh(std::move(data), {.geometry = false});
    Order cell_order;
    const Order order = shuffled(mesh.num_points(), 4);
    const Mesh other = reordered(mesh, order, &cell_order);

    const auto places = [](const Mesh& m, const std::string& set) {
      std::vector<std::vector<double>> out;
      for (const Index p : m.points_of(set)) out.emplace_back(m.point(p).begin(), m.point(p).end());
      std::sort(out.begin(), out.end());
      return out;
    };
    ASSERT_EQ(other.set_names(), mesh.set_names());
    for (const std::string& set : mesh.set_names()) EXPECT_EQ(places(other, set), places(mesh, set)) << name << set;
    EXPECT_EQ(other.data().numbers, mesh.data().numbers);
    const auto volumes = cell_volumes(mesh), moved = cell_volumes(other);
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      EXPECT_EQ(moved[c], volumes[cell_order[c]]) << name;
      EXPECT_EQ(other.type(c), mesh.type(cell_order[c]));
    }
    for (const auto& [set, facets] : mesh.data().facet_sets) {
      std::vector<std::vector<Index>> before, after;
      for (const Facet& facet : facets) before.push_back(facet_nodes(mesh, facet));
      for (const Facet& facet : other.facets_of(set)) {
        after.push_back(facet_nodes(other, facet));
        for (Index& p : after.back()) p = order[p];
      }
      std::sort(before.begin(), before.end());
      std::sort(after.begin(), after.end());
      EXPECT_EQ(after, before) << name << set;
    }
  }
}

TEST(Reordered, IsUndoneExactly) {
  for (const auto& [name, mesh] : meshes::all()) {
    const Mesh tidy = reordered(mesh, hilbert_order(mesh));  // cells sorted by their lowest point
    const Order order = shuffled(tidy.num_points(), 5);
    Order cells;
    const Mesh back = reordered(reordered(tidy, order), inverse(order), &cells);
    EXPECT_EQ(back.data().points, tidy.data().points) << name;
    const auto sorted_cells = [](const Mesh& m) {
      std::vector<std::vector<Index>> rows;
      for (Index c = 0; c < m.num_cells(); ++c) rows.emplace_back(m.cell(c).begin(), m.cell(c).end());
      std::sort(rows.begin(), rows.end());
      return rows;
    };
    EXPECT_EQ(sorted_cells(back), sorted_cells(tidy)) << name;
  }
}

TEST(Reordered, SortsCellsByTheirLowestPoint) {
  const Mesh mesh = reordered(box(3, 3, 3), shuffled(64, 6));
  Index last = 0;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const Index lowest = *std::min_element(mesh.cell(c).begin(), mesh.cell(c).end());
    EXPECT_LE(last, lowest);
    last = lowest;
  }
}

TEST(Reordered, RefusesWhatIsNoPermutation) {
  const Mesh mesh = interval(2);
  EXPECT_THROW(reordered(mesh, {0, 1}), InputError);
  EXPECT_THROW(reordered(mesh, {0, 1, 1}), InputError);
  EXPECT_THROW(reordered(mesh, {0, 1, 3}), InputError);
}

}  // namespace
}  // namespace cotan

#include "mesh/partition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "build_config.h"
#include "core/check.h"

namespace cotan {
namespace {

using testing::HasSubstr;
using testing::Throws;

// nx by ny points, each joined to the next along x and y; `sheets` such grids with nothing between them.
Adjacency grid(int nx, int ny, int sheets = 1) {
  Adjacency graph;
  for (int s = 0; s < sheets; ++s) {
    for (int y = 0; y < ny; ++y) {
      for (int x = 0; x < nx; ++x) {
        const Index i = (s * ny + y) * nx + x;
        std::vector<Index> row;
        if (y > 0) row.push_back(i - nx);
        if (x > 0) row.push_back(i - 1);
        if (x + 1 < nx) row.push_back(i + 1);
        if (y + 1 < ny) row.push_back(i + nx);
        graph.push_row(row);
      }
    }
  }
  return graph;
}

// Owners that leave ranks 1 and 4 of seven without a node, and are scattered so that most nodes have remote links.
std::vector<int> scattered(Index n) {
  std::vector<int> owner(n);
  const int ranks[] = {0, 2, 3, 5, 6};
  for (Index i = 0; i < n; ++i) owner[i] = ranks[(i / 3 + i * i % 7) % 5];
  return owner;
}

// Distance in links from the nodes of `rank`, by relaxation until nothing changes: slow and plain.
std::vector<int> distance(const Adjacency& graph, const std::vector<int>& owner, int rank) {
  std::vector<int> d(graph.size());
  for (Index i = 0; i < graph.size(); ++i) d[i] = owner[i] == rank ? 0 : 1 << 20;
  for (bool changed = true; changed;) {
    changed = false;
    for (Index i = 0; i < graph.size(); ++i) {
      for (Index j : graph[i]) {
        if (d[j] + 1 < d[i]) d[i] = d[j] + 1, changed = true;
      }
    }
  }
  return d;
}

struct Case {
  const char* name;
  Adjacency graph;
  std::vector<int> owner;
  int ranks;
};

std::vector<Case> cases() {
  const Adjacency g = grid(9, 7), two = grid(4, 3, 2);
  return {{"blocks", g, block_partitioner()(g, 4), 4},
          {"scattered with empty ranks", g, scattered(g.size()), 7},
          {"two sheets", two, block_partitioner()(two, 3), 3},
          {"more ranks than nodes", grid(2, 2), block_partitioner()(grid(2, 2), 9), 9},
          {"one rank", g, std::vector<int>(g.size(), 0), 1}};
}

std::vector<GlobalIndex> in_global(const Part& part, const std::vector<Index>& list) {
  std::vector<GlobalIndex> out;
  for (Index i : list) out.push_back(part.global[i]);
  return out;
}

TEST(Partition, LocalNodesAreOwnedInteriorThenBoundaryThenRings) {
  for (const auto& c : cases()) {
    for (int layers : {0, 1, 2, 3}) {
      std::vector<int> times_owned(c.graph.size(), 0);
      for (int rank = 0; rank < c.ranks; ++rank) {
        SCOPED_TRACE(testing::Message() << c.name << ", rank " << rank << ", layers " << layers);
        const Part p = make_part(c.graph, c.owner, rank, layers);
        const auto d = distance(c.graph, c.owner, rank);
        const auto begin = p.global.begin();
        ASSERT_LE(p.num_interior, p.num_owned);
        EXPECT_TRUE(std::is_sorted(begin, begin + p.num_interior));
        EXPECT_TRUE(std::is_sorted(begin + p.num_interior, begin + p.num_owned));
        EXPECT_TRUE(std::is_sorted(begin + p.num_owned, p.global.end()));
        for (Index i = 0; i < p.num_owned; ++i) ++times_owned[p.global[i]];
        std::set<GlobalIndex> ghosts(begin + p.num_owned, p.global.end()), expected;
        for (Index i = 0; i < c.graph.size(); ++i) {
          if (d[i] >= 1 && d[i] <= layers) expected.insert(i);
        }
        EXPECT_EQ(ghosts, expected);
      }
      EXPECT_EQ(times_owned, std::vector<int>(c.graph.size(), 1)) << c.name;
    }
  }
}

TEST(Partition, WhatOneRankSendsTheOtherReceives) {
  for (const auto& c : cases()) {
    for (int layers : {1, 2, 3}) {
      std::vector<Part> parts;
      for (int rank = 0; rank < c.ranks; ++rank) parts.push_back(make_part(c.graph, c.owner, rank, layers));
      std::map<std::pair<int, int>, std::vector<GlobalIndex>> sent, received;
      for (int rank = 0; rank < c.ranks; ++rank) {
        const Part& p = parts[rank];
        std::set<Index> boundary;
        Index ghosts = 0;
        EXPECT_TRUE(std::is_sorted(p.halo.begin(), p.halo.end(), [](auto& a, auto& b) { return a.rank < b.rank; }));
        for (const HaloPeer& q : p.halo) {
          EXPECT_NE(q.rank, rank);
          sent[{rank, q.rank}] = in_global(p, q.send);
          received[{q.rank, rank}] = in_global(p, q.receive);
          boundary.insert(q.send.begin(), q.send.end());
          ghosts += static_cast<Index>(q.receive.size());
          for (Index i : q.send) EXPECT_LT(i, p.num_owned);
          for (Index i : q.receive) EXPECT_EQ(c.owner[p.global[i]], q.rank);
        }
        EXPECT_EQ(ghosts, p.num_local() - p.num_owned);
        EXPECT_EQ(static_cast<Index>(boundary.size()), p.num_owned - p.num_interior);
        EXPECT_TRUE(boundary.empty() || *boundary.begin() == p.num_interior);
      }
      EXPECT_EQ(sent, received) << c.name << ", layers " << layers;
    }
  }
}

TEST(Partition, ReportCountsWhatPartsHold) {
  for (const auto& c : cases()) {
    const auto r = report(c.graph, c.owner, c.ranks);
    std::int64_t cut = 0;
    for (Index i = 0; i < c.graph.size(); ++i) {
      for (Index j : c.graph[i]) cut += i < j && c.owner[i] != c.owner[j];
    }
    EXPECT_EQ(r.edge_cut, cut) << c.name;
    for (int rank = 0; rank < c.ranks; ++rank) {
      const Part p = make_part(c.graph, c.owner, rank, 1);
      EXPECT_EQ(r.owned[rank], p.num_owned) << c.name;
      EXPECT_EQ(r.ghosts[rank], p.num_local() - p.num_owned) << c.name;
    }
  }
  EXPECT_DOUBLE_EQ(report(grid(4, 1), std::vector<int>{0, 0, 0, 1}, 2).imbalance, 1.5);
}

TEST(Partition, WholeIsOnePart) {
  const Adjacency g = grid(5, 4);
  const Part a = whole_part(g.size()), b = make_part(g, std::vector<int>(g.size(), 0), 0, 2);
  EXPECT_EQ(a.global, b.global);
  EXPECT_EQ(a.num_interior, b.num_interior);
  EXPECT_EQ(a.num_owned, b.num_owned);
  EXPECT_TRUE(a.halo.empty() && b.halo.empty());
}

TEST(Partition, OwnersOfTheWrongLengthOrSignAreNamed) {
  const Adjacency g = grid(3, 2);
  EXPECT_THROW(make_part(g, std::vector<int>(5, 0), 0), Error);
  EXPECT_THAT(
      [&] {
        make_part(g, std::vector<int>{0, 0, -1, 0, 0, 0}, 0);
      },
      Throws<Error>(testing::Property(&Error::what, HasSubstr("node 2"))));
  EXPECT_THROW(report(g, std::vector<int>{0, 0, 3, 0, 0, 0}, 2), InputError);
  EXPECT_THROW(block_partitioner()(g, 0), InputError);
}

#if COTAN_HAS_METIS

TEST(Metis, BalancedAndCutsLessThanBlocks) {
  const Adjacency g = grid(60, 50);
  for (int parts : {2, 3, 7, 16}) {
    const auto owner = metis_partitioner()(g, parts);
    const auto r = report(g, owner, parts), blocks = report(g, block_partitioner()(g, parts), parts);
    EXPECT_LE(r.imbalance, 1.035) << parts;
    EXPECT_LE(r.edge_cut, blocks.edge_cut + blocks.edge_cut / 5) << parts;
    EXPECT_GT(*std::min_element(r.owned.begin(), r.owned.end()), 0) << parts;
    EXPECT_EQ(owner, metis_partitioner()(g, parts)) << "the same seed, the same partition";
  }
  EXPECT_LT(report(g, metis_partitioner()(g, 16), 16).edge_cut, report(g, block_partitioner()(g, 16), 16).edge_cut);
}

TEST(Metis, EveryNodeGetsAPartInOddCases) {
  Adjacency lonely;  // no links at all
  for (int i = 0; i < 5; ++i) lonely.push_row({});
  const std::pair<Adjacency, int> odd[] = {{grid(6, 5), 1}, {grid(5, 5, 3), 4}, {grid(2, 2), 9}, {grid(2, 2), 4},
                                           {lonely, 3},     {Adjacency{}, 3},   {grid(5, 1), 4}};
  for (const auto& [graph, parts] : odd) {
    const auto owner = metis_partitioner()(graph, parts);
    ASSERT_EQ(static_cast<Index>(owner.size()), graph.size());
    for (int o : owner) EXPECT_TRUE(o >= 0 && o < parts) << o << " of " << parts;
  }
}

TEST(Metis, BadRequestsAreInputErrors) {
  EXPECT_THROW(metis_partitioner()(grid(3, 3), 0), InputError);
  EXPECT_THROW(metis_partitioner({.imbalance = 0.5}), InputError);
}

#else

TEST(Metis, AbsentNamesTheOption) {
  EXPECT_THAT([] { metis_partitioner(); },
              Throws<InputError>(testing::Property(&Error::what, HasSubstr("COTAN_METIS"))));
}

#endif

}  // namespace
}  // namespace cotan

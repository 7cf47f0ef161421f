// Neighbours and boundaries, against the plain way: comparing every pair.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "mesh/mesh.h"
#include "mesh/ordering.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

std::set<Index> corner_set(const Mesh& mesh, Facet facet) {
  const auto corners = facet_corners(mesh, facet);
  return {corners.begin(), corners.end()};
}

std::map<std::set<Index>, std::vector<Facet>> sides_by_corners(const Mesh& mesh) {
  std::map<std::set<Index>, std::vector<Facet>> sides;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (int f = 0; f < static_cast<int>(shape(mesh.type(c)).facets.size()); ++f) {
      sides[corner_set(mesh, {c, f})].push_back({c, f});
    }
  }
  return sides;
}

TEST(BoundaryFacets, AreThoseOfOneCell) {
  for (const auto& [name, mesh] : meshes::all()) {
    std::vector<Facet> expected;
    for (const auto& [corners, sides] : sides_by_corners(mesh)) {
      if (sides.size() == 1) expected.push_back(sides[0]);
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(boundary_facets(mesh), expected) << name;
  }
}

TEST(BoundaryFacets, OfABoxAreCounted) {
  EXPECT_EQ(boundary_facets(box(2, 3, 4)).size(), 2 * 2 * (6 + 8 + 12));
  EXPECT_EQ(boundary_facets(box(2, 3, 4, {1, 1, 1}, CellType::hexa27)).size(), 2 * (6 + 8 + 12));
  EXPECT_EQ(boundary_facets(rectangle(5, 3)).size(), 16);
  EXPECT_EQ(boundary_facets(interval(9)).size(), 2);
  EXPECT_TRUE(boundary_facets(sphere_surface(1)).empty());
}

// The boundary has no boundary: its sides' area vectors sum to zero, and each of its edges is shared by two.
TEST(BoundaryFacets, AreClosed) {
  for (const auto& [name, mesh] : meshes::all()) {
    if (mesh.cell_dim() < mesh.dim()) continue;
    std::vector<double> sum(mesh.dim(), 0);
    std::map<std::pair<Index, Index>, int> edges;
    for (const Facet& facet : boundary_facets(mesh)) {
      const auto area = facet_area(mesh, facet);
      for (int k = 0; k < mesh.dim(); ++k) sum[k] += area[k];
      const auto corners = facet_corners(mesh, facet);
      for (std::size_t i = 0; i < corners.size() && mesh.dim() == 3; ++i) {
        ++edges[std::minmax(corners[i], corners[(i + 1) % corners.size()])];
      }
    }
    for (const double s : sum) EXPECT_NEAR(s, 0, 1e-13) << name;
    for (const auto& [edge, count] : edges) EXPECT_EQ(count, 2) << name;
  }
}

TEST(CellNeighbours, ShareTheFacetsCornersAndSeeEachOther) {
  for (const auto& [name, mesh] : meshes::all()) {
    const Adjacency neighbours = cell_neighbours(mesh);
    const auto sides = sides_by_corners(mesh);
    ASSERT_EQ(neighbours.size(), mesh.num_cells());
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      ASSERT_EQ(neighbours[c].size(), shape(mesh.type(c)).facets.size());
      for (int f = 0; f < static_cast<int>(neighbours[c].size()); ++f) {
        const auto& sharing = sides.at(corner_set(mesh, {c, f}));
        const Index expected = sharing.size() == 1 ? -1 : sharing[sharing[0].cell == c ? 1 : 0].cell;
        EXPECT_EQ(neighbours[c][f], expected) << name;
      }
    }
  }
}

TEST(CellNeighbours, GoRoundWhereThreeSheetsMeet) {
  MeshData data;
  data.dim = 3;
  data.points = {0, 0, 0, 0, 0, 1, 1, 0, 0, -1, 1, 0, -1, -1, 0};
  for (const Index tip : {2, 3, 4}) {
    data.types.push_back(CellType::triangle);
    data.cells.push_row(std::vector<Index>{0, 1, tip});
  }
  const Mesh mesh(std::move(data));
  const Adjacency neighbours = cell_neighbours(mesh);
  EXPECT_EQ(neighbours[0][0], 1);
  EXPECT_EQ(neighbours[1][0], 2);
  EXPECT_EQ(neighbours[2][0], 0);
  EXPECT_EQ(boundary_facets(mesh).size(), 6);
}

TEST(PointNeighbours, AreThoseAcrossACellEdge) {
  for (const auto& [name, mesh] : meshes::all()) {
    std::vector<std::set<Index>> expected(mesh.num_points());
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      for (const auto& [i, j] : shape(mesh.type(c)).edges) {
        expected[mesh.cell(c)[i]].insert(mesh.cell(c)[j]);
        expected[mesh.cell(c)[j]].insert(mesh.cell(c)[i]);
      }
    }
    const Adjacency neighbours = point_neighbours(mesh);
    ASSERT_EQ(neighbours.size(), mesh.num_points());
    for (Index p = 0; p < mesh.num_points(); ++p) {
      EXPECT_THAT(neighbours[p], ::testing::ElementsAreArray(expected[p])) << name;
    }
  }
}

TEST(CellsOfPoints, IsTheTransposeOfCells) {
  for (const auto& [name, mesh] : meshes::all()) {
    const Adjacency around = cells_of_points(mesh);
    ASSERT_EQ(around.links.size(), mesh.cells().links.size());
    for (Index p = 0; p < mesh.num_points(); ++p) {
      EXPECT_TRUE(std::is_sorted(around[p].begin(), around[p].end()));
      for (const Index c : around[p]) {
        EXPECT_EQ(std::count(mesh.cell(c).begin(), mesh.cell(c).end(), p), 1) << name;
      }
    }
  }
}

// No result depends on numbering: the boundary of a renumbered mesh is the renumbered boundary.
TEST(Topology, DoesNotDependOnNumbering) {
  for (const auto& [name, mesh] : meshes::all()) {
    const Order order = rcm_order(point_neighbours(mesh));
    const Mesh other = reordered(mesh, order);
    std::set<std::set<Index>> before, after;
    for (const Facet& facet : boundary_facets(mesh)) before.insert(corner_set(mesh, facet));
    for (const Facet& facet : boundary_facets(other)) {
      std::set<Index> corners;
      for (const Index p : facet_corners(other, facet)) corners.insert(order[p]);
      after.insert(corners);
    }
    EXPECT_EQ(before, after) << name;
  }
}

}  // namespace
}  // namespace cotan

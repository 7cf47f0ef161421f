#include "mesh/generate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/check.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

std::set<std::pair<Index, Index>> edges_of(const Mesh& mesh) {
  std::set<std::pair<Index, Index>> edges;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const auto& [i, j] : shape(mesh.type(c)).edges) edges.insert(std::minmax(mesh.cell(c)[i], mesh.cell(c)[j]));
  }
  return edges;
}

std::size_t corner_points(const Mesh& mesh) {
  std::set<Index> corners;
  for (Index c = 0; c < mesh.num_cells(); ++c) corners.insert(mesh.corners(c).begin(), mesh.corners(c).end());
  return corners.size();
}

std::size_t faces(const Mesh& mesh) {  // each inner one is shared by two cells
  std::size_t sides = 0;
  for (const CellType type : mesh.types()) sides += shape(type).facets.size();
  return (sides + boundary_facets(mesh).size()) / 2;
}

// Points minus edges plus faces minus solids.
int euler(const Mesh& mesh) {
  const int v = static_cast<int>(corner_points(mesh)), c = mesh.num_cells();
  const int e = static_cast<int>(edges_of(mesh).size());
  if (mesh.cell_dim() == 1) return v - c;
  return mesh.cell_dim() == 2 ? v - e + c : v - e + static_cast<int>(faces(mesh)) - c;
}

TEST(Generate, EulerCharacteristicIsThatOfTheShape) {
  for (const auto& family : {meshes::triangles(), meshes::tetrahedra(), meshes::mixed(), meshes::second_order()}) {
    for (const auto& [name, mesh] : family) EXPECT_EQ(euler(mesh), name == "annulus" ? 0 : 1) << name;
  }
  for (const auto& [name, mesh] : meshes::with_hole()) EXPECT_EQ(euler(mesh), 0) << name;
  for (int level = 0; level < 4; ++level) EXPECT_EQ(euler(sphere_surface(level)), 2);
  EXPECT_EQ(euler(saddle_surface(4)), 1);
}

TEST(Generate, CountsCells) {
  EXPECT_EQ(box(2, 3, 4).num_cells(), 6 * 24);
  EXPECT_EQ(box(2, 3, 4).num_points(), 3 * 4 * 5);
  EXPECT_EQ(box(2, 3, 4, {1, 1, 1}, CellType::pyramid).num_points(), 3 * 4 * 5 + 24);
  EXPECT_EQ(box(2, 3, 4, {1, 1, 1}, CellType::wedge).num_cells(), 2 * 24);
  EXPECT_EQ(box(2, 3, 4, {1, 1, 1}, CellType::tetra10).num_points(), 5 * 7 * 9);  // the grid of half the width
  EXPECT_EQ(box(2, 3, 4, {1, 1, 1}, CellType::hexa27).num_points(), 5 * 7 * 9);
  EXPECT_EQ(rectangle(3, 2, {1, 1}, CellType::quad8).num_points(), 7 * 5 - 6);
  EXPECT_EQ(sphere_surface(2).num_cells(), 20 * 16);
  EXPECT_EQ(mixed_rectangle(4, 3).num_cells(), 2 * 3 + 2 * 2 * 3);
}

TEST(Generate, NamesTheWholeBoundary) {
  const auto facets_in_sets = [](const Mesh& mesh) {
    std::vector<Facet> all;
    for (const auto& [name, facets] : mesh.data().facet_sets) all.insert(all.end(), facets.begin(), facets.end());
    std::sort(all.begin(), all.end());
    return all;
  };
  for (const Mesh& mesh : {rectangle(4, 3), box(2, 3, 2), annulus(9, 2), saddle_surface(3), interval(4),
                           mixed_rectangle(4, 2), box(2, 2, 2, {1, 1, 1}, CellType::pyramid13)}) {
    EXPECT_EQ(facets_in_sets(mesh), boundary_facets(mesh));
  }
  const Mesh mesh = box(2, 3, 4, {1, 2, 3});
  EXPECT_EQ(mesh.facets_of("left").size(), 2 * 3 * 4);
  EXPECT_EQ(mesh.facets_of("front").size(), 2 * 2 * 3);
  for (const Index p : mesh.points_of("front")) EXPECT_EQ(mesh.point(p)[2], 3);
  for (const Index p : mesh.points_of("bottom")) EXPECT_EQ(mesh.point(p)[1], 0);
  for (const Index p : annulus(9, 2).points_of("inner")) {
    EXPECT_NEAR(std::hypot(annulus(9, 2).point(p)[0], annulus(9, 2).point(p)[1]), 0.5, 1e-15);
  }
}

// No direction is preferred: as many diagonals rise as fall.
TEST(Generate, DiagonalsAlternate) {
  const Mesh mesh = rectangle(6, 4);
  int rising = 0, falling = 0;
  for (const auto& [a, b] : edges_of(mesh)) {
    const double dx = mesh.point(b)[0] - mesh.point(a)[0], dy = mesh.point(b)[1] - mesh.point(a)[1];
    if (std::abs(dx) > 1e-9 && std::abs(dy) > 1e-9) ++(dx * dy > 0 ? rising : falling);
  }
  EXPECT_EQ(rising, 12);
  EXPECT_EQ(falling, 12);
}

TEST(Generate, SurfacesLieWhereTheyShould) {
  const Mesh sphere = sphere_surface(3);
  for (Index p = 0; p < sphere.num_points(); ++p) {
    const auto x = sphere.point(p);
    EXPECT_NEAR(x[0] * x[0] + x[1] * x[1] + x[2] * x[2], 1, 1e-14);
  }
  EXPECT_TRUE(boundary_facets(sphere).empty());
  const Mesh saddle = saddle_surface(4);
  for (Index p = 0; p < saddle.num_points(); ++p)
    EXPECT_EQ(saddle.point(p)[2], saddle.point(p)[0] * saddle.point(p)[1]);
}

TEST(Jiggled, MovesInteriorPointsOnly) {
  const Mesh straight = box(4, 4, 4), moved = jiggled(straight, 0.4, 11);
  std::vector<bool> fixed(straight.num_points(), false);
  for (const Facet& facet : boundary_facets(straight)) {
    for (const Index p : facet_corners(straight, facet)) fixed[p] = true;
  }
  for (Index p = 0; p < straight.num_points(); ++p) {
    double distance = 0;
    for (int k = 0; k < 3; ++k) distance = std::hypot(distance, moved.point(p)[k] - straight.point(p)[k]);
    EXPECT_EQ(distance == 0, fixed[p]);
    EXPECT_LE(distance, 0.4 * 0.25 + 1e-15);
  }
}

TEST(Jiggled, FollowsItsSeed) {
  const Mesh mesh = rectangle(5, 5);
  const auto points = [&](std::uint64_t seed) { return jiggled(mesh, 0.3, seed).data().points; };
  EXPECT_EQ(points(1), points(1));
  EXPECT_NE(points(1), points(2));
  EXPECT_EQ(jiggled(mesh, 0, 1).data().points, mesh.data().points);
}

TEST(Jiggled, StaysSoundAtTheLargestShare) {
  using enum CellType;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (const Mesh& mesh : {rectangle(8, 8), rectangle(8, 8, {1, 1}, quad), box(4, 4, 4),
                             box(4, 4, 4, {1, 1, 1}, hexa), box(3, 3, 3, {1, 1, 1}, pyramid)}) {
      const auto shapes = cell_shapes(jiggled(mesh, 0.4, seed));  // Mesh itself refuses inverted cells
      EXPECT_GT(*std::min_element(shapes.begin(), shapes.end()), 0);
    }
  }
}

TEST(SecondOrder, MiddleNodesSitBetweenTheirCorners) {
  for (const auto& [name, mesh] : meshes::second_order()) {
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      const CellShape& s = shape(mesh.type(c));
      for (int i = s.num_corners; i < s.num_nodes; ++i) {
        for (int k = 0; k < mesh.dim(); ++k) {
          double mean = 0;
          int count = 0;
          for (int j = 0; j < s.num_corners; ++j) {
            if (s.supports[i] >> j & 1) mean += mesh.point(mesh.cell(c)[j])[k], ++count;
          }
          EXPECT_NEAR(mesh.point(mesh.cell(c)[i])[k], mean / count, 1e-15) << name;
        }
      }
    }
  }
}

TEST(Generate, RefusesWhatMakesNoMesh) {
  EXPECT_THROW(rectangle(0, 3), InputError);
  EXPECT_THROW(rectangle(2, 3, {1, -1}), InputError);
  EXPECT_THROW(rectangle(2, 3, {1, NAN}), InputError);
  EXPECT_THROW(rectangle(2, 3, {1, 1}, CellType::tetra), InputError);
  EXPECT_THROW(box(1, 1, 1, {1, 1, 1}, CellType::quad), InputError);
  EXPECT_THROW(annulus(8, 2, 1, 0.5), InputError);
  EXPECT_THROW(annulus(2, 2), InputError);
  EXPECT_THROW(jiggled(rectangle(2, 2), 0.5, 1), InputError);
  EXPECT_THROW(second_order(second_order(rectangle(2, 2))), InputError);
}

}  // namespace
}  // namespace cotan

#include "mesh/locate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/check.h"
#include "core/random.h"
#include "mesh/nearest_in_cell.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using Point = std::vector<double>;

Point combined(const Mesh& mesh, const Locator::Found& found) {
  Point x(mesh.dim(), 0);
  const auto corners = mesh.corners(found.cell);
  for (std::size_t i = 0; i < corners.size(); ++i) {
    for (int k = 0; k < mesh.dim(); ++k) x[k] += found.weights[i] * mesh.point(corners[i])[k];
  }
  return x;
}

double distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return std::sqrt(sum);
}

// A random mean of a cell's corners, which lies in it for every shape (convex, or by its own shape functions).
Point random_inside(const Mesh& mesh, Index c, const Random& random, std::uint64_t& draw) {
  const auto corners = mesh.corners(c);
  Point x(mesh.dim(), 0);
  double total = 0;
  std::vector<double> weights;
  for (std::size_t i = 0; i < corners.size(); ++i) total += weights.emplace_back(-std::log(1 - random.uniform(draw++)));
  for (std::size_t i = 0; i < corners.size(); ++i) {
    for (int k = 0; k < mesh.dim(); ++k) x[k] += weights[i] / total * mesh.point(corners[i])[k];
  }
  return x;
}

TEST(Locator, FindsPointsInsideWithWeightsThatReproduceThem) {
  for (const auto& [name, mesh] : meshes::all()) {
    if (name == "bent_quads") continue;  // means of corners lie off a bent quad
    const Locator locator(mesh);
    const Random random(1, purpose::test);
    std::uint64_t draw = 0;
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      const Point x = random_inside(mesh, c, random, draw);
      const auto found = locator.find(x);
      ASSERT_TRUE(found.inside) << name;
      ASSERT_EQ(found.weights.size(), mesh.corners(found.cell).size());
      double sum = 0;
      for (const double w : found.weights) {
        EXPECT_GE(w, -1e-9) << name;
        sum += w;
      }
      EXPECT_NEAR(sum, 1, 1e-12) << name;
      EXPECT_LT(distance(combined(mesh, found), x), 1e-11) << name;
      if (shape(mesh.type(c)).num_corners == mesh.cell_dim() + 1) {
        EXPECT_EQ(found.cell, c) << name;
      }
    }
  }
}

TEST(Locator, GivesACornerItsOwnWeight) {
  for (const auto& [name, mesh] : meshes::all()) {
    const Locator locator(mesh);
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      for (const Index p : mesh.corners(c)) {
        const auto found = locator.find(mesh.point(p));
        ASSERT_TRUE(found.inside) << name;
        const auto corners = mesh.corners(found.cell);
        for (std::size_t i = 0; i < corners.size(); ++i) {
          EXPECT_NEAR(found.weights[i], corners[i] == p ? 1 : 0, 1e-9) << name;
        }
        EXPECT_EQ(locator.nearest_point(mesh.point(p)), p) << name;
      }
    }
  }
}

// The oracle asks every cell.
TEST(Locator, AgreesWithASearchOverAllCells) {
  for (const auto& [name, mesh] : meshes::all()) {
    const Locator locator(mesh);
    const Random random(2, purpose::test);
    for (std::uint64_t i = 0; i < 60; ++i) {
      Point x(mesh.dim());
      for (int k = 0; k < mesh.dim(); ++k) x[k] = 4 * random.uniform(3 * i + k) - 1.5;
      double nearest = INFINITY;
      Index cell = -1;
      for (Index c = 0; c < mesh.num_cells(); ++c) {
        std::vector<Vec3> corners;
        for (const Index p : mesh.corners(c)) corners.push_back(point3(mesh.points(), mesh.dim(), p));
        Vec3 at{};
        std::copy(x.begin(), x.end(), at.begin());
        const double d = nearest_in_cell(shape(mesh.type(c)).linear, corners, at).squared_distance;
        if (d < nearest) nearest = d, cell = c;
      }
      EXPECT_EQ(locator.find(x).cell, cell) << name;
      Index point = 0;
      for (Index p = 1; p < mesh.num_points(); ++p) {
        if (distance(mesh.point(p), x) < distance(mesh.point(point), x)) point = p;
      }
      EXPECT_EQ(locator.nearest_point(x), point) << name;
    }
  }
}

TEST(Locator, GivesTheNearestPointOfTheDomainOutside) {
  for (const CellType type : {CellType::tetra, CellType::hexa, CellType::wedge, CellType::pyramid, CellType::tetra10}) {
    const Mesh mesh = jiggled(box(3, 3, 3, {1, 1, 1}, type), 0.2, 1);  // its hull stays the cube
    const Locator locator(mesh);
    const Random random(3, purpose::test);
    for (std::uint64_t i = 0; i < 100; ++i) {
      Point x(3), clamped(3);
      for (int k = 0; k < 3; ++k) {
        x[k] = 3 * random.uniform(3 * i + k) - 1;
        clamped[k] = std::clamp(x[k], 0.0, 1.0);
      }
      const auto found = locator.find(x);
      EXPECT_EQ(found.inside, x == clamped) << shape(type).name;
      EXPECT_LT(distance(combined(mesh, found), clamped), 1e-9) << shape(type).name;
    }
  }
}

TEST(Locator, ProjectsOntoASurface) {
  const Mesh mesh = sphere_surface(3);
  const Locator locator(mesh);
  const Random random(4, purpose::test);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const double z = 2 * random.uniform(2 * i) - 1, angle = 2 * std::numbers::pi * random.uniform(2 * i + 1);
    const Point x = {2 * std::sqrt(1 - z * z) * std::cos(angle), 2 * std::sqrt(1 - z * z) * std::sin(angle), 2 * z};
    const auto found = locator.find(x);
    EXPECT_FALSE(found.inside);
    EXPECT_NEAR(distance(combined(mesh, found), x), 1, 0.01);
  }
}

TEST(NearestInCell, InvertsTheMapOfDistortedCells) {
  // a hexa, a wedge and a pyramid whose quadrilateral faces are not planar
  const std::vector<Vec3> corners = {{0, 0, 0},        {1, 0.1, 0.2}, {1.2, 1, -0.1}, {0, 0.9, 0.1},
                                     {0.1, -0.1, 1.1}, {1.1, 0, 0.9}, {1, 1.1, 1.2},  {-0.1, 1, 1}};
  const double u = 0.3, v = 0.6, w = 0.7;
  const std::vector<double> weights = {
      (1 - u) * (1 - v) * (1 - w), u * (1 - v) * (1 - w), u * v * (1 - w), (1 - u) * v * (1 - w),
      (1 - u) * (1 - v) * w,       u * (1 - v) * w,       u * v * w,       (1 - u) * v * w};
  Vec3 x{};
  for (int i = 0; i < 8; ++i) x = x + weights[i] * corners[i];
  const auto found = nearest_in_cell(CellType::hexa, corners, x);
  EXPECT_EQ(found.squared_distance, 0);
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(found.weights[i], weights[i], 1e-12);
}

TEST(NearestInCell, LeavesNoGapAtABentFace) {
  // two bricks share a face that is not planar: just beside it either one or the other has the point
  Mesh mesh = box(2, 1, 1, {2, 1, 1}, CellType::hexa);
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  points[3 * 1] += 0.3, points[3 * 4] -= 0.3, points[3 * 7] -= 0.2, points[3 * 10] += 0.2;
  mesh = mesh.with_points(points);
  const Locator locator(mesh);
  const Random random(5, purpose::test);
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Point x = {0.6 + 0.8 * random.uniform(3 * i), random.uniform(3 * i + 1), random.uniform(3 * i + 2)};
    const auto found = locator.find(x);
    EXPECT_TRUE(found.inside);
    EXPECT_LT(distance(combined(mesh, found), x), 1e-11);
  }
}

TEST(Locator, RefusesWhatCannotBeLocated) {
  const Locator locator(rectangle(2, 2));
  EXPECT_THROW(locator.find(Point{0, NAN}), NumericsError);
  EXPECT_THROW(locator.find(Point{0, 0, 0}), Error);
  EXPECT_THROW(Locator{Mesh{MeshData{}}}, InputError);
}

TEST(PairsWithin, AgreeWithBruteForce) {
  const Random random(6, purpose::test);
  for (const int dim : {1, 2, 3}) {
    for (const double radius : {0.02, 0.15, 0.6, 5.0}) {
      Point x(200 * dim);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = random.uniform(i) * (i % dim == 0 ? 3 : 1);
      std::vector<std::pair<Index, Index>> expected;
      for (Index a = 0; a < 200; ++a) {
        for (Index b = a + 1; b < 200; ++b) {
          double squared = 0;
          for (int k = 0; k < dim; ++k)
            squared += (x[a * dim + k] - x[b * dim + k]) * (x[a * dim + k] - x[b * dim + k]);
          if (squared < radius * radius) expected.push_back({a, b});
        }
      }
      EXPECT_EQ(pairs_within(x, dim, radius), expected) << dim << " " << radius;
    }
  }
}

TEST(PairsWithin, TakesTheRadiusAsOpenAndCoincidentPoints) {
  EXPECT_TRUE(pairs_within(Point{0, 0, 1, 0}, 2, 1).empty());
  EXPECT_EQ(pairs_within(Point{0, 0, 1, 0, 0, 0}, 2, 1).size(), 1);
  EXPECT_TRUE(pairs_within(Point{}, 3, 1).empty());
  // a radius far below the extent: the grid's width is bounded, the answer is not
  EXPECT_EQ(pairs_within(Point{0, 1e-9, 1e9}, 1, 1e-8).size(), 1);
  EXPECT_THROW(pairs_within(Point{0, 0}, 2, 0), InputError);
  EXPECT_THROW(pairs_within(Point{0, NAN}, 2, 1), NumericsError);
}

// The squares of such distances are beyond a double.
TEST(Locator, APointVeryFarAwayHasACellNevertheless) {
  for (const Mesh& mesh : {rectangle(3, 3), box(2, 2, 2), sphere_surface(1)}) {
    const Locator locator(mesh);
    const std::vector<double> far(mesh.dim(), 1e200);
    const auto found = locator.find(far);
    EXPECT_TRUE(found.cell >= 0 && found.cell < mesh.num_cells()) << found.cell;
    EXPECT_FALSE(found.inside);
  }
}

}  // namespace
}  // namespace cotan

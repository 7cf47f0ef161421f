#include "mesh/quality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "tests/meshes.h"

namespace cotan {
namespace {

using meshes::Named;
constexpr double kPi = std::numbers::pi;

double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}
double total_volume(const Mesh& mesh) {
  return total(cell_volumes(mesh));
}

TEST(Volumes, SumToTheDomains) {
  const double ring = 12 * std::sin(2 * kPi / 12) / 2 * (1 - 0.25);  // between two regular polygons of 12 corners
  EXPECT_NEAR(total_volume(annulus(12, 3)), ring, 1e-14);
  EXPECT_NEAR(total_volume(rectangle(5, 4, {2, 1})), 2, 1e-14);
  EXPECT_NEAR(total_volume(mixed_rectangle(5, 3)), 1, 1e-14);
  EXPECT_NEAR(total_volume(interval(7, 2.5)), 2.5, 1e-14);
  for (int type = 0; type < kNumCellTypes; ++type) {
    const auto cell = static_cast<CellType>(type);
    if (shape(cell).dim == 2) {
      EXPECT_NEAR(total_volume(rectangle(3, 2, {3, 2}, cell)), 6, 1e-13) << shape(cell).name;
    }
    if (shape(cell).dim == 3) {
      EXPECT_NEAR(total_volume(box(2, 3, 1, {2, 3, 1}, cell)), 6, 1e-13) << shape(cell).name;
    }
  }
}

TEST(Volumes, DoNotChangeWhenInteriorPointsMove) {
  using enum CellType;
  for (const CellType type : {triangle, quad, triangle6, quad8, quad9}) {
    const Mesh mesh = jiggled(rectangle(6, 6, {1, 1}, type), 0.3, 7);
    EXPECT_NEAR(total_volume(mesh), 1, 1e-13) << shape(type).name;
  }
  for (const CellType type : {tetra, hexa, wedge, pyramid, tetra10, hexa20, hexa27, wedge15, pyramid13}) {
    const Mesh mesh = jiggled(box(3, 3, 3, {1, 1, 1}, type), 0.3, 7);
    EXPECT_NEAR(total_volume(mesh), 1, 1e-13) << shape(type).name;
  }
}

// A quadratic map has its middle nodes off the chords; its Jacobian is known.
TEST(Volumes, OfCurvedCellsAreExact) {
  const auto bend = [](const Mesh& mesh, double amount) {
    std::vector<double> points(mesh.points().begin(), mesh.points().end());
    for (std::size_t i = 0; i < points.size(); i += mesh.dim()) {
      points[i + 1] *= 1 + amount * points[i];  // y -> y (1 + a x): Jacobian 1 + a x
    }
    return mesh.with_points(points);
  };
  using enum CellType;
  for (const CellType type : {triangle6, quad8, quad9}) {
    EXPECT_NEAR(total_volume(bend(rectangle(2, 3, {2, 1}, type), 0.5)), 2 * 1.5, 1e-13) << shape(type).name;
  }
  for (const CellType type : {tetra10, hexa20, hexa27, wedge15, pyramid13}) {
    EXPECT_NEAR(total_volume(bend(box(2, 1, 1, {2, 1, 1}, type), 0.5)), 2 * 1.5, 1e-13) << shape(type).name;
  }
}

TEST(Volumes, OfCurvedSidesConverge) {
  double last = 0;
  for (const int n : {8, 16, 32}) {
    const Mesh ring = second_order(annulus(n, 2));
    std::vector<double> points(ring.points().begin(), ring.points().end());
    for (const char* side : {"inner", "outer"}) {
      const double radius = side == std::string("inner") ? 0.5 : 1;
      for (const Index p : ring.points_of(side)) {
        const double r = std::hypot(points[2 * p], points[2 * p + 1]);
        points[2 * p] *= radius / r, points[2 * p + 1] *= radius / r;
      }
    }
    const double error = std::abs(total_volume(ring.with_points(points)) - 0.75 * kPi);
    if (last > 0) {
      EXPECT_GT(std::log2(last / error), 3.7);
    }
    last = error;
  }
}

TEST(Volumes, OfTheSphereConvergeToFourPi) {
  double last = 0;
  for (int level = 1; level <= 4; ++level) {
    const double error = 4 * kPi - total_volume(sphere_surface(level));
    EXPECT_GT(error, 0);
    if (last > 0) {
      EXPECT_NEAR(last / error, 4, 0.3);
    }
    last = error;
  }
}

// The sides of a cell are closed, and the divergence theorem with the field x gives its volume back.
TEST(FacetAreas, AreClosedAroundEveryCell) {
  for (const auto& [name, mesh] : meshes::all()) {
    if (mesh.cell_dim() < mesh.dim()) continue;
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      std::vector<double> sum(mesh.dim(), 0);
      for (int f = 0; f < static_cast<int>(shape(mesh.type(c)).facets.size()); ++f) {
        const auto area = facet_area(mesh, {c, f});
        ASSERT_EQ(area.size(), sum.size());
        for (int k = 0; k < mesh.dim(); ++k) sum[k] += area[k];
      }
      for (const double s : sum) EXPECT_NEAR(s, 0, 1e-14) << name << " cell " << c;
    }
  }
}

TEST(FacetAreas, FulfilTheDivergenceTheorem) {
  for (const auto& [name, mesh] : meshes::all()) {
    if (mesh.cell_dim() < mesh.dim()) continue;
    double flux = 0;  // the boundaries here are plane, side by side: x . n is linear on each, its mean at the centre
    for (const Facet& facet : boundary_facets(mesh)) {
      const auto area = facet_area(mesh, facet);
      const auto corners = facet_corners(mesh, facet);
      for (const Index p : corners) {
        for (int k = 0; k < mesh.dim(); ++k) flux += mesh.point(p)[k] * area[k] / double(corners.size());
      }
    }
    EXPECT_NEAR(flux / mesh.dim(), total_volume(mesh), 1e-12) << name;
  }
}

TEST(Shapes, AreOneForRegularCells) {
  const auto single = [](CellType type, int dim, std::vector<double> points) {
    MeshData data;
    data.dim = dim;
    data.points = std::move(points);
    data.types = {type};
    std::vector<Index> nodes(shape(type).num_nodes);
    std::iota(nodes.begin(), nodes.end(), 0);
    data.cells.push_row(nodes);
    return cell_shapes(Mesh(data))[0];
  };
  const double h = std::sqrt(3.0) / 2, r = std::sqrt(0.5);
  EXPECT_NEAR(single(CellType::triangle, 2, {0, 0, 1, 0, 0.5, h}), 1, 1e-14);
  EXPECT_NEAR(single(CellType::tetra, 3, {1, 1, 1, -1, 1, -1, 1, -1, -1, -1, -1, 1}), 1, 1e-14);
  EXPECT_NEAR(single(CellType::quad, 2, {0, 0, 2, 0, 2, 1, 0, 1}), 1, 1e-14);
  EXPECT_NEAR(single(CellType::wedge, 3, {0, 0, 0, 1, 0, 0, 0.5, h, 0, 0, 0, 1, 1, 0, 1, 0.5, h, 1}), 1, 1e-14);
  EXPECT_NEAR(single(CellType::pyramid, 3, {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0.5, 0.5, r}), 1, 1e-14);
  // a corner pulled over the diagonal folds the quad there: the sign says so although its area is positive
  EXPECT_LT(single(CellType::quad, 2, {0, 0, 1, 0, 0.2, 0.2, 0, 1}), 0);
}

TEST(Quality, OfAKnownMesh) {
  const Quality q = mesh_quality(rectangle(4, 2, {2, 1}));  // right triangles with legs of 1/2
  EXPECT_NEAR(q.total_volume, 2, 1e-14);
  EXPECT_NEAR(q.volume.min, 0.125, 1e-15);
  EXPECT_NEAR(q.volume.max, 0.125, 1e-15);
  EXPECT_NEAR(q.min_angle.mean, 45, 1e-12);
  EXPECT_NEAR(q.max_angle.mean, 90, 1e-12);
  EXPECT_NEAR(q.aspect.mean, std::sqrt(2), 1e-14);
  EXPECT_NEAR(q.shape.mean, std::sqrt(3) / 2, 1e-14);
  EXPECT_NEAR(q.edge_length.mean, (22 * 0.5 + 8 * std::sqrt(0.5)) / 30, 1e-14);
  EXPECT_NE(report(q).find("total volume 2"), std::string::npos);
}

TEST(Quality, FindsTheWorstCell) {
  Mesh mesh = rectangle(4, 4);
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  points[2 * 6] += 0.2;  // the interior point (1, 1)
  const Mesh moved = mesh.with_points(points);
  const Quality q = mesh_quality(moved);
  const auto shapes = cell_shapes(moved);
  EXPECT_EQ(shapes[q.worst_cell], q.shape.min);
  EXPECT_LT(q.shape.min, 0.6);
  const auto nodes = moved.cell(q.worst_cell);
  EXPECT_NE(std::find(nodes.begin(), nodes.end(), 6), nodes.end());
}

}  // namespace
}  // namespace cotan

#include "physics/element.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "core/random.h"
#include "mesh/generate.h"
#include "mesh/quality.h"
#include "physics/assembly.h"

namespace cotan {
namespace {

const std::vector<CellType> kShapes = {CellType::line,  CellType::triangle, CellType::quad,   CellType::tetra,
                                       CellType::wedge, CellType::hexa,     CellType::line3,  CellType::triangle6,
                                       CellType::quad9, CellType::tetra10,  CellType::pyramid};

// Exact integral of x^i y^j z^k over a reference cell: simplices by i! j! k! / (i + j + k + dim)!, else a product.
double monomial_integral(CellType type, int i, int j, int k) {
  const auto factorial = [](int n) { return std::tgamma(n + 1.0); };
  const double line_z = 1.0 / (k + 1);
  switch (shape(type).linear) {
    case CellType::triangle:
      return factorial(i) * factorial(j) / factorial(i + j + 2);
    case CellType::wedge:
      return factorial(i) * factorial(j) / factorial(i + j + 2) * line_z;
    case CellType::tetra:
      return factorial(i) * factorial(j) * factorial(k) / factorial(i + j + k + 3);
    default:
      return 1.0 / (i + 1) / (j + 1) * line_z;
  }
}

TEST(Quadrature, IntegratesEveryMonomialUpToItsDegree) {
  for (const CellType type : {CellType::line, CellType::triangle, CellType::quad, CellType::tetra, CellType::wedge,
                              CellType::hexa, CellType::pyramid}) {
    const int dim = shape(type).dim, most = type == CellType::tetra ? 5 : 6;
    for (int degree = 0; degree <= most; ++degree) {
      const Quadrature rule = make_quadrature(type, degree);
      for (int i = 0; i <= degree; ++i) {
        for (int j = 0; j <= (dim > 1 ? degree - i : 0); ++j) {
          for (int k = 0; k <= (dim > 2 ? degree - i - j : 0); ++k) {
            double sum = 0;
            for (int q = 0; q < rule.size(); ++q) {
              const auto x = rule.point(q);
              sum += rule.weights[q] * std::pow(x[0], i) * (dim > 1 ? std::pow(x[1], j) : 1) *
                     (dim > 2 ? std::pow(x[2], k) : 1);
            }
            EXPECT_NEAR(sum, monomial_integral(type, i, j, k), 3e-15)
                << shape(type).name << " degree " << degree << ": x^" << i << " y^" << j << " z^" << k;
          }
        }
      }
    }
  }
}

TEST(Quadrature, RefusesADegreeItDoesNotHave) {
  EXPECT_THROW(make_quadrature(CellType::triangle, 7), Error);
  EXPECT_THROW(make_quadrature(CellType::tetra, 6), Error);
}

TEST(Shapes, SumToOneAndHaveTheGradientOfFiniteDifferences) {
  for (const CellType type : kShapes) {
    const Quadrature rule = make_quadrature(type, 2);
    const int dim = shape(type).dim;
    for (int q = 0; q < rule.size(); ++q) {
      std::vector<double> xi(rule.point(q).begin(), rule.point(q).end());
      const Shapes at = make_shapes(type, xi);
      ASSERT_EQ(at.values.size(), std::size_t(shape(type).num_nodes));
      double sum = 0;
      for (const double value : at.values) sum += value;
      EXPECT_NEAR(sum, 1, 1e-14) << shape(type).name;
      for (int k = 0; k < dim; ++k) {
        constexpr double kStep = 1e-5;
        auto low = xi, high = xi;
        low[k] -= kStep;
        high[k] += kStep;
        const Shapes below = make_shapes(type, low), above = make_shapes(type, high);
        for (std::size_t a = 0; a < at.values.size(); ++a) {
          EXPECT_NEAR(at.gradients[a * dim + k], (above.values[a] - below.values[a]) / (2 * kStep), 1e-9)
              << shape(type).name << " node " << a;
        }
      }
    }
  }
}

// One at the own node and 0 at the others; second-order nodes lie where VTK says: in the middle of edges, then cells.
TEST(Shapes, AreNodal) {
  const std::map<CellType, std::vector<double>> nodes = {
      {CellType::triangle6, {0, 0, 1, 0, 0, 1, .5, 0, .5, .5, 0, .5}},
      {CellType::quad9, {0, 0, 1, 0, 1, 1, 0, 1, .5, 0, 1, .5, .5, 1, 0, .5, .5, .5}},
      {CellType::line3, {0, 1, .5}},
      {CellType::hexa, {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1}},
      {CellType::tetra10,
       {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, .5, 0, 0, .5, .5, 0, 0, .5, 0, 0, 0, .5, .5, 0, .5, 0, .5, .5}}};
  for (const auto& [type, points] : nodes) {
    const int n = shape(type).num_nodes, dim = shape(type).dim;
    for (int b = 0; b < n; ++b) {
      const Shapes at = make_shapes(type, std::span(points).subspan(std::size_t(b) * dim, dim));
      for (int a = 0; a < n; ++a) EXPECT_NEAR(at.values[a], a == b, 1e-15) << shape(type).name << a << " at " << b;
    }
  }
}

// The gradient of a linear function's interpolant is that function's gradient, in every cell of every type.
TEST(MapCell, GivesVolumesAndLinearGradients) {
  const std::vector<Mesh> meshes = {jiggled(rectangle(4, 3), 0.2, 1),
                                    jiggled(rectangle(4, 3, {1, 1}, CellType::quad), 0.2, 2),
                                    jiggled(box(2, 2, 2), 0.2, 3),
                                    jiggled(box(2, 2, 2, {1, 1, 1}, CellType::hexa), 0.2, 4),
                                    box(2, 2, 2, {1, 1, 1}, CellType::wedge),
                                    box(2, 2, 2, {1, 1, 1}, CellType::pyramid),
                                    jiggled(mixed_rectangle(4, 3), 0.2, 5),
                                    interval(5)};
  for (const Mesh& mesh : meshes) {
    const int dim = mesh.dim();
    const std::array<double, 3> slope = {2, -3, 0.5};
    double volume = 0;
    for_each_cell(mesh, 4, [&](std::span<const Index> nodes, const CellValues& v) {
      for (int q = 0; q < v.num_points; ++q) {
        volume += v.weights[q];
        std::array<double, 3> gradient{};
        for (int a = 0; a < v.num_nodes; ++a) {
          double u = 1;
          for (int k = 0; k < dim; ++k) u += slope[k] * mesh.point(nodes[a])[k];
          for (int k = 0; k < dim; ++k) gradient[k] += u * v.gradient(q, a)[k];
        }
        for (int k = 0; k < dim; ++k) EXPECT_NEAR(gradient[k], slope[k], 1e-11);
      }
    });
    EXPECT_NEAR(volume, 1, 1e-13);
  }
}

// On a surface in space the gradient is the tangential one, and weights are areas.
TEST(MapCell, TakesTangentialGradientsOnSurfaces) {
  const Mesh mesh = saddle_surface(6);
  const auto areas = cell_volumes(mesh);
  Index cell = 0;
  for_each_cell(mesh, 2, [&](std::span<const Index> nodes, const CellValues& v) {
    double area = 0;
    for (int q = 0; q < v.num_points; ++q) area += v.weights[q];
    EXPECT_NEAR(area, areas[cell++], 1e-14);
    for (int edge = 0; edge < 2; ++edge) {  // grad(x) . edge is the difference of x along the edge
      const auto a = mesh.point(nodes[edge]), b = mesh.point(nodes[edge + 1]);
      double along = 0;
      for (int k = 0; k < 3; ++k) {
        double slope = 0;
        for (int n = 0; n < 3; ++n) slope += mesh.point(nodes[n])[2] * v.gradient(0, n)[k];
        along += slope * (b[k] - a[k]);
      }
      EXPECT_NEAR(along, b[2] - a[2], 1e-13);
    }
  });
}

// Divergence theorem: the sum over boundary facets of the integral of x . n is dim times the volume. Here by unit
// normals of the box: x = 1 on the right side is the only one of x . n's x-part.
TEST(Facets, HaveTheBoundarysMeasure) {
  for (const Mesh& mesh : {box(3, 2, 2), box(3, 2, 2, {1, 1, 1}, CellType::hexa)}) {
    double area = 0;
    for_each_facet(mesh, mesh.facets_of("right"), 3, [&](std::span<const Index>, const CellValues& v) {
      for (int q = 0; q < v.num_points; ++q) {
        EXPECT_NEAR(v.x(q)[0], 1, 1e-15);
        area += v.weights[q] * v.x(q)[1] * v.x(q)[2];
      }
    });
    EXPECT_NEAR(area, 0.25, 1e-14);  // integral of y z over the unit square
  }
}

// A mesh with second-order nodes, its cells curved by a smooth map.
Mesh curved(const Mesh& mesh) {
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  const int dim = mesh.dim();
  for (std::size_t i = 0; i < points.size(); i += dim) {
    points[i] += 0.1 * points[i + 1] * points[i + 1];
    points[i + 1] += 0.15 * points[i] * (1 - points[i]) - (dim == 3 ? 0.1 * points[i + 2] * points[i + 2] : 0);
  }
  return mesh.with_points(std::move(points));
}

// Divergence theorem on cells of second order: the integral of the gradient of a field of the space is that of the
// field times the normal over the whole boundary, by facets' own nodes and normals.
TEST(Facets, OfSecondOrderKeepTheDivergenceTheorem) {
  for (const Mesh& straight : {rectangle(3, 2, {1, 1}, CellType::triangle6), rectangle(3, 2, {1, 1}, CellType::quad9),
                               box(2, 2, 2, {1, 1, 1}, CellType::tetra10), second_order(mixed_rectangle(4, 2))}) {
    const Mesh mesh = curved(straight);
    const int dim = mesh.dim();
    const auto u = [](Index p) { return std::sin(3.0 * p) + 2; };
    std::array<double, 3> inside{}, through{};
    for_each_cell(mesh, 5, [&](std::span<const Index> nodes, const CellValues& v) {
      for (int q = 0; q < v.num_points; ++q) {
        for (int a = 0; a < v.num_nodes; ++a) {
          for (int k = 0; k < dim; ++k) inside[k] += v.weights[q] * u(nodes[a]) * v.gradient(q, a)[k];
        }
      }
    });
    for_each_facet(mesh, boundary_facets(mesh), 5,
                   [&](std::span<const Index> nodes, const CellValues& v, std::span<const double> normals) {
                     for (int q = 0; q < v.num_points; ++q) {
                       for (int a = 0; a < v.num_nodes; ++a) {
                         for (int k = 0; k < dim; ++k) {
                           through[k] += v.weights[q] * u(nodes[a]) * v.value(q, a) * normals[q * dim + k];
                         }
                       }
                     }
                   });
    for (int k = 0; k < dim; ++k) EXPECT_NEAR(inside[k], through[k], 1e-12) << k;
  }
}

// Normals at the nodes of facets whose middle node is on a circle: at the middle node the circle's own.
TEST(Facets, HaveNormalsAtTheirNodes) {
  const Mesh straight = second_order(annulus(24, 2));
  std::vector<double> points(straight.points().begin(), straight.points().end());
  const auto radius = [&](Index p) { return std::hypot(points[2 * p], points[2 * p + 1]); };
  for (const Index p : straight.points_of("outer")) {
    const double r = radius(p);
    for (int k = 0; k < 2; ++k) points[2 * p + k] /= r;
  }
  const Mesh mesh = straight.with_points(points);
  for (const Facet facet : mesh.facets_of("outer")) {
    const auto nodes = facet_nodes(mesh, facet);
    const auto normals = facet_node_normals(mesh, facet);
    ASSERT_EQ(normals.size(), 6u);
    for (int i = 0; i < 3; ++i) {
      for (int k = 0; k < 2; ++k) EXPECT_NEAR(normals[2 * i + k], points[2 * nodes[i] + k], i == 2 ? 1e-12 : 0.01);
    }
  }
  const Mesh solid = box(1, 1, 1, {1, 1, 1}, CellType::tetra10);
  for (const Facet facet : solid.facets_of("back")) {
    const auto normals = facet_node_normals(solid, facet);
    ASSERT_EQ(normals.size(), 18u);
    for (int i = 0; i < 6; ++i) EXPECT_NEAR(normals[3 * i + 2], -1, 1e-14);
  }
}

}  // namespace
}  // namespace cotan

#include "physics/element.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"

namespace cotan {
namespace {

// One shape function: value and reference gradient.
struct Jet {
  double value = 0;
  std::array<double, 3> slope{};
};

Jet operator*(const Jet& a, const Jet& b) {
  Jet out{a.value * b.value, {}};
  for (int k = 0; k < 3; ++k) out.slope[k] = a.value * b.slope[k] + b.value * a.slope[k];
  return out;
}

Jet operator*(double factor, const Jet& a) {
  return {factor * a.value, {factor * a.slope[0], factor * a.slope[1], factor * a.slope[2]}};
}

Jet plus(const Jet& a, double constant) {
  return {a.value + constant, a.slope};
}

Jet coordinate(std::span<const double> xi, int k) {
  Jet out{xi[k], {}};
  out.slope[k] = 1;
  return out;
}

// Barycentric coordinates of the simplex over directions 0 to dim - 1.
std::vector<Jet> barycentric(std::span<const double> xi, int dim) {
  std::vector<Jet> l(dim + 1);
  l[0].value = 1;
  for (int k = 0; k < dim; ++k) {
    l[k + 1] = coordinate(xi, k);
    l[0].value -= xi[k];
    l[0].slope[k] = -1;
  }
  return l;
}

// Lagrange functions of one direction over [0, 1]: at 0 and 1, or at 0, 1 and 1/2.
std::vector<Jet> lagrange(const Jet& s, int order) {
  const Jet r = plus(-1.0 * s, 1);
  if (order == 1) return {r, s};
  return {r * plus(-2.0 * s, 1), s * plus(2.0 * s, -1), 4.0 * (r * s)};
}

// Quadratic functions of a simplex: corners, then edges in VTK's order.
std::vector<Jet> quadratic_simplex(std::span<const double> xi, CellType type) {
  const auto l = barycentric(xi, shape(type).dim);
  std::vector<Jet> out;
  for (const Jet& corner : l) out.push_back(corner * plus(2.0 * corner, -1));
  constexpr std::array<std::array<int, 2>, 6> kEdges = {{{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}};
  for (int e = 0; e < (shape(type).dim == 2 ? 3 : 6); ++e) out.push_back(4.0 * (l[kEdges[e][0]] * l[kEdges[e][1]]));
  return out;
}

std::vector<Jet> quad(std::span<const double> xi, int order) {
  const auto x = lagrange(coordinate(xi, 0), order), y = lagrange(coordinate(xi, 1), order);
  std::vector<Jet> out = {x[0] * y[0], x[1] * y[0], x[1] * y[1], x[0] * y[1]};
  if (order == 2) {
    for (const Jet& more : {x[2] * y[0], x[1] * y[2], x[2] * y[1], x[0] * y[2], x[2] * y[2]}) out.push_back(more);
  }
  return out;
}

// A layer of functions at the bottom (z = 0) and the same on top (z = 1).
std::vector<Jet> prism(const std::vector<Jet>& base, std::span<const double> xi) {
  const auto z = lagrange(coordinate(xi, 2), 1);
  std::vector<Jet> out;
  for (const Jet& level : z) {
    for (const Jet& b : base) out.push_back(b * level);
  }
  return out;
}

std::vector<Jet> pyramid(std::span<const double> xi) {
  const auto layers = prism(quad(xi, 1), xi);
  std::vector<Jet> out(layers.begin(), layers.begin() + 4);
  out.push_back(coordinate(xi, 2));
  return out;
}

std::vector<Jet> jets(CellType type, std::span<const double> xi) {
  switch (type) {
    case CellType::vertex:
      return {Jet{1, {}}};
    case CellType::line:
      return lagrange(coordinate(xi, 0), 1);
    case CellType::line3:
      return lagrange(coordinate(xi, 0), 2);
    case CellType::triangle:
      return barycentric(xi, 2);
    case CellType::tetra:
      return barycentric(xi, 3);
    case CellType::triangle6:
    case CellType::tetra10:
      return quadratic_simplex(xi, type);
    case CellType::quad:
      return quad(xi, 1);
    case CellType::quad9:
      return quad(xi, 2);
    case CellType::hexa:
      return prism(quad(xi, 1), xi);
    case CellType::wedge:
      return prism(barycentric(xi, 2), xi);
    case CellType::pyramid:
      return pyramid(xi);
    default:
      throw Error("no shape functions for " + std::string(shape(type).name) + " yet");
  }
}

// The map's derivative at one point: jacobian (dim, cell dim), its left inverse (cell dim, dim), and its measure.
struct Tangent {
  std::array<double, 9> jacobian{}, inverse{};
  double measure = 1;
};

// Inverse of a small matrix (n, n), n at most 3, and its determinant.
double invert(const std::array<double, 9>& a, int n, std::array<double, 9>& out) {
  if (n == 1) {
    out[0] = 1 / a[0];
    return a[0];
  }
  if (n == 2) {
    const double det = a[0] * a[3] - a[1] * a[2];
    out = {a[3] / det, -a[1] / det, -a[2] / det, a[0] / det};
    return det;
  }
  const auto minor = [&](int i, int j) {
    const int r = (i + 1) % 3, s = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
    return a[3 * r + c] * a[3 * s + d] - a[3 * r + d] * a[3 * s + c];
  };
  const double det = a[0] * minor(0, 0) + a[1] * minor(0, 1) + a[2] * minor(0, 2);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out[3 * j + i] = minor(i, j) / det;
  }
  return det;
}

// A surface or curve in space: left inverse (J^T J)^-1 J^T, measure sqrt(det J^T J).
void invert_embedded(Tangent& t, int dim, int cell_dim) {
  std::array<double, 9> gram{}, inverse{};
  for (int i = 0; i < cell_dim; ++i) {
    for (int j = 0; j < cell_dim; ++j) {
      for (int k = 0; k < dim; ++k) {
        gram[i * cell_dim + j] += t.jacobian[k * cell_dim + i] * t.jacobian[k * cell_dim + j];
      }
    }
  }
  t.measure = std::sqrt(std::abs(invert(gram, cell_dim, inverse)));
  for (int i = 0; i < cell_dim; ++i) {
    for (int k = 0; k < dim; ++k) {
      for (int j = 0; j < cell_dim; ++j) {
        t.inverse[i * dim + k] += inverse[i * cell_dim + j] * t.jacobian[k * cell_dim + j];
      }
    }
  }
}

Tangent tangent(const Shapes& shapes, std::span<const double> coordinates, int dim, int cell_dim) {
  Tangent t;
  for (std::size_t a = 0; a < shapes.values.size(); ++a) {
    for (int k = 0; k < dim; ++k) {
      for (int j = 0; j < cell_dim; ++j) {
        t.jacobian[k * cell_dim + j] += coordinates[a * dim + k] * shapes.gradients[a * cell_dim + j];
      }
    }
  }
  if (dim == cell_dim) {
    t.measure = std::abs(invert(t.jacobian, dim, t.inverse));
  } else if (cell_dim > 0) {
    invert_embedded(t, dim, cell_dim);
  }
  return t;
}

}  // namespace

Shapes make_shapes(CellType type, std::span<const double> xi) {
  const int dim = shape(type).dim;
  Shapes shapes;
  for (const Jet& jet : jets(type, xi)) {
    shapes.values.push_back(jet.value);
    shapes.gradients.insert(shapes.gradients.end(), jet.slope.begin(), jet.slope.begin() + dim);
  }
  return shapes;
}

ShapeTable tabulate(CellType type, int degree) {
  ShapeTable table{type, shape(type).num_nodes, make_quadrature(type, degree), {}};
  for (int q = 0; q < table.rule.size(); ++q) table.at.push_back(make_shapes(type, table.rule.point(q)));
  return table;
}

void map_cell(const ShapeTable& table, std::span<const double> coordinates, int dim, CellValues& out) {
  const int points = table.rule.size(), nodes = table.num_nodes, cell_dim = table.rule.dim;
  COTAN_ASSERT(coordinates.size() == std::size_t(nodes) * dim);
  out.num_points = points;
  out.num_nodes = nodes;
  out.dim = dim;
  out.values.resize(std::size_t(points) * nodes);
  out.weights.resize(points);
  out.gradients.assign(std::size_t(points) * nodes * dim, 0);
  out.position.assign(std::size_t(points) * dim, 0);
  out.inverse.resize(std::size_t(points) * cell_dim * dim);
  for (int q = 0; q < points; ++q) {
    const Shapes& shapes = table.at[q];
    const Tangent t = tangent(shapes, coordinates, dim, cell_dim);
    out.weights[q] = table.rule.weights[q] * t.measure;
    std::copy_n(t.inverse.begin(), cell_dim * dim, out.inverse.data() + std::size_t(q) * cell_dim * dim);
    for (int a = 0; a < nodes; ++a) {
      out.values[std::size_t(q) * nodes + a] = shapes.values[a];
      double* gradient = out.gradients.data() + (std::size_t(q) * nodes + a) * dim;
      for (int k = 0; k < dim; ++k) {
        out.position[std::size_t(q) * dim + k] += shapes.values[a] * coordinates[std::size_t(a) * dim + k];
        for (int j = 0; j < cell_dim; ++j) gradient[k] += shapes.gradients[a * cell_dim + j] * t.inverse[j * dim + k];
      }
    }
  }
}

}  // namespace cotan

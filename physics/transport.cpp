#include "physics/transport.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "physics/assembly.h"

namespace cotan {
namespace {

// Exact for linear shape functions times a velocity of third degree, or its divergence-free flux of fourth.
constexpr int kDegree = 4;

// Coefficients of one cell at its quadrature points; memory reused from cell to cell.
class Local {
 public:
  explicit Local(const Transport& transport) : transport_(transport), velocity_(transport.velocity.size()) {}

  void evaluate(const CellValues& v, double t) {
    for (std::size_t k = 0; k < velocity_.size(); ++k) transport_.velocity[k].at(v.position, v.dim, t, velocity_[k]);
    transport_.diffusivity.at(v.position, v.dim, t, diffusivity);
    transport_.reaction.at(v.position, v.dim, t, reaction);
    tau.assign(v.num_points, 0);
    peclet.assign(v.num_points, 0);
    along.assign(std::size_t(v.num_points) * v.num_nodes, 0);
    for (int q = 0; q < v.num_points; ++q) stream(v, q);
  }

  // The gradient of a diffusivity that varies, by linear elements: (points, nodes) values of grad(diffusivity) . grad
  // of the shape functions; empty where it is constant.
  void evaluate_slope(const Mesh& mesh, std::span<const Index> nodes, const CellValues& v, double t) {
    slope.clear();
    if (transport_.diffusivity.is_constant()) return;
    corners_.clear();
    for (const Index p : nodes) corners_.insert(corners_.end(), mesh.point(p).begin(), mesh.point(p).end());
    transport_.diffusivity.at(corners_, v.dim, t, at_corners_);
    slope.assign(along.size(), 0);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        for (int b = 0; b < v.num_nodes; ++b) slope[q * v.num_nodes + a] += at_corners_[b] * dot(v, q, a, b);
      }
    }
  }

  static double dot(const CellValues& v, int q, int a, int b) {
    const double *x = v.gradient(q, a), *y = v.gradient(q, b);
    double sum = 0;
    for (int k = 0; k < v.dim; ++k) sum += x[k] * y[k];
    return sum;
  }

  std::vector<double> diffusivity, reaction, tau, peclet;  // (points)
  std::vector<double> along, slope;                        // (points, nodes): velocity . grad of the shape functions

 private:
  // |b|, or the length of its part along the cell where that is a surface or curve in space: the part within the span
  // of the gradients, by Gram-Schmidt.
  double speed_along(const CellValues& v, int q) const {
    std::array<std::array<double, 3>, 3> basis;
    int found = 0;
    double square = 0, largest = 0;
    for (int a = 0; a < v.num_nodes; ++a) largest = std::max(largest, dot(v, q, a, a));
    for (int a = 0; a < v.num_nodes && found < v.dim; ++a) {
      std::array<double, 3> rest{};
      std::copy_n(v.gradient(q, a), v.dim, rest.begin());
      for (int i = 0; i < found; ++i) {
        double share = 0;
        for (int k = 0; k < v.dim; ++k) share += basis[i][k] * rest[k];
        for (int k = 0; k < v.dim; ++k) rest[k] -= share * basis[i][k];
      }
      const double length = std::hypot(rest[0], rest[1], rest[2]);
      if (length * length <= 1e-12 * largest) continue;
      double part = 0;
      for (int k = 0; k < v.dim; ++k) part += velocity_[k][q] * (basis[found][k] = rest[k] / length);
      square += part * part;
      ++found;
    }
    return std::sqrt(square);
  }

  // h = 2 |b| / sum of |b . grad w| over the nodes: the element's length along b.
  void stream(const CellValues& v, int q) {
    double sum = 0;
    for (int a = 0; a < v.num_nodes; ++a) {
      double& value = along[std::size_t(q) * v.num_nodes + a];
      for (int k = 0; k < v.dim; ++k) value += velocity_[k][q] * v.gradient(q, a)[k];
      sum += std::abs(value);
    }
    const double speed = speed_along(v, q);
    if (sum == 0 || speed == 0) return;
    const double h = 2 * speed / sum;
    peclet[q] = diffusivity[q] > 0 ? speed * h / (2 * diffusivity[q]) : std::numeric_limits<double>::infinity();
    const bool upwind =
        transport_.upwinding == Upwinding::on || (transport_.upwinding == Upwinding::automatic && peclet[q] > 1);
    if (upwind) tau[q] = 1 / std::hypot(2 * speed / h, 12 * diffusivity[q] / (h * h), reaction[q]);
  }

  const Transport& transport_;
  std::vector<std::vector<double>> velocity_;  // by component, (points)
  std::vector<double> corners_, at_corners_;
};

void add_cell(const CellValues& v, const Local& local, std::vector<double>& mass, std::vector<double>& stiffness) {
  const int n = v.num_nodes;
  for (int q = 0; q < v.num_points; ++q) {
    const double* along = &local.along[std::size_t(q) * n];
    for (int a = 0; a < n; ++a) {
      const double w = v.value(q, a), upwind = local.tau[q] * along[a];
      for (int b = 0; b < n; ++b) {
        const double phi = v.value(q, b), carried = along[b] + local.reaction[q] * phi;
        // what SUPG weights is the equation itself, of which linear elements have no second derivatives
        const double residual = carried - (local.slope.empty() ? 0 : local.slope[std::size_t(q) * n + b]);
        mass[a * n + b] += v.weights[q] * (w + upwind) * phi;
        stiffness[a * n + b] +=
            v.weights[q] * (w * carried + upwind * residual + local.diffusivity[q] * Local::dot(v, q, a, b));
      }
    }
  }
}

}  // namespace

bool Transport::matrices_depend_on_time() const {
  const auto moves = [](const Coefficient& c) { return c.depends_on_time(); };
  return std::any_of(velocity.begin(), velocity.end(), moves) || moves(diffusivity) || moves(reaction) ||
         std::any_of(sides.begin(), sides.end(), [&](const NaturalSide& s) { return moves(s.robin_coefficient); });
}

bool Transport::load_depends_on_time() const {
  const auto moves = [](const Coefficient& c) { return c.depends_on_time(); };
  return matrices_depend_on_time() || moves(source) ||
         std::any_of(sides.begin(), sides.end(), [&](const NaturalSide& s) {
           return moves(s.flux) || moves(s.robin_coefficient) || moves(s.robin_ambient);
         });
}

TransportMatrices transport_matrices(const Mesh& mesh, const SparseMatrix& pattern, const Transport& transport,
                                     double t) {
  TransportMatrices matrices{pattern, pattern};
  Local local(transport);
  std::vector<double> mass, stiffness;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    local.evaluate(v, t);
    local.evaluate_slope(mesh, nodes, v, t);
    mass.assign(nodes.size() * nodes.size(), 0);
    stiffness.assign(nodes.size() * nodes.size(), 0);
    add_cell(v, local, mass, stiffness);
    add_block(matrices.mass, nodes, mass);
    add_block(matrices.stiffness, nodes, stiffness);
  });
  for (const auto& side : transport.sides) add_robin(mesh, side, kDegree, t, matrices.stiffness);
  return matrices;
}

std::vector<double> transport_load(const Mesh& mesh, const Transport& transport, double t) {
  std::vector<double> load(mesh.num_points(), 0.0), source;
  for (const auto& side : transport.sides) add_side_load(mesh, side, kDegree, t, load);
  if (transport.source.is_zero()) return load;
  Local local(transport);
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    local.evaluate(v, t);
    transport.source.at(v.position, v.dim, t, source);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        const double weight = v.value(q, a) + local.tau[q] * local.along[std::size_t(q) * v.num_nodes + a];
        load[nodes[a]] += v.weights[q] * weight * source[q];
      }
    }
  });
  return load;
}

double largest_peclet(const Mesh& mesh, const Transport& transport, double t) {
  double largest = 0;
  Local local(transport);
  for_each_cell(mesh, 1, [&](std::span<const Index>, const CellValues& v) {
    local.evaluate(v, t);
    largest = std::max(largest, *std::max_element(local.peclet.begin(), local.peclet.end()));
  });
  return largest;
}

}  // namespace cotan

#include "physics/elliptic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>

#include "core/check.h"
#include "physics/assembly.h"

namespace cotan {
namespace {

constexpr int kDegree = 2;  // exact for products of linear shape functions

// Coefficients of one cell at its quadrature points; memory reused from cell to cell.
class Local {
 public:
  explicit Local(const Elliptic& problem) : problem_(problem), k_(problem.k.size()) {}

  void evaluate(std::span<const Index> nodes, const CellValues& v) {
    for (std::size_t i = 0; i < k_.size(); ++i) problem_.k[i].in_cell(nodes, v, k_[i]);
    problem_.wave_number.in_cell(nodes, v, wave_number);
    problem_.source.in_cell(nodes, v, source);
    for (int q = 0; q < v.num_points; ++q) require_positive(v, q);
  }

  // x' k y
  double product(int q, int dim, const double* x, const double* y) const {
    double sum = 0;
    if (k_.size() == 1) {
      for (int i = 0; i < dim; ++i) sum += x[i] * y[i];
      return k_[0][q] * sum;
    }
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) sum += x[i] * k_[i * dim + j][q] * y[j];
    }
    return sum;
  }
  double least_diagonal(int q, int dim) const {
    double least = k_[0][q];
    for (std::size_t i = 0; i < k_.size(); i += dim + 1) least = std::min(least, k_[i][q]);
    return least;
  }

  std::vector<double> wave_number, source;  // (points)

 private:
  // The symmetric part by its leading minors.
  void require_positive(const CellValues& v, int q) const {
    const int dim = k_.size() == 1 ? 1 : v.dim;
    const auto a = [&](int i, int j) { return (k_[i * dim + j][q] + k_[j * dim + i][q]) / 2; };
    bool positive = a(0, 0) > 0;
    if (dim > 1) positive = positive && a(0, 0) * a(1, 1) - a(0, 1) * a(0, 1) > 0;
    if (dim > 2) {
      positive = positive && a(0, 0) * (a(1, 1) * a(2, 2) - a(1, 2) * a(1, 2)) -
                                     a(0, 1) * (a(0, 1) * a(2, 2) - a(1, 2) * a(0, 2)) +
                                     a(0, 2) * (a(0, 1) * a(1, 2) - a(1, 1) * a(0, 2)) >
                                 0;
    }
    if (positive) return;
    std::ostringstream message;
    message << "options.k is not positive" << (dim > 1 ? " definite" : "") << " at (";
    for (int i = 0; i < v.dim; ++i) message << (i ? ", " : "") << v.x(q)[i];
    message << ")";
    throw InputError(message.str());
  }

  const Elliptic& problem_;
  std::vector<std::vector<double>> k_;
};

}  // namespace

LinearSystem assemble(const Mesh& mesh, const SparseMatrix& pattern, const Elliptic& problem) {
  LinearSystem out{pattern, std::vector<double>(mesh.num_points(), 0.0)};
  Local local(problem);
  std::vector<double> block;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    local.evaluate(nodes, v);
    const int n = v.num_nodes;
    block.assign(std::size_t(n) * n, 0);
    for (int q = 0; q < v.num_points; ++q) {
      const double square = local.wave_number[q] * local.wave_number[q];
      for (int a = 0; a < n; ++a) {
        for (int b = 0; b < n; ++b) {
          block[a * n + b] += v.weights[q] * (local.product(q, v.dim, v.gradient(q, a), v.gradient(q, b)) -
                                              square * v.value(q, a) * v.value(q, b));
        }
        out.right[nodes[a]] += v.weights[q] * local.source[q] * v.value(q, a);
      }
    }
    add_block(out.matrix, nodes, block);
  });
  for (const auto& side : problem.sides) {
    add_robin(mesh, side, kDegree, 0, out.matrix);
    add_side_load(mesh, side, kDegree, 0, out.right);
  }
  return out;
}

void prescribe(LinearSystem& system, std::span<const char> fixed, std::span<const double> given) {
  SparseMatrix& a = system.matrix;
  double sum = 0;
  Index free = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (auto k = a.offsets[i]; k < a.offsets[i + 1]; ++k) {
      const Index j = a.columns[k];
      if (!fixed[i] && fixed[j]) system.right[i] -= a.values[k] * given[j];
      if (!fixed[i] && i == j) {
        sum += std::abs(a.values[k]);
        ++free;
      }
      if (fixed[i] || fixed[j]) a.values[k] = 0;
    }
  }
  const double diagonal = sum > 0 ? sum / free : 1;
  for (Index i = 0; i < a.rows(); ++i) {
    if (!fixed[i]) continue;
    for (auto k = a.offsets[i]; k < a.offsets[i + 1]; ++k) {
      if (a.columns[k] == i) a.values[k] = diagonal;
    }
    system.right[i] = diagonal * given[i];
  }
}

std::vector<double> point_measures(const Mesh& mesh) {
  std::vector<double> out(mesh.num_points(), 0.0);
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) out[nodes[a]] += v.weights[q] * v.value(q, a);
    }
  });
  return out;
}

double points_per_wavelength(const Mesh& mesh, const Elliptic& problem) {
  double least = std::numeric_limits<double>::infinity();
  if (problem.wave_number.is_zero()) return least;
  Local local(problem);
  for_each_cell(mesh, 1, [&](std::span<const Index> nodes, const CellValues& v) {
    local.evaluate(nodes, v);
    double longest = 0;
    for (const Index a : nodes) {
      for (const Index b : nodes) {
        double square = 0;
        for (int i = 0; i < v.dim; ++i) square += std::pow(mesh.point(a)[i] - mesh.point(b)[i], 2);
        longest = std::max(longest, std::sqrt(square));
      }
    }
    for (int q = 0; q < v.num_points; ++q) {
      const double wave_length =
          2 * std::numbers::pi * std::sqrt(local.least_diagonal(q, v.dim)) / std::abs(local.wave_number[q]);
      least = std::min(least, wave_length / longest);
    }
  });
  return least;
}

}  // namespace cotan

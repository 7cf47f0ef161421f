#include "physics/spd_solver.h"

#include <Eigen/IterativeLinearSolvers>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>

#include "physics/direct.h"

namespace cotan {
namespace {

constexpr double kTolerance = 1e-11;  // of the right side

using Rows = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

// With rows and columns of the identity where x is fixed: symmetric still.
SparseMatrix decoupled(SparseMatrix matrix, std::span<const char> fixed) {
  for (Index i = 0; i < matrix.rows(); ++i) {
    for (auto k = matrix.offsets[i]; k < matrix.offsets[i + 1]; ++k) {
      const Index j = matrix.columns[k];
      if (fixed[i] || fixed[j]) matrix.values[k] = i == j ? 1 : 0;
    }
  }
  return matrix;
}

Rows rows_of(const SparseMatrix& matrix) {
  const std::vector<int> offsets(matrix.offsets.begin(), matrix.offsets.end());
  return Eigen::Map<const Rows>(matrix.rows(), matrix.rows(), static_cast<int>(matrix.columns.size()), offsets.data(),
                                matrix.columns.data(), matrix.values.data());
}

}  // namespace

struct SpdSolver::State {
  SparseMatrix given;
  std::vector<char> fixed;
  Rows rows;
  Eigen::ConjugateGradient<Rows, Eigen::Lower | Eigen::Upper, Eigen::DiagonalPreconditioner<double>> gradients;
  Solve factors;
  int iterations = 0;

  // What x lacks.
  Eigen::VectorXd residual(std::span<const double> b, std::span<const double> x) const {
    Eigen::VectorXd r = Eigen::Map<const Eigen::VectorXd>(b.data(), b.size());
    add_product(given, -1, x, {r.data(), b.size()});
    for (std::size_t i = 0; i < fixed.size(); ++i) {
      if (fixed[i]) r[i] = 0;
    }
    return r;
  }
  Eigen::VectorXd correction(const Eigen::VectorXd& r, double tolerance) {
    if (!factors) {
      gradients.setTolerance(tolerance);
      Eigen::VectorXd d = gradients.solve(r);
      iterations += static_cast<int>(gradients.iterations());
      if (gradients.info() == Eigen::Success) return d;
      factors = factorise(decoupled(given, fixed));
    }
    const auto d = factors({r.data(), static_cast<std::size_t>(r.size())});
    return Eigen::Map<const Eigen::VectorXd>(d.data(), d.size());
  }
};

SpdSolver::SpdSolver(SparseMatrix matrix, std::span<const char> fixed) : state_(std::make_unique<State>()) {
  state_->given = std::move(matrix);
  state_->fixed.assign(fixed.begin(), fixed.end());
  state_->rows = rows_of(decoupled(state_->given, fixed));
  state_->gradients.setMaxIterations(kMostIterations);
  state_->gradients.compute(state_->rows);
}

SpdSolver::~SpdSolver() = default;
SpdSolver::SpdSolver(SpdSolver&&) noexcept = default;
SpdSolver& SpdSolver::operator=(SpdSolver&&) noexcept = default;

void SpdSolver::solve(std::span<const double> b, std::span<double> x) {
  const Eigen::VectorXd r = state_->residual(b, x);
  const double wanted = kTolerance * Eigen::Map<const Eigen::VectorXd>(b.data(), b.size()).norm(), there = r.norm();
  if (!std::isfinite(there)) {  // blown up: so is the solution, and no method would find one
    std::fill(x.begin(), x.end(), there);
    return;
  }
  if (there <= wanted) return;
  const Eigen::VectorXd d = state_->correction(r, wanted / there);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += d[i];
}

int SpdSolver::iterations() const {
  return state_->iterations;
}
bool SpdSolver::has_factors() const {
  return static_cast<bool>(state_->factors);
}
const SparseMatrix& SpdSolver::matrix() const {
  return state_->given;
}

}  // namespace cotan

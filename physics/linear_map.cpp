#include "physics/linear_map.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "core/check.h"

namespace cotan {
namespace {

// Where row i has its diagonal. \throw NumericsError where it has none
std::int64_t diagonal_of(const SparseMatrix& matrix, Index i) {
  const auto begin = matrix.columns.begin() + matrix.offsets[i], end = matrix.columns.begin() + matrix.offsets[i + 1];
  const auto found = std::lower_bound(begin, end, i);
  if (found == end || *found != i) throw NumericsError("row " + std::to_string(i) + " has no diagonal");
  return found - matrix.columns.begin();
}

double inverse_of(double pivot, Index row, const char* what) {
  if (!std::isfinite(1 / pivot)) {
    throw NumericsError(std::string(what) + ": the pivot of row " + std::to_string(row) + " is " +
                        std::to_string(pivot));
  }
  return 1 / pivot;
}

// Both factors in the matrix' pattern: L below the diagonal, of unit diagonal, U from it on.
class Ilu0 {
 public:
  explicit Ilu0(const SparseMatrix& matrix) : factors_(matrix) {
    std::vector<std::int64_t> place(matrix.rows(), -1);  // of a column in the row at work
    for (Index i = 0; i < matrix.rows(); ++i) {
      diagonal_.push_back(diagonal_of(matrix, i));
      const auto begin = matrix.offsets[i], end = matrix.offsets[i + 1];
      for (auto k = begin; k < end; ++k) place[matrix.columns[k]] = k;
      for (auto k = begin; k < diagonal_[i]; ++k) eliminate(k, place);
      for (auto k = begin; k < end; ++k) place[matrix.columns[k]] = -1;
      inverse_.push_back(inverse_of(factors_.values[diagonal_[i]], i, "ILU(0)"));
    }
  }

  void solve(std::span<const double> b, std::span<double> x) const {
    const Index n = factors_.rows();
    for (Index i = 0; i < n; ++i) x[i] = b[i] - sum(factors_.offsets[i], diagonal_[i], x);
    for (Index i = n; i-- > 0;) x[i] = (x[i] - sum(diagonal_[i] + 1, factors_.offsets[i + 1], x)) * inverse_[i];
  }

 private:
  void eliminate(std::int64_t k, const std::vector<std::int64_t>& place) {
    const Index row = factors_.columns[k];
    const double factor = factors_.values[k] *= inverse_[row];
    for (auto j = diagonal_[row] + 1; j < factors_.offsets[row + 1]; ++j) {
      const auto at = place[factors_.columns[j]];
      if (at >= 0) factors_.values[at] -= factor * factors_.values[j];
    }
  }
  double sum(std::int64_t from, std::int64_t to, std::span<const double> x) const {
    double out = 0;
    for (auto k = from; k < to; ++k) out += factors_.values[k] * x[factors_.columns[k]];
    return out;
  }

  SparseMatrix factors_;
  std::vector<std::int64_t> diagonal_;  // by row, where it stands
  std::vector<double> inverse_;         // of U's diagonal
};

}  // namespace

LinearMap product_with(const SparseMatrix& matrix) {
  return [&matrix](std::span<const double> x, std::span<double> y) {
    for (Index i = 0; i < matrix.rows(); ++i) {
      double sum = 0;
      for (auto k = matrix.offsets[i]; k < matrix.offsets[i + 1]; ++k) sum += matrix.values[k] * x[matrix.columns[k]];
      y[i] = sum;
    }
  };
}

LinearMap jacobi(const SparseMatrix& matrix) {
  std::vector<double> inverse;
  for (Index i = 0; i < matrix.rows(); ++i) {
    inverse.push_back(inverse_of(matrix.values[diagonal_of(matrix, i)], i, "Jacobi"));
  }
  return [inverse = std::move(inverse)](std::span<const double> x, std::span<double> y) {
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] * inverse[i];
  };
}

LinearMap ilu0(const SparseMatrix& matrix) {
  return [factors = std::make_shared<const Ilu0>(matrix)](std::span<const double> b, std::span<double> x) {
    factors->solve(b, x);
  };
}

}  // namespace cotan

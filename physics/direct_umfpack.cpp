#include <umfpack.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "core/check.h"
#include "physics/direct.h"

namespace cotan {
namespace {

using Control = std::array<double, UMFPACK_CONTROL>;

void require_ok(SuiteSparse_long status) {
  if (status == UMFPACK_OK) return;
  throw NumericsError(status == UMFPACK_WARNING_singular_matrix
                          ? "the matrix is singular"
                          : "UMFPACK cannot factorise the matrix: status " + std::to_string(status) +
                                (status == UMFPACK_ERROR_out_of_memory ? " (out of memory)" : ""));
}

// A pattern and the order of its elimination. UMFPACK takes compressed columns: our rows are the columns of the
// transpose, and it solves with that.
class Ordering {
 public:
  Ordering(const SparseMatrix& matrix, const Control& control)
      : offsets(matrix.offsets.begin(), matrix.offsets.end()), columns(matrix.columns.begin(), matrix.columns.end()) {
    const auto n = static_cast<SuiteSparse_long>(matrix.rows());
    require_ok(umfpack_dl_symbolic(n, n, offsets.data(), columns.data(), matrix.values.data(), &symbolic,
                                   control.data(), nullptr));
  }
  ~Ordering() { umfpack_dl_free_symbolic(&symbolic); }
  Ordering(const Ordering&) = delete;
  Ordering& operator=(const Ordering&) = delete;

  bool fits(const SparseMatrix& matrix) const {
    return std::equal(offsets.begin(), offsets.end(), matrix.offsets.begin(), matrix.offsets.end()) &&
           std::equal(columns.begin(), columns.end(), matrix.columns.begin(), matrix.columns.end());
  }

  std::vector<SuiteSparse_long> offsets, columns;
  void* symbolic = nullptr;
};

class Factors {
 public:
  Factors(std::shared_ptr<const Ordering> ordering, const SparseMatrix& matrix, const Control& control)
      : ordering_(std::move(ordering)), values_(matrix.values), control_(control) {
    const auto status = umfpack_dl_numeric(ordering_->offsets.data(), ordering_->columns.data(), values_.data(),
                                           ordering_->symbolic, &numeric_, control_.data(), nullptr);
    if (status != UMFPACK_OK) umfpack_dl_free_numeric(&numeric_);
    require_ok(status);
  }
  ~Factors() { umfpack_dl_free_numeric(&numeric_); }
  Factors(const Factors&) = delete;
  Factors& operator=(const Factors&) = delete;

  std::vector<double> solve(std::span<const double> b) const {
    std::vector<double> x(b.size());
    const auto status = umfpack_dl_solve(UMFPACK_Aat, ordering_->offsets.data(), ordering_->columns.data(),
                                         values_.data(), x.data(), b.data(), numeric_, control_.data(), nullptr);
    if (status != UMFPACK_OK) throw NumericsError("UMFPACK cannot solve: status " + std::to_string(status));
    return x;
  }

 private:
  std::shared_ptr<const Ordering> ordering_;
  std::vector<double> values_;
  Control control_;
  void* numeric_ = nullptr;
};

Control defaults() {
  Control control;
  umfpack_dl_defaults(control.data());
  return control;
}

Solve solve_by(std::shared_ptr<const Factors> factors) {
  return [factors = std::move(factors)](std::span<const double> b) { return factors->solve(b); };
}

}  // namespace

Solve factorise_umfpack(const SparseMatrix& matrix) {
  const Control control = defaults();
  return solve_by(std::make_shared<const Factors>(std::make_shared<const Ordering>(matrix, control), matrix, control));
}

Factorise ordered_umfpack() {
  Control control = defaults();
  control[UMFPACK_IRSTEP] = 0;
  control[UMFPACK_STRATEGY] = UMFPACK_STRATEGY_SYMMETRIC;
  control[UMFPACK_ORDERING] = UMFPACK_ORDERING_METIS;
  return [control, ordering = std::shared_ptr<const Ordering>()](const SparseMatrix& matrix) mutable {
    if (!ordering || !ordering->fits(matrix)) ordering = std::make_shared<const Ordering>(matrix, control);
    return solve_by(std::make_shared<const Factors>(ordering, matrix, control));
  };
}

}  // namespace cotan

#include <umfpack.h>

#include <array>
#include <memory>
#include <string>

#include "core/check.h"
#include "physics/direct.h"

namespace cotan {
namespace {

// UMFPACK takes compressed columns: our rows are the columns of the transpose, and it solves with that.
class Factors {
 public:
  explicit Factors(const SparseMatrix& matrix)
      : offsets_(matrix.offsets.begin(), matrix.offsets.end()),
        columns_(matrix.columns.begin(), matrix.columns.end()),
        values_(matrix.values) {
    umfpack_dl_defaults(control_.data());
    const auto n = static_cast<SuiteSparse_long>(matrix.rows());
    void* symbolic = nullptr;
    auto status = umfpack_dl_symbolic(n, n, offsets_.data(), columns_.data(), values_.data(), &symbolic,
                                      control_.data(), nullptr);
    if (status == UMFPACK_OK) {
      status = umfpack_dl_numeric(offsets_.data(), columns_.data(), values_.data(), symbolic, &numeric_,
                                  control_.data(), nullptr);
    }
    umfpack_dl_free_symbolic(&symbolic);
    if (status == UMFPACK_OK) return;
    umfpack_dl_free_numeric(&numeric_);
    throw NumericsError(status == UMFPACK_WARNING_singular_matrix
                            ? "the matrix is singular"
                            : "UMFPACK cannot factorise the matrix: status " + std::to_string(status) +
                                  (status == UMFPACK_ERROR_out_of_memory ? " (out of memory)" : ""));
  }
  ~Factors() { umfpack_dl_free_numeric(&numeric_); }
  Factors(const Factors&) = delete;
  Factors& operator=(const Factors&) = delete;

  std::vector<double> solve(std::span<const double> b) const {
    std::vector<double> x(b.size());
    const auto status = umfpack_dl_solve(UMFPACK_Aat, offsets_.data(), columns_.data(), values_.data(), x.data(),
                                         b.data(), numeric_, control_.data(), nullptr);
    if (status != UMFPACK_OK) throw NumericsError("UMFPACK cannot solve: status " + std::to_string(status));
    return x;
  }

 private:
  std::vector<SuiteSparse_long> offsets_, columns_;
  std::vector<double> values_;
  std::array<double, UMFPACK_CONTROL> control_{};
  void* numeric_ = nullptr;
};

}  // namespace

Solve factorise_umfpack(const SparseMatrix& matrix) {
  return [factors = std::make_shared<const Factors>(matrix)](std::span<const double> b) { return factors->solve(b); };
}

}  // namespace cotan

#include "physics/direct.h"

#include <Eigen/SparseLU>
#include <memory>

#include "build_config.h"
#include "core/check.h"

namespace cotan {

Solve factorise_eigen(const SparseMatrix& matrix) {
  using Rows = Eigen::SparseMatrix<double, Eigen::RowMajor, std::int64_t>;
  const std::vector<std::int64_t> columns(matrix.columns.begin(), matrix.columns.end());
  const Eigen::Map<const Rows> rows(matrix.rows(), matrix.rows(), static_cast<std::int64_t>(columns.size()),
                                    matrix.offsets.data(), columns.data(), matrix.values.data());
  const Eigen::SparseMatrix<double> a = rows;
  auto lu = std::make_shared<Eigen::SparseLU<Eigen::SparseMatrix<double>, Eigen::COLAMDOrdering<int>>>();
  lu->compute(a);
  if (lu->info() != Eigen::Success) throw NumericsError("the matrix is singular: " + lu->lastErrorMessage());
  return [lu](std::span<const double> b) {
    const Eigen::VectorXd x = lu->solve(Eigen::Map<const Eigen::VectorXd>(b.data(), b.size()));
    return std::vector<double>(x.begin(), x.end());
  };
}

Solve factorise(const SparseMatrix& matrix) {
#if COTAN_HAS_GPL
  return factorise_umfpack(matrix);
#else
  return factorise_eigen(matrix);
#endif
}

Factorise ordered_factoriser() {
#if COTAN_HAS_GPL
  return ordered_umfpack();
#else
  return factorise_eigen;
#endif
}

}  // namespace cotan

#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/options.h"
#include "physics/sparse.h"

namespace cotan {

/// x of A x = b. It may keep what it learns of one system for the next ones, which are then solved the faster the more
/// they resemble each other. \throw NumericsError where the matrix is singular or the method does not converge
using LinearSolver = std::function<std::vector<double>(const SparseMatrix& matrix, std::span<const double> b)>;

/// How a sequence of systems is solved: `options.solver` of a steady problem's case.
struct LinearSolverOptions {
  std::string method = "direct";
  std::string preconditioner = "ilu";
  double tolerance = 1e-8;
  int subspace = 60;
  int recycle = 20;
  int most_iterations = 20000;
  int sorted = 50;
  template <class V>
  void visit(V&& v) {
    v("method", method, "direct: sparse factors; gmres: restarted; gcrodr: GMRES that recycles directions",
      OneOf{{"direct", "gmres", "gcrodr"}});
    v("preconditioner", preconditioner, "of gmres and gcrodr; ilu: ILU(0)", OneOf{{"none", "jacobi", "ilu"}});
    v("tolerance", tolerance, "of the residual, relative to the right side", between(1e-14, 1));
    v("subspace", subspace, "directions of a cycle of gmres and gcrodr, the recycled ones included", between(2, 1000));
    v("recycle", recycle, "directions that gcrodr keeps from system to system", between(0, 500));
    v("most_iterations", most_iterations, "products with a matrix after which a system is given up", at_least(1));
    v("sorted", sorted, "draws that gcrodr solves at a time, so ordered that neighbours are alike; 1: as drawn",
      between(1, 10000));
  }
};

struct LinearSolverCounts {
  std::int64_t systems = 0, products = 0;  ///< products with a matrix; none by direct
};

/// Direct: each by its own factors, which a system with the same matrix uses again. \param counts of the work done
/// \throw InputError for fewer directions of a cycle than are recycled
LinearSolver make_linear_solver(const LinearSolverOptions& options,
                                std::shared_ptr<LinearSolverCounts> counts = nullptr);
LinearSolver direct_solver();

/// An order of draws in which neighbours resemble each other: from the first on, each time the nearest of those that
/// are left, in the numbers that vary, each relative to its range; \cite wang2024.
/// \param likeness numbers of each draw, equally many
std::vector<std::size_t> chain_of_neighbours(std::span<const std::vector<double>> likeness);

}  // namespace cotan

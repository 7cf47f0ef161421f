#include "physics/linear_solver.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "tests/physics/grid_matrix.h"

namespace cotan {
namespace {

using Values = std::vector<double>;

SparseMatrix member(int n, double draw) {
  return test::grid_matrix(n, 0.2, [=](double x, double y) { return 1 + 0.5 * std::sin(5 * x + 0.1 * draw) * y; });
}

TEST(LinearSolver, AllMethodsAgree) {
  const auto direct = direct_solver();
  for (const std::string method : {"direct", "gmres", "gcrodr"}) {
    for (const std::string preconditioner : {"none", "jacobi", "ilu"}) {
      LinearSolverOptions options;
      options.method = method;
      options.preconditioner = preconditioner;
      options.tolerance = 1e-11;
      options.subspace = 20;
      options.recycle = 5;
      const auto counts = std::make_shared<LinearSolverCounts>();
      const LinearSolver solve = make_linear_solver(options, counts);
      for (const int n : {12, 12, 9}) {  // the last on another mesh
        const SparseMatrix a = member(n, n);
        const Values b(a.rows(), 1.0), x = solve(a, b), expected = direct(a, b);
        for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], expected[i], 1e-7 * expected[n]) << method;
      }
      EXPECT_EQ(counts->systems, 3);
      EXPECT_EQ(counts->products > 0, method != "direct");
    }
  }
}

TEST(LinearSolver, DirectFactorsAreOfTheMatrixGiven) {
  const auto direct = direct_solver();
  SparseMatrix a = member(6, 0);
  const Values b(a.rows(), 1.0), one = direct(a, b), again = direct(a, Values(a.rows(), 2.0));
  for (double& value : a.values) value *= 4;
  const Values quarter = direct(a, b);
  for (std::size_t i = 0; i < b.size(); ++i) {
    EXPECT_NEAR(again[i], 2 * one[i], 1e-12 * one[i]);
    EXPECT_NEAR(quarter[i], one[i] / 4, 1e-12 * one[i]);
  }
}

TEST(LinearSolver, RefusesToRecycleMoreThanACycleHas) {
  LinearSolverOptions options;
  options.method = "gcrodr";
  options.recycle = options.subspace = 20;
  EXPECT_THROW(make_linear_solver(options), InputError);
}

TEST(LinearSolver, ChainsGoFromNeighbourToNeighbour) {
  // the second number is large but the same in all: it does not count
  const std::vector<Values> draws = {{0.4, 1e6}, {0.9, 1e6}, {0.5, 1e6}, {0.0, 1e6}, {0.7, 1e6}};
  EXPECT_EQ(chain_of_neighbours(draws), (std::vector<std::size_t>{0, 2, 4, 1, 3}));
  // numbers of another unit count by their range
  const std::vector<Values> two = {{0, 0}, {1, 1e-6}, {0.9, 0}, {0.1, 1e-6}};
  EXPECT_EQ(chain_of_neighbours(two), (std::vector<std::size_t>{0, 2, 1, 3}));
  EXPECT_TRUE(chain_of_neighbours({}).empty());
}

}  // namespace
}  // namespace cotan

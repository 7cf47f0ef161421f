#include "physics/linear_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "tests/physics/grid_matrix.h"

namespace cotan {
namespace {

using Values = std::vector<double>;

SparseMatrix line(int n) {
  SparseMatrix a;
  for (int i = 0; i < n; ++i) {
    for (const int j : {i - 1, i, i + 1}) {
      if (j < 0 || j >= n) continue;
      a.columns.push_back(j);
      a.values.push_back(j == i ? 3 + i : j < i ? -1 : 0.5);
    }
    a.offsets.push_back(static_cast<std::int64_t>(a.columns.size()));
  }
  return a;
}

TEST(LinearMap, Ilu0OfATridiagonalMatrixIsItsInverse) {
  const SparseMatrix a = line(9);
  Values b(9), x(9);
  for (int i = 0; i < 9; ++i) b[i] = std::sin(i);
  ilu0(a)(b, x);
  const Values back = multiply(a, x);
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(back[i], b[i], 1e-14);
}

// L U equals A within the pattern, which defines the factors: solve for the columns of A's rows by probing.
TEST(LinearMap, Ilu0EqualsTheMatrixInItsPattern) {
  const SparseMatrix a = test::grid_matrix(4, 0.3, [](double x, double y) { return 1 + x * y; });
  const LinearMap inverse = ilu0(a);
  // (L U)^-1 by columns, inverted again by dense elimination
  const int n = a.rows();
  std::vector<Values> m(n, Values(2 * n, 0.0));
  for (int j = 0; j < n; ++j) {
    Values unit(n, 0.0), column(n);
    unit[j] = 1;
    inverse(unit, column);
    for (int i = 0; i < n; ++i) m[i][j] = column[i];
    m[j][n + j] = 1;
  }
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < n; ++i) {
      if (i == k) continue;
      const double factor = m[i][k] / m[k][k];
      for (int j = 0; j < 2 * n; ++j) m[i][j] -= factor * m[k][j];
    }
  }
  for (int i = 0; i < n; ++i) {
    for (auto k = a.offsets[i]; k < a.offsets[i + 1]; ++k) {
      EXPECT_NEAR(m[i][n + a.columns[k]] / m[i][i], a.values[k], 1e-12);
    }
  }
}

TEST(LinearMap, JacobiDividesByTheDiagonal) {
  Values x(5);
  jacobi(line(5))(Values{3, 8, 0, -6, 7}, x);
  EXPECT_EQ(x, (Values{1, 2, 0, -1, 1}));
}

TEST(LinearMap, RefusesZeroPivots) {
  SparseMatrix a = line(4);
  a.values[a.offsets[2] + 1] = 0;
  EXPECT_THROW(
      {
        try {
          jacobi(a);
        } catch (const NumericsError& error) {
          EXPECT_THAT(error.what(), ::testing::HasSubstr("row 2"));
          throw;
        }
      },
      NumericsError);
  a.values = Values(a.values.size(), 0.0);
  EXPECT_THROW(ilu0(a), NumericsError);
}

}  // namespace
}  // namespace cotan

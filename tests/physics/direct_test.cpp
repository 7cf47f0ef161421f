#include "physics/direct.h"

#include <gtest/gtest.h>

#include <cmath>

#include "build_config.h"
#include "core/check.h"
#include "core/random.h"
#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

// An unsymmetric, diagonally dominant matrix on the pattern of a mesh.
SparseMatrix random_matrix(const Mesh& mesh) {
  SparseMatrix matrix = point_matrix(mesh);
  const Random random(3, purpose::test);
  for (Index i = 0; i < matrix.rows(); ++i) {
    for (auto k = matrix.offsets[i]; k < matrix.offsets[i + 1]; ++k) {
      matrix.values[k] = matrix.columns[k] == i ? 12 : 2 * random.uniform(k) - 1;
    }
  }
  return matrix;
}

std::vector<double> random_vector(Index n) {
  const Random random(4, purpose::test);
  std::vector<double> x(n);
  for (Index i = 0; i < n; ++i) x[i] = random.normal(i);
  return x;
}

void expect_solves(Solve (*method)(const SparseMatrix&)) {
  const SparseMatrix matrix = random_matrix(rectangle(9, 7));
  const auto x = random_vector(matrix.rows());
  const Solve solve = method(matrix);
  EXPECT_LT(test::largest_difference(solve(multiply(matrix, x)), x), 1e-13);
}

void expect_refuses_singular(Solve (*method)(const SparseMatrix&)) {
  SparseMatrix matrix = random_matrix(rectangle(3, 3));
  for (auto k = matrix.offsets[4]; k < matrix.offsets[5]; ++k) matrix.values[k] = 0;
  EXPECT_THROW(method(matrix), NumericsError);
}

TEST(Direct, SolvesUnsymmetricSystems) {
  expect_solves(factorise);
  expect_solves(factorise_eigen);
}

// One matrix after another, of one pattern and of others, by one factoriser; earlier solutions stay what they are.
TEST(Direct, FactorisesOneAfterAnother) {
  const Factorise factorise_next = ordered_factoriser();
  std::vector<SparseMatrix> matrices = {random_matrix(rectangle(9, 7)), random_matrix(rectangle(9, 7)),
                                        random_matrix(rectangle(5, 6)), random_matrix(rectangle(9, 7))};
  for (double& value : matrices[1].values) value *= 3;
  std::vector<Solve> solves;
  for (const auto& matrix : matrices) solves.push_back(factorise_next(matrix));
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    const auto x = random_vector(matrices[i].rows());
    EXPECT_LT(test::largest_difference(solves[i](multiply(matrices[i], x)), x), 1e-12) << i;
  }
  for (auto k = matrices[3].offsets[4]; k < matrices[3].offsets[5]; ++k) matrices[3].values[k] = 0;
  EXPECT_THROW(factorise_next(matrices[3]), NumericsError);
}

TEST(Direct, RefusesASingularMatrix) {
  expect_refuses_singular(factorise);
  expect_refuses_singular(factorise_eigen);
}

#if !COTAN_HAS_GPL
TEST(Direct, NamesTheOptionThatIsMissing) {
  EXPECT_THROW(factorise_umfpack(random_matrix(rectangle(2, 2))), InputError);
}
#endif

TEST(Sparse, HasAnEntryForEachPairOfNodesOfACell) {
  const Mesh mesh = mixed_rectangle(4, 4);
  const SparseMatrix pattern = point_matrix(mesh);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto nodes = mesh.cell(c);
    SparseMatrix matrix = pattern;
    add_block(matrix, nodes, std::vector<double>(nodes.size() * nodes.size(), 1.0));
    const auto sums = multiply(matrix, std::vector<double>(matrix.rows(), 1.0));
    for (const Index p : nodes) EXPECT_EQ(sums[p], nodes.size());
  }
}

TEST(Sparse, IdentityRowsKeepTheirEntryAndTheOthersStay) {
  SparseMatrix matrix = random_matrix(rectangle(3, 3));
  const auto x = random_vector(matrix.rows());
  const auto before = multiply(matrix, x);
  std::vector<char> chosen(matrix.rows(), 0);
  chosen[2] = chosen[7] = 1;
  set_identity_rows(matrix, chosen);
  const auto after = multiply(matrix, x);
  for (Index i = 0; i < matrix.rows(); ++i) EXPECT_EQ(after[i], chosen[i] ? x[i] : before[i]);
}

}  // namespace
}  // namespace cotan

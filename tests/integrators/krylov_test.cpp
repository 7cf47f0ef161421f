#include "integrators/krylov.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::near;
using testing_checks::random_tensor;

constexpr std::int64_t kSize = 30;

at::Tensor system_matrix() {
  return random_tensor({kSize, kSize}) + 8 * at::eye(kSize, at::kDouble);
}
VectorMap times(const at::Tensor& a) {
  return [a](const at::Tensor& x) { return at::mv(a, x); };
}

TEST(Gmres, SolvesWithAndWithoutRestarts) {
  const at::Tensor a = system_matrix(), x = random_tensor({kSize}, 2);
  for (const int restart : {60, 12}) {
    const KrylovResult found = gmres(times(a), at::mv(a, x), {1e-12, restart, 2000});
    EXPECT_TRUE(found.converged);
    EXPECT_TRUE(near(found.x, x, 1e-11)) << restart;
    EXPECT_LE(found.iterations, restart == 60 ? kSize : 2000);
  }
}

// The residual that the recurrence reports is the residual, and the smallest over the Krylov space: it never grows.
TEST(Gmres, ReportsTheResidual) {
  const at::Tensor a = system_matrix(), b = random_tensor({kSize}, 3);
  double before = 1;
  for (int k = 1; k < 12; ++k) {
    const KrylovResult found = gmres(times(a), b, {1e-14, 60, k});
    EXPECT_EQ(found.iterations, k);
    EXPECT_FALSE(found.converged);
    EXPECT_NEAR(found.residual, ((b - at::mv(a, found.x)).norm() / b.norm()).item<double>(), 1e-13);
    EXPECT_LE(found.residual, before);
    before = found.residual;
  }
}

TEST(Gmres, AnExactPreconditionerTakesOneIteration) {
  const at::Tensor a = system_matrix(), b = random_tensor({kSize}, 3);
  const KrylovResult found = gmres(times(a), b, {1e-10}, times(at::linalg_inv(a)));
  EXPECT_EQ(found.iterations, 1);
  EXPECT_TRUE(near(at::mv(a, found.x), b, 1e-10));
}

// Kept directions spare one product with the preconditioner and change nothing else.
TEST(Gmres, MayKeepWhatThePreconditionerMakes) {
  const at::Tensor a = system_matrix(), b = random_tensor({kSize}, 3);
  const at::Tensor about = at::linalg_inv(a + 0.3 * random_tensor({kSize, kSize}, 4));
  std::vector<at::Tensor> x;
  for (const bool keep : {false, true}) {
    int products = 0;
    const VectorMap conditioner = [&](const at::Tensor& v) {
      ++products;
      return at::mv(about, v);
    };
    const KrylovResult found = gmres(times(a), b, {1e-10, 60, 600, keep}, conditioner);
    EXPECT_TRUE(found.converged);
    EXPECT_EQ(products, found.iterations + !keep);
    x.push_back(found.x);
  }
  EXPECT_TRUE(near(x[0], x[1], 1e-12));
}

// With weights, numbers of weight 0 (ghosts of other ranks, here copies of the first) have no say.
TEST(Gmres, MeasuresWithTheInnerProduct) {
  const at::Tensor a = system_matrix(), b = random_tensor({kSize}, 3);
  const VectorMap with_copies = [&](const at::Tensor& x) {
    const at::Tensor y = at::mv(a, x.narrow(0, 0, kSize));
    return at::cat({y, y.narrow(0, 0, 5)});
  };
  InnerProduct owned{at::cat({at::ones({kSize}, at::kDouble), at::zeros({5}, at::kDouble)})};
  const KrylovResult plain = gmres(times(a), b, {1e-6}),
                     shared = gmres(with_copies, at::cat({b, b.narrow(0, 0, 5)}), {1e-6}, {}, owned);
  EXPECT_EQ(shared.iterations, plain.iterations);
  EXPECT_TRUE(near(shared.x.narrow(0, 0, kSize), plain.x, 1e-12));
  EXPECT_TRUE(near(shared.x.narrow(0, kSize, 5), plain.x.narrow(0, 0, 5), 1e-12));
}

TEST(Gmres, EndsOnWhatHasNoSolution) {
  const VectorMap nothing = [](const at::Tensor& x) { return at::zeros_like(x); };
  const at::Tensor b = at::ones({4}, at::kDouble);
  EXPECT_FALSE(gmres(nothing, b).converged);
  const VectorMap not_finite = [](const at::Tensor& x) { return x * NAN; };
  EXPECT_FALSE(gmres(not_finite, b).converged);
  const KrylovResult zero = gmres(times(at::eye(4, at::kDouble)), at::zeros({4}, at::kDouble));
  EXPECT_TRUE(zero.converged);
  EXPECT_EQ(zero.iterations, 0);
}

}  // namespace
}  // namespace cotan

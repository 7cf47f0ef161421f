#include "integrators/norm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::near;
using testing_checks::random_tensor;

State mixed(std::uint64_t seed) {
  return State({{"velocity", On::dofs, random_tensor({6, 2}, seed)},
                {"pressure", On::dofs, random_tensor({3, 1}, seed + 1)},
                {"material", On::cells, at::arange(5)}});
}

TEST(Norm, IsTheRootMeanSquareOfAllNumbers) {
  const State a = mixed(1);
  const double squares = a["velocity"].square().sum().item<double>() + a["pressure"].square().sum().item<double>();
  EXPECT_NEAR(Norm()(a), std::sqrt(squares / 15), 1e-14);
  EXPECT_EQ(Norm()(State()), 0);
}

TEST(Norm, IsANormFromItsInnerProduct) {
  Norm norm;
  norm.scale = {{"velocity", 0.1}, {"pressure", 100.0}};
  const State a = mixed(1), b = mixed(7);
  EXPECT_NEAR(norm.dot(a, a), norm(a) * norm(a), 1e-12 * norm.dot(a, a));
  EXPECT_NEAR(norm(scaled(a, -3)), 3 * norm(a), 1e-12);
  EXPECT_LE(norm(axpy(a, 1, b)), norm(a) + norm(b));
  EXPECT_LE(std::abs(norm.dot(a, b)), norm(a) * norm(b));
  EXPECT_NEAR(norm.dot(a, axpy(b, 2, a)), norm.dot(a, b) + 2 * norm.dot(a, a), 1e-10);
}

// Other units, the same norm: the scale carries the field's unit.
TEST(Norm, DoesNotDependOnUnits) {
  const State a = mixed(1), in_millimetres = a.with("velocity", a["velocity"] * 1000);
  Norm metres, millimetres;
  metres.scale["velocity"] = 2;
  millimetres.scale["velocity"] = 2000;
  EXPECT_NEAR(metres(a), millimetres(in_millimetres), 1e-12);
}

TEST(Norm, CountsOwnedRowsWhateverGhostsHold) {
  State a = mixed(1);
  at::Tensor velocity = a["velocity"].clone();
  velocity.slice(0, 4) = std::numeric_limits<double>::quiet_NaN();
  Norm norm;
  norm.owned["velocity"] = at::arange(6) < 4;
  norm.owned["pressure"] = at::arange(3) < 0;
  EXPECT_NEAR(norm(a.with("velocity", velocity)), Norm()(State({{"v", On::dofs, a["velocity"].slice(0, 0, 4)}})),
              1e-14);
}

// Two halves that own complementary rows add up to the whole, as ranks do.
TEST(Norm, PartsAddUp) {
  const State a = mixed(1), b = mixed(3);
  Norm left, right;
  left.owned = {{"velocity", at::arange(6) < 2}, {"pressure", at::arange(3) < 2}};
  right.owned = {{"velocity", at::arange(6) >= 2}, {"pressure", at::arange(3) >= 2}};
  const double n_left = 2 * 2 + 2, n_right = 4 * 2 + 1;
  EXPECT_NEAR((left.dot(a, b) * n_left + right.dot(a, b) * n_right) / (n_left + n_right), Norm().dot(a, b), 1e-14);
}

TEST(Norm, GraphsOfABatchAreMeasuredApart) {
  const State a = mixed(1);
  Norm norm;
  norm.num_graphs = 3;
  norm.graph = {{"velocity", at::tensor({0, 0, 2, 2, 2, 0})}, {"pressure", at::tensor({2, 0, 2})}};
  const at::Tensor v = a["velocity"].square().sum(1), p = a["pressure"].square().sum(1);
  const at::Tensor expected =
      at::stack({(v[0] + v[1] + v[5] + p[1]) / 7, at::zeros({}, at::kDouble), (v[2] + v[3] + v[4] + p[0] + p[2]) / 8})
          .sqrt();
  EXPECT_TRUE(near(norm.by_graph(a), expected, 1e-14));
  EXPECT_NEAR(norm(a), Norm()(a), 1e-14) << "over all graphs";
}

TEST(Norm, SinglePrecisionIsSummedInDouble) {
  const State a({{"u", On::points, at::full({1 << 20}, 0.1, at::kFloat)}});
  EXPECT_NEAR(Norm()(a), static_cast<double>(0.1f), 1e-12);
}

}  // namespace
}  // namespace cotan

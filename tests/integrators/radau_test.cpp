#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>

#include "integrators/gradient.h"
#include "integrators/implicit.h"
#include "tests/checks.h"
#include "tests/integrators/small_states.h"

namespace cotan {
namespace {

using testing_checks::measured_order;
using testing_checks::near;
using testing_checks::random_tensor;

using namespace testing_states;

const std::vector<double> kSpan = {0, 40};

State robertson(double, const State& u) {
  const auto y = u["x"].unbind(1);
  const at::Tensor slow = -0.04 * y[0] + 1e4 * y[1] * y[2], fast = 3e7 * y[1].square();
  return points(at::stack({slow, -slow - fast, fast}, 1));
}

TEST(Radau5, SolvesRobertsonsReactionsInFewEvaluations) {
  const Solution out =
      solve(*make_integrator("radau5"), Rhs(robertson), numbers({1, 0, 0}), kSpan, tolerances(1e-6, 1e-10));
  const at::Tensor expected = at::tensor({0.7158270688, 9.185534765e-6, 0.2841637457}, at::kDouble).reshape({1, 3});
  EXPECT_TRUE(at::allclose(out.last["x"], expected, 1e-6, 1e-13)) << out.last["x"];
  EXPECT_LT(out.evaluations, 900);  // four of them for each Jacobian
  EXPECT_LT(out.rejected, out.accepted / 5);
}

// x' = -x (1 + sin t): the error of one step's collocation polynomial within it, and of the estimate.
TEST(Radau5, ItsPolynomialAndItsEstimateHaveTheirOrders) {
  const Rhs f = [](double t, const State& u) { return points(-u["x"] * (1 + std::sin(t))); };
  const auto exact = [](double t) { return std::exp(-t - 1 + std::cos(t)); };
  const State u = numbers({exact(0.5)}), allowed = numbers({1});
  std::vector<double> length, between, estimate;
  for (const double h : {0.2, 0.1, 0.05}) {
    const Step step = make_integrator("radau5")->step(f, 0.5, h, u, {.allowed = &allowed});
    length.push_back(h);
    double most = 0;
    for (const double theta : {0.3, 0.5, 0.9})
      most = std::max(most, std::abs(step.dense(theta)["x"].item<double>() - exact(0.5 + theta * h)));
    between.push_back(most);
    estimate.push_back(std::abs((*step.error)["x"].item<double>()));
    EXPECT_TRUE(near(step.dense(1)["x"], step.u["x"], 1e-14));
    EXPECT_TRUE(near(step.slope.value()["x"], f(0.5 + h, step.u)["x"], h * h * h));
  }
  EXPECT_GT(measured_order(length, between), 3.7);
  EXPECT_NEAR(measured_order(length, estimate), 4, 0.4);
}

// Larger than what factors are made for, by products and a preconditioner: a ring that cools, with a source that moves.
TEST(Radau5, SolvesLargeStatesWithAShiftedInverse) {
  const std::int64_t n = 300;
  const at::Tensor one = at::eye(n, at::kDouble);
  const at::Tensor laplacian = 1e4 * (at::roll(one, 1, 0) + at::roll(one, -1, 0) - 2 * one);
  const at::Tensor shape = at::sin(at::arange(n, at::kDouble) * (2 * M_PI / double(n))).unsqueeze(1);
  const double r = 1e4 * (2 - 2 * std::cos(2 * M_PI / double(n)));  // a sine is an eigenvector
  Rate rate = [=](double t, const State& u) {
    return points(at::mm(laplacian, u["x"]) + (r * std::sin(5 * t) + 5 * std::cos(5 * t)) * shape);
  };
  rate.whole.shifted_inverse = [=](double, const State&, double gamma) -> StateMap {
    const at::Tensor inverse = at::linalg_inv(one - gamma * laplacian);
    return [inverse](const State& b) { return points(at::mm(inverse, b["x"])); };
  };
  const Solution out = solve(*make_integrator("radau5"), rate, points(at::zeros({n, 1}, at::kDouble)),
                             std::vector<double>{0, 2}, tolerances(1e-6, 1e-8));
  EXPECT_LT((out.last["x"] - std::sin(10.0) * shape).abs().max().item<double>(), 1e-5);
  EXPECT_LT(out.evaluations, 40 * out.accepted);
  EXPECT_LT(out.accepted, 120);
}

// The solution's gradient by all ways, with steps that are chosen; back in time no method follows a stiff rate.
TEST(Radau5, GradientsOfASolutionAgree) {
  const auto solved = [](const at::Tensor& start, const at::Tensor& rates, GradientWay way) {
    const Rhs f = [rates](double, const State& u) {
      const at::Tensor& x = u["x"];
      return points(at::cat({rates[0] * (at::cos(x.narrow(1, 1, 1)) - x.narrow(1, 0, 1)),
                             rates[1] * (x.narrow(1, 0, 1).square() - x.narrow(1, 1, 1))},
                            1));
    };
    GradientOptions gradients;
    gradients.way = way;
    gradients.parameters = {rates};
    return solve_with_gradient(make_integrator("radau5"), f, points(start), std::vector<double>{0, 0.7, 1},
                               tolerances(1e-9, 1e-10), {}, {}, gradients)
        .solution;
  };
  const auto gradient = [&](double stiff, GradientWay way) {
    const at::Tensor start = at::tensor({0.4, 2.0}, at::kDouble).unsqueeze(0).requires_grad_(true);
    const at::Tensor rates = at::tensor({stiff, 0.7}, at::kDouble).requires_grad_(true);
    const Solution out = solved(start, rates, way);
    const auto g = torch::autograd::grad({out.states[1]["x"].square().sum() + out.last["x"].sum()}, {start, rates});
    return at::cat({g[0].flatten(), g[1]});
  };
  EXPECT_TRUE(near(gradient(500, GradientWay::checkpoints), gradient(500, GradientWay::through), 1e-7));
  const at::Tensor expected = gradient(5, GradientWay::through);
  EXPECT_TRUE(near(gradient(5, GradientWay::checkpoints), expected, 1e-7));
  EXPECT_TRUE(near(gradient(5, GradientWay::adjoint), expected, 1e-5));
}

TEST(Radau5, ARateThatLeavesItsDomainEndsWithTimeAndComponent) {
  const Rhs f = [](double, const State& u) { return points(-1 / at::sqrt(u["x"])); };  // 0 at t = 2/3
  try {
    solve(*make_integrator("radau5"), f, numbers({1, 100}), std::vector<double>{0, 1});
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("the step shrank to nothing at t = 0.66"),
                                             testing::HasSubstr("'x' at row 0, component 0")));
  }
}

}  // namespace
}  // namespace cotan

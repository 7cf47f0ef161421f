#include "integrators/implicit.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>

#include "integrators/gradient.h"
#include "tests/checks.h"
#include "tests/integrators/small_states.h"

namespace cotan {
namespace {

using testing::HasSubstr;
using testing_checks::check_gradient;
using testing_checks::measured_order;
using testing_checks::near;
using testing_checks::random_tensor;

using namespace testing_states;

// (n, n) the Laplacian of a ring, as a network of springs or of heat.
at::Tensor ring(std::int64_t n) {
  const at::Tensor one = at::eye(n, at::kDouble);
  return at::roll(one, 1, 0) + at::roll(one, -1, 0) - 2 * one;
}

const at::Tensor kWeight = random_tensor({3, 3}, 5), kStart = random_tensor({4, 3}, 6);

Rhs network(const at::Tensor& weight) {
  return [weight](double t, const State& u) {
    return u.with("x", at::tanh(at::mm(u["x"], weight)) * (2 + t) - at::pow(u["x"], 3));
  };
}

TEST(SolveStage, FindsTheFixedPointByEachJacobian) {
  const Rhs f = network(kWeight);
  RatePart exact{f, jacobian_by_autograd(f)}, with_inverse{f};
  with_inverse.shifted_inverse = [f](double t, const State& u, double gamma) -> StateMap {
    std::vector<at::Tensor> columns;  // the whole matrix, row by row of the identity
    const StateMap j = jacobian_by_autograd(f)(t, u);
    for (int i = 0; i < 12; ++i) {
      const at::Tensor e = at::zeros({12}, at::kDouble).index_fill(0, at::tensor({i}, at::kLong), 1.0);
      columns.push_back(e - gamma * j(points(e.reshape({4, 3})))["x"].reshape({-1}));
    }
    const at::Tensor inverse = at::linalg_inv(at::stack(columns, 1));
    return [inverse](const State& b) { return points(at::mv(inverse, b["x"].reshape({-1})).reshape({4, 3})); };
  };
  const State base = points(kStart);
  for (const RatePart& part : {RatePart{f}, exact, with_inverse}) {
    const State z = solve_stage(part, 0.3, base, 0.4, base, {});
    EXPECT_TRUE(near(z["x"], axpy(base, 0.4, f(0.3, z))["x"], 1e-10));
  }
}

// An exact inverse needs far fewer evaluations than the Krylov method alone.
TEST(SolveStage, ASharpPreconditionerSavesEvaluations) {
  const at::Tensor laplacian = 1e4 * ring(64), start = random_tensor({64, 1});
  const auto calls = std::make_shared<std::int64_t>(0);
  RatePart part{[=](double, const State& u) { return ++*calls, points(at::mm(laplacian, u["x"])); }};
  const State plain = solve_stage(part, 0, points(start), 0.1, points(start), {});
  const std::int64_t without = std::exchange(*calls, 0);
  part.shifted_inverse = [=](double, const State&, double gamma) -> StateMap {
    const at::Tensor inverse = at::linalg_inv(at::eye(64, at::kDouble) - gamma * laplacian);
    return [inverse](const State& b) { return points(at::mm(inverse, b["x"])); };
  };
  const State quick = solve_stage(part, 0, points(start), 0.1, points(start), {});
  EXPECT_TRUE(near(quick["x"], plain["x"], 1e-9));
  EXPECT_LT(*calls, 12);
  EXPECT_GT(without, 5 * *calls);
}

TEST(SolveStage, JacobiansByAutogradAreExact) {
  const State u = points(kStart), v = points(random_tensor({4, 3}, 8));
  const at::Tensor found = jacobian_by_autograd(network(kWeight))(0.3, u)(v)["x"];
  const at::Tensor slope = 1 - at::tanh(at::mm(kStart, kWeight)).square();
  const at::Tensor expected = slope * at::mm(v["x"], kWeight) * 2.3 - 3 * kStart.square() * v["x"];
  EXPECT_TRUE(near(found, expected, 1e-13));
}

// The implicit function theorem, in the base, in what f reads, and in neither of the two.
TEST(SolveStage, GradientsAgreeWithDifferences) {
  const auto solved = [](const at::Tensor& base, const at::Tensor& weight) {
    NewtonOptions newton;
    newton.tolerance = 1e-14;
    return solve_stage({network(weight)}, 0.3, points(base), 0.4, points(base), {}, newton)["x"];
  };
  EXPECT_TRUE(check_gradient([&](const at::Tensor& x) { return solved(x, kWeight); }, kStart));
  EXPECT_TRUE(check_gradient([&](const at::Tensor& w) { return solved(kStart, w); }, kWeight));
  const Rhs constant = [](double, const State& u) { return points(at::ones_like(u["x"].detach())); };
  const at::Tensor x = kStart.clone().requires_grad_(true);
  const State z = solve_stage({constant}, 0, points(x), 0.5, points(x), {});
  EXPECT_TRUE(near(torch::autograd::grad({z["x"].sum()}, {x})[0], at::ones_like(x), 1e-14));
}

TEST(SolveStage, WithoutASolutionNamesTimeAndComponent) {
  const Rhs f = [](double, const State& u) { return points(at::where(u["x"] > 5, u["x"].square() + 1, u["x"] * 0)); };
  const State base = points(at::tensor({1.0, 9.0}, at::kDouble).reshape({2, 1}));  // z = 9 + z^2 + 1: no real one
  try {
    solve_stage({f}, 0.25, base, 1, base, {});
    FAIL();
  } catch (const StepFailure& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("no solution of the implicit step at t = 0.25 s"),
                                             HasSubstr("'x' at row 1, component 0")));
  }
}

// Three reactions with constants from 0.04 to 3e7; Hairer and Wanner (1996), IV.1.
TEST(Stiff, RobertsonsReactions) {
  const Rhs f = [](double, const State& u) {
    const auto y = u["x"].unbind(1);
    const at::Tensor slow = -0.04 * y[0] + 1e4 * y[1] * y[2], fast = 3e7 * y[1].square();
    return points(at::stack({slow, -slow - fast, fast}, 1));
  };
  const Solution out =
      solve(*make_integrator("sdirk4"), f, numbers({1, 0, 0}), std::vector<double>{0, 40}, tolerances(1e-6, 1e-10));
  const at::Tensor expected = at::tensor({0.7158270688, 9.185534765e-6, 0.2841637457}, at::kDouble).reshape({1, 3});
  EXPECT_TRUE(at::allclose(out.last["x"], expected, 1e-4, 1e-12)) << out.last["x"];
  EXPECT_NEAR(out.last["x"].sum().item<double>(), 1, 1e-9);
  EXPECT_LT(out.accepted + out.rejected, 400);  // explicit ones need over 10^4, by their stability
}

// Van der Pol's oscillator with eps = 1e-6; the reference of Hairer and Wanner's test set.
TEST(Stiff, VanDerPolsOscillator) {
  const Rhs f = [](double, const State& u) {
    const auto y = u["x"].unbind(1);
    return points(at::stack({y[1], ((1 - y[0].square()) * y[1] - y[0]) / 1e-6}, 1));
  };
  const Solution out =
      solve(*make_integrator("sdirk4"), f, numbers({2, -0.66}), std::vector<double>{0, 2}, tolerances(1e-5, 1e-7));
  EXPECT_NEAR(out.last["x"][0][0].item<double>(), 1.706167732170483, 2e-3);
  EXPECT_NEAR(out.last["x"][0][1].item<double>(), -0.8928097010247975, 2e-3);
  EXPECT_LT(out.accepted + out.rejected, 3000);
}

// Heat on a ring of 40 points with a source that moves smoothly: the fastest decay is 4e4 / s, steps are up to 1/40 s.
Rate heated_ring() {
  const at::Tensor laplacian = 1e4 * ring(40), one = at::eye(40, at::kDouble);
  const at::Tensor shape = at::sin(at::arange(40, at::kDouble) * (2 * M_PI / 40)).unsqueeze(1);
  Rate rate = [=](double t, const State& u) {
    return points(at::mm(laplacian, u["x"]) + (300 * std::sin(5 * t) + 5 * std::cos(5 * t)) * shape);
  };
  rate.whole.jacobian = [=](double, const State&) -> StateMap {
    return [=](const State& v) { return points(at::mm(laplacian, v["x"])); };
  };
  rate.whole.shifted_inverse = [=](double, const State&, double gamma) -> StateMap {
    const at::Tensor inverse = at::linalg_inv(one - gamma * laplacian);
    return [inverse](const State& b) { return points(at::mm(inverse, b["x"])); };
  };
  return rate;
}

TEST(Stiff, HeatOnAGraphKeepsTheOrders) {
  // a sine is an eigenvector: a scalar equation x' = -r x + s(t)
  const double r = 1e4 * (2 - 2 * std::cos(2 * M_PI / 40));
  const auto exact = [r](double t) {
    // the particular solution of the two sources, started on it
    const double a = 300, b = 5, w = 5, d = r * r + w * w;
    return ((a * r + b * w) * std::sin(w * t) + (b * r - a * w) * std::cos(w * t)) / d;
  };
  const at::Tensor shape = at::sin(at::arange(40, at::kDouble) * (2 * M_PI / 40)).unsqueeze(1);
  // as measured on the scalar equation too: at these steps, up to 6 times 1 / r, some are not yet at their order
  const std::vector<std::pair<std::string, double>> expected = {
      {"backward_euler", 1}, {"crank_nicolson", 2}, {"bdf2", 1.75}, {"sdirk2", 1.8}, {"sdirk4", 3.2}};
  for (const auto& [name, order] : expected) {
    std::vector<double> h, error;
    for (const int steps : {40, 80, 160}) {
      const auto method = make_integrator(name);
      State u = points(exact(0) * shape);
      for (int k = 0; k < steps; ++k) u = method->step(heated_ring(), 1.0 * k / steps, 1.0 / steps, u).u;
      h.push_back(1.0 / steps);
      error.push_back((method->visible(u)["x"] - exact(1) * shape).abs().max().item<double>());
    }
    EXPECT_NEAR(measured_order(h, error), order, 0.1) << name;
    EXPECT_LT(error.back(), 1e-3) << name;
  }
}

// On lengths that change by a half and back: the coefficients are those of the lengths.
TEST(Bdf2, KeepsItsOrderOnStepsOfDifferentLengths) {
  const Rhs f = [](double t, const State& u) { return points(-u["x"] * (1 + std::sin(t))); };
  std::vector<double> h, error;
  for (const int pairs : {20, 40, 80}) {
    const double length = 2.0 / (3 * pairs);
    std::vector<TimeStep> steps;
    double t = 0;
    for (int k = 0; k < 2 * pairs; ++k) {
      const double l = k % 2 ? 2 * length : length;
      steps.push_back({t, l, t + l});
      t = steps.back().end;
    }
    const Solution out = replay(make_integrator("bdf2"), f, numbers({1}), steps, {}).solution;
    h.push_back(length);
    error.push_back(std::abs(out.last["x"].item<double>() - std::exp(-2 - 1 + std::cos(2))));
    EXPECT_EQ(out.last.entries().size(), 1u);
  }
  EXPECT_NEAR(measured_order(h, error), 2, 0.15);
}

TEST(Bdf2, GradientsPassTheStatesThatItCarries) {
  const auto last = [](const at::Tensor& x, GradientWay way) {
    GradientOptions options;
    options.way = way;
    return replay(make_integrator("bdf2"), network(kWeight), points(x), equal_steps(0, 0.1, 9), {0.35, 0.7}, options)
        .solution;
  };
  const at::Tensor x = kStart.clone().requires_grad_(true);
  std::vector<at::Tensor> found;
  for (const GradientWay way : {GradientWay::through, GradientWay::checkpoints}) {
    const Solution out = last(x, way);
    found.push_back(torch::autograd::grad({out.last["x"].sum() + out.states[0]["x"].square().sum()}, {x})[0]);
  }
  EXPECT_TRUE(near(found[1], found[0], 1e-12));
  EXPECT_TRUE(
      check_gradient([&](const at::Tensor& y) { return last(y, GradientWay::through).last["x"]; }, kStart, 1e-6));
  const Solution adjoint = last(x, GradientWay::adjoint);
  EXPECT_THROW(torch::autograd::grad({adjoint.last["x"].sum()}, {x}), std::exception);
}

// A rate that leaves its domain: the message names where, for an implicit method too.
TEST(Stiff, ARateThatLeavesItsDomainEndsWithTimeAndComponent) {
  const Rhs f = [](double, const State& u) { return points(-1 / at::sqrt(u["x"])); };  // 0 at t = 2/3
  try {
    solve(*make_integrator("sdirk4"), f, numbers({1, 100}), std::vector<double>{0, 1});
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("the step shrank to nothing at t = 0.66"), HasSubstr("(step "),
                                             HasSubstr("'x' at row 0, component 0")));
  }
}

}  // namespace
}  // namespace cotan

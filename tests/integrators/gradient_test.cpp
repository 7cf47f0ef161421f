#include "integrators/gradient.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/check.h"
#include "integrators/checkpoints.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing::HasSubstr;
using testing_checks::check_gradient;
using testing_checks::measured_order;
using testing_checks::near;
using testing_checks::random_tensor;

constexpr GradientWay kWays[] = {GradientWay::through, GradientWay::checkpoints, GradientWay::adjoint};

GradientOptions by(GradientWay way, std::vector<at::Tensor> parameters = {}) {
  GradientOptions options;
  options.way = way;
  options.parameters = std::move(parameters);
  return options;
}

// A network of one layer beside an oscillator, a whole number that is carried along, and the time.
Rhs rate(const at::Tensor& weight) {
  return [weight](double t, const State& u) {
    return u.with("x", at::tanh(at::mm(u["x"], weight)) + std::sin(3 * t) * u["y"]).with("y", -u["x"].sum(1, true));
  };
}
State start_at(const at::Tensor& x) {
  return State({{"x", On::points, x},
                {"role", On::points, at::arange(x.size(0))},
                {"y", On::points, at::full({x.size(0), 1}, 0.3, at::kDouble)}});
}
const at::Tensor kStart = random_tensor({3, 2}), kWeight = random_tensor({2, 2}, 2);

// Central differences over 1e-5 see what is 1e-5 of an error as one of the gradient.
SolveOptions within(double tolerance = 1e-12) {
  SolveOptions options;
  options.relative = options.absolute = tolerance;
  return options;
}

// States at several times, on steps and between them, as one tensor.
at::Tensor joined(const Solution& solution) {
  std::vector<at::Tensor> all = {solution.last["x"], solution.last["y"].expand({-1, 2})};
  for (const State& u : solution.states) all.push_back(u["x"]);
  return at::cat(all);
}

SolutionWithGradient fixed(const std::string& method, const at::Tensor& x, const at::Tensor& weight,
                           const GradientOptions& options, std::int64_t steps = 40) {
  return replay(make_integrator(method), rate(weight), start_at(x), equal_steps(0.2, 1.0 / steps, steps),
                {0.2, 0.45, 0.7123, 1.1}, options);
}
SolutionWithGradient adaptive(const std::string& method, const at::Tensor& x, const at::Tensor& weight,
                              const GradientOptions& options, double tolerance = 1e-12) {
  return solve_with_gradient(make_integrator(method), rate(weight), start_at(x),
                             std::vector<double>{0.2, 0.45, 0.7123, 1.2}, within(tolerance), {}, {}, options);
}

class Ways : public testing::TestWithParam<GradientWay> {};
std::string name_of(const testing::TestParamInfo<GradientWay>& info) {
  const std::vector<std::string> names = {"Through", "Checkpoints", "Adjoint"};
  return names[static_cast<std::size_t>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(All, Ways, testing::ValuesIn(kWays), name_of);

TEST_P(Ways, AgreeWithDifferencesOverFixedSteps) {
  const bool adjoint = GetParam() == GradientWay::adjoint;  // whose own error is of fourth order
  const std::int64_t steps = adjoint ? 160 : 40;
  const double tolerance = adjoint ? 1e-7 : 1e-8;
  EXPECT_TRUE(check_gradient(
      [&](const at::Tensor& x) { return joined(fixed("rk4", x, kWeight, by(GetParam()), steps).solution); }, kStart,
      tolerance));
  EXPECT_TRUE(check_gradient(
      [&](const at::Tensor& w) { return joined(fixed("rk4", kStart, w, by(GetParam(), {w}), steps).solution); },
      kWeight, tolerance));
}

TEST_P(Ways, AgreeWithDifferencesOverAdaptiveSteps) {
  EXPECT_TRUE(check_gradient(
      [&](const at::Tensor& x) { return joined(adaptive("tsitouras", x, kWeight, by(GetParam())).solution); }, kStart,
      1e-6));
  EXPECT_TRUE(check_gradient(
      [&](const at::Tensor& w) { return joined(adaptive("dormand_prince", kStart, w, by(GetParam(), {w})).solution); },
      kWeight, 1e-6));
}

// By checkpoints: the gradient of through, whatever the slots, and the same states.
TEST(Gradient, CheckpointsGiveTheStepsOwnGradient) {
  const at::Tensor x = kStart.clone().requires_grad_(true), w = kWeight.clone().requires_grad_(true);
  const at::Tensor scaled_weight = w * 1.5;  // made from a leaf: its own operations are outside of the steps
  const auto gradients = [&](const at::Tensor& y) {
    return torch::autograd::grad({(y * random_tensor(y.sizes(), 5)).sum()}, {x, w}, {}, /*retain_graph=*/true);
  };
  for (const bool adapts : {false, true}) {
    const auto run = [&](const GradientOptions& options) {
      return adapts ? adaptive("dormand_prince", x, scaled_weight, options, 1e-6)
                    : fixed("heun", x, scaled_weight, options);
    };
    const at::Tensor y = joined(run(by(GradientWay::through)).solution);
    const auto expected = gradients(y);
    for (const std::int64_t slots : {0, 1, 3, 100}) {
      GradientOptions options = by(GradientWay::checkpoints, {scaled_weight, kWeight});
      options.slots = slots;
      const SolutionWithGradient found = run(options);
      EXPECT_TRUE(at::equal(joined(found.solution), y));
      const auto gradient = gradients(joined(found.solution));
      EXPECT_TRUE(near(gradient[0], expected[0], 1e-13)) << slots;
      EXPECT_TRUE(near(gradient[1], expected[1], 1e-13)) << slots;
      EXPECT_EQ(found.report->repeats, fewest_repeats(found.solution.accepted, found.report->slots));
    }
  }
}

TEST(Gradient, ReplayMakesTheStepsOfSolve) {
  for (const std::string method : {"heun", "bogacki_shampine", "tsitouras"}) {
    const Solution solved = adaptive(method, kStart, kWeight, {}, 1e-5).solution;
    const Solution again =
        replay(make_integrator(method), rate(kWeight), start_at(kStart), solved.steps, solved.times).solution;
    EXPECT_TRUE(at::equal(joined(again), joined(solved))) << method;
    EXPECT_EQ(again.end, solved.end);
    EXPECT_EQ(std::ssize(solved.steps), solved.accepted);
  }
}

// u' = a u by Euler's method: (1 + a h)^n and its derivatives, from 8 states instead of 10^4.
TEST(Gradient, TenThousandStepsFromEightStates) {
  constexpr std::int64_t kSteps = 10000;
  const double h = 1e-4;
  const at::Tensor x = at::full({1, 1}, 1.3, at::kDouble).requires_grad_(true);
  const at::Tensor a = at::full({1}, -0.7, at::kDouble).requires_grad_(true);
  const Rhs f = [a](double, const State& u) { return u.with("x", a * u["x"]); };
  const SolutionWithGradient out = replay(make_integrator("euler"), f, State({{"x", On::points, x}}),
                                          equal_steps(0, h, kSteps), {}, by(GradientWay::checkpoints, {a}));
  const auto found = torch::autograd::grad({out.solution.last["x"].sum()}, {x, a});
  const double growth = std::pow(1 - 0.7 * h, kSteps);
  EXPECT_NEAR(found[0].item<double>(), growth, 1e-12);
  EXPECT_NEAR(found[1].item<double>(), 1.3 * kSteps * h * growth / (1 - 0.7 * h), 1e-11);
  EXPECT_EQ(out.report->slots, 8);
  EXPECT_EQ(out.report->most_stored, 8);
  EXPECT_EQ(out.report->repeats, fewest_repeats(kSteps, 8));
  EXPECT_LT(static_cast<double>(out.report->repeats), 8.0 * kSteps);
}

// The adjoint's error is what is reported, over all gradients together, and falls with the method's order.
TEST(Gradient, TheAdjointErrsWithTheOrderOfTheMethod) {
  std::vector<double> h, error;
  for (const std::int64_t steps : {20, 40, 80}) {
    at::Tensor gradient[2];
    for (const bool adjoint : {false, true}) {
      const at::Tensor x = kStart.clone().requires_grad_(true), w = kWeight.clone().requires_grad_(true);
      const at::Tensor y = at::full({3, 1}, 0.3, at::kDouble).requires_grad_(true);
      GradientOptions options = by(adjoint ? GradientWay::adjoint : GradientWay::through, {w});
      options.compare = adjoint;
      const auto out = replay(make_integrator("bogacki_shampine"), rate(w), start_at(x).with("y", y),
                              equal_steps(0, 1.0 / steps, steps), {}, options);
      const auto found = torch::autograd::grad({out.solution.last["x"].square().sum()}, {x, y, w});
      gradient[adjoint] = at::cat({found[0].reshape({-1}), found[1].reshape({-1}), found[2].reshape({-1})});
      if (!adjoint) continue;
      ASSERT_TRUE(out.report->adjoint_error.has_value());
      h.push_back(1.0 / steps);
      error.push_back(*out.report->adjoint_error);
    }
    const double expected = ((gradient[1] - gradient[0]).norm() / gradient[0].norm()).item<double>();
    EXPECT_NEAR(error.back(), expected, 1e-6 * expected);
  }
  EXPECT_NEAR(measured_order(h, error), 3, 0.2);
}

// Up to an event's time, which is a constant.
TEST_P(Ways, EndAtAnEvent) {
  const std::vector<StopEvent> events{{"low", [](double, const State& u) { return u["x"].sum().item<double>(); }, -1}};
  const Rhs f = [](double, const State& u) { return u.with("x", -u["x"].square() - 1); };
  const auto run = [&](const at::Tensor& x, const GradientOptions& options) {
    return solve_with_gradient(make_integrator("dormand_prince"), f, State({{"x", On::points, x}}),
                               std::vector<double>{0, 0.5, 9}, within(), {}, events, options)
        .solution;
  };
  const at::Tensor x = at::ones({1, 1}, at::kDouble).requires_grad_(true);
  const Solution out = run(x, by(GetParam()));
  EXPECT_NEAR(out.end, M_PI / 4, 1e-9);  // x = tan(pi/4 - t), and dx/dx0 = (1 + x^2) / (1 + x0^2)
  ASSERT_EQ(out.states.size(), 2u);
  EXPECT_NEAR(torch::autograd::grad({out.last["x"].sum()}, {x}, {}, true)[0].item<double>(), 0.5, 1e-8);
  const double between = std::tan(M_PI / 4 - 0.5);
  EXPECT_NEAR(torch::autograd::grad({out.states[1]["x"].sum()}, {x})[0].item<double>(), (1 + between * between) / 2,
              1e-7);
}

TEST(Gradient, RefusesALeafThatIsNotListed) {
  const at::Tensor w = kWeight.clone().requires_grad_(true), x = kStart.clone().requires_grad_(true);
  for (const GradientWay way : {GradientWay::checkpoints, GradientWay::adjoint}) {
    try {
      fixed("rk4", x, w, by(way));
      FAIL();
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr("the rate reads a tensor of shape [2, 2] that has gradients"));
    }
    EXPECT_NO_THROW(fixed("rk4", x, w, by(way, {w})));
    EXPECT_NO_THROW(fixed("rk4", x, w * 2, by(way, {w})));  // what is made of it too
    const at::NoGradGuard none;
    EXPECT_NO_THROW(fixed("rk4", x, w, by(way)));
  }
}

TEST(Gradient, SecondDerivativesGoThroughOnly) {
  const at::Tensor x = kStart.clone().requires_grad_(true);
  const auto second = [&](GradientWay way) {
    const at::Tensor y = joined(fixed("rk4", x, kWeight, by(way), 4).solution).square().sum();
    return torch::autograd::grad({torch::autograd::grad({y}, {x}, {}, true, true)[0].sum()}, {x})[0];
  };
  EXPECT_TRUE(second(GradientWay::through).defined());
  EXPECT_THROW(second(GradientWay::checkpoints), std::exception);
  EXPECT_THROW(second(GradientWay::adjoint), std::exception);
}

TEST(Gradient, RefusesStepsThatDoNotFollowAndTimesOutside) {
  const auto refused = [&](std::vector<TimeStep> steps, std::vector<double> times) {
    EXPECT_THROW(replay(make_integrator("rk4"), rate(kWeight), start_at(kStart), std::move(steps), std::move(times)),
                 InputError);
  };
  refused({}, {});
  refused({{0, 1, 1}, {1.5, 1, 2.5}}, {});
  refused({{1, -1, 0}}, {});
  refused({{0, 1, 1}}, {-0.1});
  refused({{0, 1, 1}}, {1.1});
  refused({{0, 1, 1}}, {0.5, 0.4});
  refused({{0, 1, 1}}, {NAN});
}

}  // namespace
}  // namespace cotan

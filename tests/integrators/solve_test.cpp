#include "integrators/solve.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing::HasSubstr;
using testing_checks::near;

State scalar(double value) {
  return State({{"x", On::points, at::full({1, 1}, value, at::kDouble)}});
}

double number(const State& u) {
  return u["x"].item<double>();
}

State grows(double, const State& u) {
  return u;
}

// Two bodies, eccentricity 0.6, one period of 2 pi: back where it began.
State kepler(double, const State& u) {
  const at::Tensor q = u["q"], radius = q.norm();
  return u.with("q", u["p"]).with("p", -q / radius.pow(3));
}
State kepler_start() {
  const double e = 0.6;
  return State({{"q", On::points, at::tensor({1 - e, 0.0}, at::kDouble).unsqueeze(0)},
                {"p", On::points, at::tensor({0.0, std::sqrt((1 + e) / (1 - e))}, at::kDouble).unsqueeze(0)}});
}
const std::vector<double> kPeriod = {0, 2 * M_PI};

SolveOptions tolerances(double relative, double absolute) {
  SolveOptions options;
  options.relative = relative;
  options.absolute = absolute;
  return options;
}

std::string failure(const std::function<void()>& what) {
  try {
    what();
  } catch (const NumericsError& error) {
    return error.what();
  }
  return "no error";
}

class Adaptive : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Pairs, Adaptive, testing::Values("heun", "bogacki_shampine", "dormand_prince", "tsitouras"));

// A hundredth of the tolerance: about a hundredth of the error, at 100^(1/order) times the work.
TEST_P(Adaptive, TheErrorFollowsTheTolerance) {
  const auto method = make_integrator(GetParam());
  double error[2];
  std::int64_t steps[2], evaluations[2];
  for (int k = 0; k < 2; ++k) {
    const double tolerance = k == 0 ? 1e-4 : 1e-6;
    const Solution out = solve(*method, kepler, kepler_start(), kPeriod, tolerances(tolerance, tolerance));
    error[k] = (out.last["q"] - kepler_start()["q"]).norm().item<double>();
    steps[k] = out.accepted;
    EXPECT_LT(error[k], 500 * tolerance);  // an orbit's error in time grows with the square of the periods
    evaluations[k] = out.evaluations;
  }
  const double ratio = static_cast<double>(steps[1]) / static_cast<double>(steps[0]);
  EXPECT_NEAR(std::log(ratio) / std::log(100), 1.0 / method->order(), 0.35 / method->order());
  EXPECT_NEAR(std::log(error[0] / error[1]) / std::log(100), 1, 0.35);
  if (method->order() == 2) return;
  const std::int64_t peer[] = {method->order() == 3 ? 191 : 116,
                               method->order() == 3 ? 647 : 254};  // RK23, RK45 of SciPy
  for (int k = 0; k < 2; ++k) EXPECT_LT(static_cast<double>(evaluations[k]), 1.5 * static_cast<double>(peer[k]));
}

TEST_P(Adaptive, StatesBetweenStepsAreAsGoodAsTheSteps) {
  std::vector<double> times;
  for (int k = 0; k <= 200; ++k) times.push_back(0.01 * k);
  const Solution out = solve(*make_integrator(GetParam()), grows, scalar(1), times, tolerances(1e-6, 1e-6));
  EXPECT_EQ(out.times, times);
  EXPECT_LT(out.accepted, GetParam() == "heun" ? 5000 : 150);  // fewer than the times
  for (std::size_t k = 0; k < times.size(); ++k)
    EXPECT_NEAR(number(out.states[k]), std::exp(times[k]), 3e-5) << times[k];
}

TEST(Solve, CountsEvaluations) {
  std::int64_t calls = 0;
  const Rhs f = [&](double t, const State& u) { return ++calls, kepler(t, u); };
  const Solution last_is_first = solve(*make_integrator("dormand_prince"), f, kepler_start(), kPeriod);
  EXPECT_EQ(last_is_first.evaluations, calls);
  EXPECT_EQ(calls, 2 + 6 * (last_is_first.accepted + last_is_first.rejected));  // 2: the start, the first step's length
  calls = 0;
  const Solution heun = solve(*make_integrator("heun"), f, kepler_start(), kPeriod, tolerances(1e-3, 1e-3));
  EXPECT_EQ(calls, 2 + 2 * heun.accepted + heun.rejected);
}

TEST(Solve, EndsAtAnEvent) {
  // A fall from 5 m: on the ground after sqrt(2 h / g).
  const double g = 9.81, fall = std::sqrt(10 / g);
  const Rhs f = [&](double, const State& u) { return u.with("x", u["v"]).with("v", at::full_like(u["v"], -g)); };
  const State start(
      {{"x", On::points, at::full({1, 1}, 5, at::kDouble)}, {"v", On::points, at::zeros({1, 1}, at::kDouble)}});
  std::vector<StopEvent> events{{"ground", [](double, const State& u) { return u["x"].item<double>(); }, -1},
                                {"rising", [](double, const State& u) { return u["x"].item<double>() - 4; }, 1}};
  const std::vector<double> times = {0, 0.5, 1, 1.5};
  for (const std::string method : {"dormand_prince", "bogacki_shampine"}) {
    const Solution out = solve(*make_integrator(method), f, start, times, {}, {}, events);
    ASSERT_EQ(out.event, 0u);
    EXPECT_NEAR(out.end, fall, 1e-12);
    EXPECT_NEAR(out.last["x"].item<double>(), 0, 1e-12);
    EXPECT_NEAR(out.last["v"].item<double>(), -g * fall, 1e-11);
    EXPECT_EQ(out.times, (std::vector<double>{0, 0.5, 1}));
  }
  events[1].must_come = true;
  events.erase(events.begin());
  EXPECT_THAT(failure([&] { solve(*make_integrator("heun"), f, start, times, {}, {}, events); }),
              HasSubstr("the event 'rising' did not come until t = 1.5 s"));
}

TEST(Solve, ABlowUpEndsWithTimeAndComponent) {
  const Rhs f = [](double, const State& u) { return u.with("x", u["x"].square()); };  // 1 / (1 - t)
  State start({{"x", On::points, at::tensor({0.1, 1.0}, at::kDouble).reshape({2, 1})}});
  EXPECT_THAT(
      failure([&] {
        solve(*make_integrator("tsitouras"), f, start, std::vector<double>{0, 2});
      }),
      testing::AllOf(HasSubstr("the step shrank to nothing at t = 1 s"), HasSubstr("'x' at row 1, component 0")));
}

TEST(Solve, ASlopeThatIsNotFiniteEndsWithTimeAndComponent) {
  // The root of 1 - t leaves its domain at 1.
  const Rhs f = [](double t, const State& u) {
    at::Tensor slope = at::ones_like(u["x"]);
    slope[2][1] = std::sqrt(1 - t);
    return u.with("x", slope);
  };
  const State start({{"x", On::points, at::zeros({3, 2}, at::kDouble)}});
  EXPECT_THAT(
      failure([&] {
        solve(*make_integrator("dormand_prince"), f, start, std::vector<double>{0, 2});
      }),
      testing::AllOf(HasSubstr("at t = 1 s"), HasSubstr("'x' at row 2, component 1, whose slope is not finite")));
}

TEST(Solve, AToleranceBelowRoundOffEnds) {
  SolveOptions options = tolerances(1e-18, 0);
  options.most_steps = 2000;
  EXPECT_THAT(failure([&] { solve(*make_integrator("dormand_prince"), kepler, kepler_start(), kPeriod, options); }),
              testing::AnyOf(HasSubstr("the step shrank to nothing"), HasSubstr("given up after 2000 steps")));
}

TEST(Solve, RefusesWhatItCannot) {
  const auto refused = [&](const std::string& method, const std::vector<double>& times, const SolveOptions& options) {
    EXPECT_THROW(solve(*make_integrator(method), grows, scalar(1), times, options), InputError);
  };
  refused("rk4", {0, 1}, {});
  refused("heun", {0, 1, 1}, {});
  refused("heun", {}, {});
  refused("heun", {0, 1}, tolerances(0, 0));
}

// d exp(t) x0 / d x0, through all steps, and of a parameter.
TEST(Solve, GradientsGoThroughTheSteps) {
  const at::Tensor x = at::full({1, 1}, 1.3, at::kDouble).requires_grad_(true);
  const at::Tensor rate = at::full({1}, -0.7, at::kDouble).requires_grad_(true);
  const Rhs f = [&](double, const State& u) { return u.with("x", rate * u["x"]); };
  const Solution out = solve(*make_integrator("tsitouras"), f, State({{"x", On::points, x}}),
                             std::vector<double>{0, 0.5, 2}, tolerances(1e-10, 1e-10));
  const auto found = torch::autograd::grad({out.states[1]["x"].sum() + out.last["x"].sum()}, {x, rate});
  EXPECT_NEAR(found[0].item<double>(), std::exp(-0.35) + std::exp(-1.4), 1e-8);
  EXPECT_NEAR(found[1].item<double>(), 1.3 * (0.5 * std::exp(-0.35) + 2 * std::exp(-1.4)), 1e-8);
}

// The hard one of a batch is solved as if it were alone: others do not dilute its error.
TEST(Solve, EachGraphOfABatchMeetsTheTolerance) {
  const auto decay = [](const at::Tensor& rates) {
    return [rates](double, const State& u) { return u.with("x", -rates * u["x"]); };
  };
  const auto run = [&](std::vector<double> rates, bool by_graph) {
    const at::Tensor r = at::tensor(rates, at::kDouble).unsqueeze(1);
    Norm norm;
    if (by_graph) {
      norm.graph["x"] = at::arange(r.size(0));
      norm.num_graphs = r.size(0);
    }
    return solve(*make_integrator("dormand_prince"), decay(r), State({{"x", On::points, at::ones_like(r)}}),
                 std::vector<double>{0, 1}, tolerances(1e-7, 1e-7), norm);
  };
  const Solution alone = run({30}, false), batch = run({30, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, true);
  EXPECT_EQ(batch.accepted, alone.accepted);
  EXPECT_TRUE(near(batch.last["x"][0], alone.last["x"][0], 1e-12));
  EXPECT_LT(run({30, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, false).accepted, alone.accepted);
}

// A scale of 1000 with a thousandth of the tolerance is the same integration.
TEST(Solve, TolerancesAreInUnitsOfTheFieldsScale) {
  Norm norm;
  norm.scale["q"] = norm.scale["p"] = 1000;
  const Solution a = solve(*make_integrator("tsitouras"), kepler, kepler_start(), kPeriod, tolerances(0, 1e-6));
  const Solution b = solve(*make_integrator("tsitouras"), kepler, kepler_start(), kPeriod, tolerances(0, 1e-9), norm);
  EXPECT_EQ(a.accepted, b.accepted);
  EXPECT_TRUE(near(a.last["q"], b.last["q"], 1e-12));
}

}  // namespace
}  // namespace cotan

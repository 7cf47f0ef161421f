#include "integrators/regularise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::check_gradient;
using testing_checks::near;
using testing_checks::random_tensor;

State start_at(const at::Tensor& x) {
  return State({{"x", On::points, x}, {"role", On::points, at::arange(x.size(0))}});
}

// Two layers, and the time.
Rhs network(const at::Tensor& weight) {
  return [weight](double t, const State& u) {
    return u.with("x", at::mm(at::tanh(at::mm(u["x"], weight)), weight.t()) + std::sin(3 * t));
  };
}

// Tolerances so loose that every step is as long as allowed: the lengths are the same at moved arguments.
SolveOptions even(double length) {
  SolveOptions options;
  options.relative = options.absolute = 10;
  options.first_step = options.largest_step = length;
  return options;
}

class Heuristics : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Pairs, Heuristics, testing::Values("dormand_prince", "tsitouras"));

TEST_P(Heuristics, StiffnessOfALinearRateIsItsRate) {
  const Rate decay = [](double, const State& u) { return u.with("x", -7 * u["x"]); };
  const State u = start_at(random_tensor({5, 2}));
  const StepHeuristics one = heuristics_of_step(*make_integrator(GetParam()), decay, 0.3, 0.1, u);
  EXPECT_NEAR(one.stiffness.item<double>(), 7, 1e-6);
  const auto [solution, all] = solve_regularised(make_integrator(GetParam()), decay, u, std::vector<double>{0, 1});
  EXPECT_EQ(all.steps, solution.accepted);
  EXPECT_NEAR(all.stiffness.item<double>(), 7.0 * static_cast<double>(solution.accepted), 1e-4);
}

// The states are those of solve to the last bits, and so is the count.
TEST_P(Heuristics, LeaveTheSolutionAsItIs) {
  const Rhs f = network(random_tensor({2, 3}, 2));
  const State start = start_at(random_tensor({3, 2}));
  const std::vector<double> times = {0, 0.3, 1};
  const Solution plain = solve(*make_integrator(GetParam()), f, start, times);
  const Solution found = solve_regularised(make_integrator(GetParam()), f, start, times).solution;
  ASSERT_EQ(found.states.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_TRUE(at::equal(found.states[k]["x"], plain.states[k]["x"]));
  EXPECT_EQ(found.evaluations, plain.evaluations);
}

// In units of the scale, over owned rows: the size of the estimate that the method gives.
TEST_P(Heuristics, ErrorIsTheSizeOfTheEstimate) {
  const auto method = make_integrator(GetParam());
  const at::Tensor x = random_tensor({4, 2}), weight = random_tensor({2, 3}, 2);
  Norm norm;
  norm.scale["x"] = 2;
  norm.owned["x"] = at::tensor({1, 1, 0, 1}, at::kLong).to(at::kBool);
  const double found = heuristics_of_step(*method, network(weight), 0.1, 0.5, start_at(x), norm).error.item<double>();
  const State error = *method->step(network(weight), 0.1, 0.5, start_at(x)).error;
  EXPECT_NEAR(found, 0.5 * norm(error), 1e-14);
  EXPECT_GT(found, 1e-8);
}

TEST_P(Heuristics, GradientsAreThoseOfDifferences) {
  const auto method = make_integrator(GetParam());
  const at::Tensor x = random_tensor({3, 2}), weight = random_tensor({2, 3}, 2);
  const auto through_all = [&](const at::Tensor& a, const at::Tensor& w) {
    const auto [s, all] =
        solve_regularised(method, network(w), start_at(a), std::vector<double>{0, 0.6, 1}, even(0.25));
    EXPECT_EQ(s.accepted, 4);
    return at::cat({at::stack({1e4 * all.error, all.stiffness}), s.states[1]["x"].reshape(-1)});
  };
  EXPECT_TRUE(check_gradient([&](const at::Tensor& a) { return through_all(a, weight); }, x, 1e-6));
  EXPECT_TRUE(check_gradient([&](const at::Tensor& w) { return through_all(x, w); }, weight, 1e-6));
  // of one step at a time between steps: through the state there, too
  const auto at_one = [&](const at::Tensor& a, const at::Tensor& w) {
    const Solution s = solve(*method, network(w), start_at(a), std::vector<double>{0, 0.6, 1}, even(0.25));
    const StepHeuristics one = heuristics_at(*method, network(w), s, 1);
    return at::stack({1e4 * one.error, one.stiffness});
  };
  EXPECT_TRUE(check_gradient([&](const at::Tensor& a) { return at_one(a, weight); }, x, 1e-6));
  EXPECT_TRUE(check_gradient([&](const at::Tensor& w) { return at_one(x, w); }, weight, 1e-6));
}

TEST_P(Heuristics, OfAStateAtRestAreNothingWithFiniteGradients) {
  const at::Tensor weight = random_tensor({2, 3}, 2).requires_grad_(true);
  const Rate rest = [&](double, const State& u) { return u.with("x", at::mm(at::mm(u["x"], weight), weight.t())); };
  const StepHeuristics none =
      heuristics_of_step(*make_integrator(GetParam()), rest, 0, 0.1, start_at(at::zeros({3, 2}, at::kDouble)));
  EXPECT_LT(none.error.item<double>(), 1e-25);
  const at::Tensor g = torch::autograd::grad({none.error + none.stiffness}, {weight})[0];
  EXPECT_TRUE(at::isfinite(g).all().item<bool>());
}

TEST(HeuristicsOfOthers, ThirdOrderHasNoTwoStagesAtTheEnd) {
  const Rate decay = [](double, const State& u) { return u.with("x", -u["x"]); };
  const State u = start_at(random_tensor({2, 2}));
  const StepHeuristics one = heuristics_of_step(*make_integrator("bogacki_shampine"), decay, 0, 0.1, u);
  EXPECT_FALSE(one.stiffness.defined());
  EXPECT_GT(one.error.item<double>(), 0);
  EXPECT_THROW(heuristics_of_step(*make_integrator("rk4"), decay, 0, 0.1, u), InputError);
}

}  // namespace
}  // namespace cotan

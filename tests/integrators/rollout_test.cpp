#include "integrators/rollout.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "core/check.h"
#include "integrators/gradient.h"
#include "integrators/integrator.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::measured_order;
using testing_checks::near;
using testing_checks::random_tensor;

std::vector<double> times_to(double end, int steps) {
  std::vector<double> times;
  for (int k = 0; k <= steps; ++k) times.push_back(k * end / steps);
  return times;
}

std::vector<Frame> one_frame(Fields fields) {
  return {{0, std::move(fields)}};
}

// Stormer-Verlet for x'' = -x in the form of two levels: x_next = 2 x - x_before - dt^2 x. Its state is (x_t, x_{t-1});
// frames and views hold x alone.
System stormer_verlet() {
  System system;
  system.frames = 2;
  system.lift = [](std::span<const Frame> first) {
    return State({{"x", On::points, first[1].fields["x"]}, {"before", On::points, first[0].fields["x"]}});
  };
  system.step = [](double, double dt, const State& u) {
    return u.with("x", 2 * u["x"] - u["before"] - dt * dt * u["x"]).with("before", u["x"]);
  };
  system.view = [](const State& u) { return Fields({{"x", On::points, u["x"]}}); };
  return system;
}

// From frames at -h and 0 of x = cos t.
std::vector<Frame> cosine_frames(double h) {
  const auto frame = [](double t) {
    return Frame{t, Fields({{"x", On::points, at::full({1, 1}, std::cos(t), at::kDouble)}})};
  };
  return {frame(-h), frame(0)};
}

TEST(Rollout, TwoFramesStartASystemOfSecondOrder) {
  std::vector<double> h, error;
  for (const int steps : {50, 100, 200}) {
    const auto result = rollout(stormer_verlet(), cosine_frames(2.0 / steps), times_to(2, steps));
    EXPECT_EQ(result.end, RolloutEnd::done);
    EXPECT_EQ(result.steps, steps);
    h.push_back(2.0 / steps);
    error.push_back(std::abs(result.state["x"].item<double>() - std::cos(2.0)));
  }
  EXPECT_NEAR(measured_order(h, error), 2, 0.15);
}

// The two-level form keeps a quadratic form of (x_t, x_{t-1}) exactly, so that the energy never drifts.
TEST(Rollout, StormerVerletKeepsItsEnergy) {
  const double h = 0.1;
  double lowest = INFINITY, highest = -INFINITY, invariant_error = 0, before = std::cos(-h), start = NAN;
  const Observer energy = [&](std::int64_t, double, const Fields& fields) {
    const double x = fields["x"].item<double>(), velocity = (x - before) / h;
    const double kept = velocity * velocity + x * before;
    start = std::isnan(start) ? kept : start;
    invariant_error = std::max(invariant_error, std::abs(kept - start));
    const double e = 0.5 * (velocity * velocity + x * x);
    lowest = std::min(lowest, e);
    highest = std::max(highest, e);
    before = x;
    return true;
  };
  rollout(stormer_verlet(), cosine_frames(h), times_to(2000, 20000), {&energy, 1});
  EXPECT_LT(invariant_error, 1e-10);
  EXPECT_LT(highest - lowest, 0.06) << "the velocity by differences is of first order: it wobbles by h / 2, no drift";
}

// Taylor-Hood in miniature: P2 velocity and P1 pressure rows, and a cell field that is only shown.
TEST(Rollout, AMixedStateShowsItsFields) {
  System system;
  system.lift = [](std::span<const Frame> first) {
    const Fields& f = first[0].fields;
    return State(
        {{"velocity", On::dofs, f["velocity"].repeat_interleave(2, 0)}, {"pressure", On::dofs, f["pressure"]}});
  };
  system.step = [](double, double dt, const State& u) {
    const at::Tensor load = u["pressure"].repeat_interleave(2, 0);
    return u.with("velocity", u["velocity"] - dt * load).with("pressure", u["pressure"] * (1 - dt));
  };
  system.view = [](const State& u) {
    return Fields({{"velocity", On::points, u["velocity"].slice(0, 0, INT64_MAX, 2)},
                   {"pressure", On::points, u["pressure"]},
                   {"kinetic", On::cells, u["velocity"].square().sum(1).view({-1, 2}).mean(1)}});
  };
  std::vector<std::int64_t> rows;
  const Observer look = [&](std::int64_t, double, const Fields& f) {
    for (const auto& entry : f.entries()) rows.push_back(entry.value.size(0));
    EXPECT_EQ(f.entries()[2].on, On::cells);
    return true;
  };
  const at::Tensor v = random_tensor({3, 2}), p = random_tensor({3, 1});
  const auto first = one_frame(Fields({{"velocity", On::points, v}, {"pressure", On::points, p}}));
  const auto result = rollout(system, first, times_to(0.2, 2), {&look, 1});
  EXPECT_EQ(result.state["velocity"].size(0), 6);
  EXPECT_EQ(rows, (std::vector<std::int64_t>{3, 3, 3, 3, 3, 3, 3, 3, 3}));
  EXPECT_TRUE(near(result.state["velocity"].slice(0, 0, INT64_MAX, 2), v - 0.1 * p - 0.1 * 0.9 * p, 1e-14));
}

// Encoded once, moved in its latent space, decoded for whoever looks: a linear code, so that the truth is known.
TEST(Rollout, ALatentStateIsEncodedOnce) {
  auto encoded = std::make_shared<int>(0), decoded = std::make_shared<int>(0);
  const at::Tensor code = random_tensor({3, 3}) + 3 * at::eye(3, at::kDouble), back = at::inverse(code);
  System system;
  system.lift = [=](std::span<const Frame> first) {
    ++*encoded;
    return State({{"latent", On::points, at::matmul(first[0].fields["u"], code)}});
  };
  system.step = [](double, double dt, const State& s) { return s.with("latent", s["latent"] * (1 - dt)); };
  system.view = [=](const State& s) {
    ++*decoded;
    return Fields({{"u", On::points, at::matmul(s["latent"], back)}});
  };
  const at::Tensor u = random_tensor({4, 3});
  at::Tensor last;
  const Observer keep = [&](std::int64_t, double, const Fields& f) {
    last = f["u"];
    return true;
  };
  const std::vector<Observer> two = {keep, keep};
  rollout(system, one_frame(Fields({{"u", On::points, u}})), times_to(1, 10), two);
  EXPECT_EQ(*encoded, 1);
  EXPECT_EQ(*decoded, 11) << "once a step, however many look";
  EXPECT_TRUE(near(last, u * std::pow(0.9, 10), 1e-13));
  rollout(system, one_frame(Fields({{"u", On::points, u}})), times_to(1, 10));
  EXPECT_EQ(*decoded, 11) << "nobody looked";
}

System growth(double rate) {
  const Rhs rhs = [rate](double, const State& s) { return s.with("u", rate * s["u"] * s["u"]); };
  return method_of_lines(make_integrator("euler"), rhs);
}

TEST(Rollout, ABlowUpIsAResultWithTheLastFiniteState) {
  std::vector<std::int64_t> seen;
  const Observer look = [&](std::int64_t k, double, const Fields& f) {
    EXPECT_TRUE(all_finite(f));
    seen.push_back(k);
    return true;
  };
  const auto first = one_frame(Fields({{"u", On::points, at::ones({2, 1})}}));
  const auto result = rollout(growth(1e3), first, times_to(20, 20), {&look, 1});
  EXPECT_EQ(result.end, RolloutEnd::not_finite);
  EXPECT_GT(result.steps, 0);
  EXPECT_LT(result.steps, 20);
  EXPECT_TRUE(all_finite(result.state));
  EXPECT_EQ(result.t, result.steps);
  EXPECT_EQ(seen.back(), result.steps) << "observers saw everything up to there";
}

TEST(Rollout, AStartThatIsNotFiniteEndsAtOnce) {
  const auto first = one_frame(Fields({{"u", On::points, at::full({2, 1}, NAN)}}));
  const auto result = rollout(growth(1), first, times_to(1, 4));
  EXPECT_EQ(result.end, RolloutEnd::not_finite);
  EXPECT_EQ(result.steps, 0);
}

TEST(Rollout, AnObserverStopsItAfterAllHaveSeenTheStep) {
  std::vector<double> stopper_saw, other_saw;
  const Observer stopper = [&](std::int64_t k, double t, const Fields&) {
    stopper_saw.push_back(t);
    return k < 3;
  };
  const Observer other = [&](std::int64_t, double t, const Fields&) {
    other_saw.push_back(t);
    return true;
  };
  const std::vector<Observer> both = {stopper, other};
  const auto first = one_frame(Fields({{"u", On::points, at::ones({1, 1})}}));
  const std::vector<double> times = {0, 0.1, 0.3, 0.35, 0.5};
  const auto result = rollout(growth(0.1), first, times, both);
  EXPECT_EQ(result.end, RolloutEnd::stopped);
  EXPECT_EQ(result.steps, 3);
  EXPECT_EQ(result.t, 0.35);
  EXPECT_EQ(stopper_saw, (std::vector<double>{0, 0.1, 0.3, 0.35}));
  EXPECT_EQ(other_saw, stopper_saw);
}

// Steps are the differences of the times, whatever they are: u' = 1 is exact on uneven ones.
TEST(Rollout, FollowsUnevenTimes) {
  const System system = method_of_lines(make_integrator("euler"),
                                        [](double, const State& s) { return s.with("u", at::ones_like(s["u"])); });
  const auto first = one_frame(Fields({{"u", On::points, at::zeros({1, 1}, at::kDouble)}}));
  EXPECT_NEAR(rollout(system, first, std::vector<double>{-1, 0.5, 0.75, 4}).state["u"].item<double>(), 5, 1e-14);
  EXPECT_EQ(rollout(system, first, std::vector<double>{2}).t, 2) << "one time: the start";
}

TEST(Rollout, RecordsNoGradients) {
  const auto first = one_frame(Fields({{"u", On::points, at::ones({1, 1}).requires_grad_(true)}}));
  EXPECT_FALSE(rollout(growth(0.1), first, times_to(1, 2)).state["u"].requires_grad());
  EXPECT_TRUE(at::GradMode::is_enabled());
}

// u' = u^2 from 1 has no implicit step beyond a length of 1/4.
TEST(Rollout, AStepThatFailsIsNamedByItsNumberTimeAndComponent) {
  const Rate square = [](double, const State& s) { return s.with("u", s["u"].square()); };
  const auto first = one_frame(Fields({{"u", On::points, at::tensor({0.1, 1.0}, at::kDouble).unsqueeze(1)}}));
  const std::vector<double> times = {0, 0.01, 0.02, 1};
  const auto message = [&](const std::function<void()>& run) {
    try {
      run();
    } catch (const NumericsError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto named = testing::AllOf(testing::HasSubstr("at t = 1 s"), testing::HasSubstr("'u' at row 1, component 0"),
                                    testing::HasSubstr("(step 3)"));
  EXPECT_THAT(message([&] { rollout(method_of_lines(make_integrator("backward_euler"), square), first, times); }),
              named);
  const std::vector<TimeStep> steps = {{0, 0.01, 0.01}, {0.01, 0.01, 0.02}, {0.02, 0.98, 1}};
  EXPECT_THAT(message([&] { replay(make_integrator("backward_euler"), square, first[0].fields, steps, {1}); }), named);
}

TEST(Rollout, SaysWhatIsWrong) {
  const auto message = [](const System& system, const std::vector<Frame>& first, const std::vector<double>& times) {
    try {
      rollout(system, first, times);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto one = one_frame(Fields({{"u", On::points, at::ones({1, 1})}}));
  EXPECT_THAT(message(stormer_verlet(), one, {0, 1}),
              testing::HasSubstr("from 1 frames, and this system starts from 2"));
  EXPECT_THAT(message(growth(1), one, {}), testing::HasSubstr("no times"));
  EXPECT_THAT(message(growth(1), one, {0, 1, 1}), testing::HasSubstr("to 1 s after 1 s (step 2)"));
  EXPECT_THAT(message(growth(1), one, {0, NAN}), testing::HasSubstr("times increase"));
}

}  // namespace
}  // namespace cotan

#include "integrators/prescribed.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "integrators/integrator.h"
#include "integrators/rollout.h"
#include "integrators/tableaux.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::measured_order;
using testing_checks::near;
using testing_checks::random_tensor;

at::Tensor rows_mask(std::int64_t n, std::initializer_list<std::int64_t> rows, std::int64_t components) {
  at::Tensor mask = at::zeros({n, components}, at::kBool);
  for (const auto r : rows) mask[r] = true;
  return mask;
}

Prescribed::Values constant(at::Tensor values) {
  return [values](double) { return values; };
}

template <class Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// A lid and a wall that share a corner; only the component that is asked for is fixed.
TEST(Prescribed, LaterEntriesWinWhereSidesMeet) {
  const at::Tensor u = random_tensor({5, 2});
  Prescribed sides;
  sides.add("velocity", rows_mask(5, {0, 1}, 2), constant(at::full({5, 2}, 7.0, at::kDouble)));
  at::Tensor first_component = rows_mask(5, {1, 2}, 2);
  first_component.select(1, 1) = false;
  sides.add("velocity", first_component, constant(at::full({5, 2}, -1.0, at::kDouble)));
  const at::Tensor v = sides.impose("velocity", 0, u);
  EXPECT_TRUE(at::equal(v[0], at::tensor({7.0, 7.0}, at::kDouble)));
  EXPECT_TRUE(at::equal(v[1], at::tensor({-1.0, 7.0}, at::kDouble))) << "the corner";
  EXPECT_EQ(v[2][0].item<double>(), -1);
  EXPECT_TRUE(at::equal(v[2][1], u[2][1]));
  EXPECT_TRUE(at::equal(v.slice(0, 3), u.slice(0, 3)));
  EXPECT_TRUE(at::equal(sides.impose("velocity", 0, v), v));
  EXPECT_TRUE(at::equal(sides.impose("pressure", 0, u), u));
  EXPECT_EQ(sides.mask("velocity", u).sum().item<std::int64_t>(), 5);
  EXPECT_EQ(sides.mask("pressure", u).sum().item<std::int64_t>(), 0);
}

TEST(Prescribed, ValuesOutsideTheMaskAreIgnored) {
  at::Tensor values = at::full({4, 1}, NAN, at::kDouble);
  values[2] = 3.0;
  Prescribed wall;
  wall.add("T", rows_mask(4, {2}, 1), constant(values));
  const at::Tensor given = wall.values("T", 0, random_tensor({4, 1}));
  EXPECT_TRUE(at::equal(given, at::tensor({0.0, 0.0, 3.0, 0.0}, at::kDouble).unsqueeze(1)));
  EXPECT_EQ(wall.impose("T", 0, at::zeros({4, 1}, at::kFloat)).scalar_type(), at::kFloat);
}

at::Tensor unit_rows(std::int64_t n, std::int64_t dim) {
  const at::Tensor x = random_tensor({n, dim}, 4);
  return x / x.square().sum(1, true).sqrt();
}

TEST(Prescribed, SlipFixesTheNormalComponentOnly) {
  for (const std::int64_t dim : {2, 3}) {
    const at::Tensor u = random_tensor({6, dim}), n = unit_rows(3, dim), rows = at::tensor({4, 0, 3});
    const at::Tensor g = at::tensor({0.5, -1.0, 0.0}, at::kDouble);
    Prescribed slip;
    slip.add_slip("velocity", rows, n, [g](double t) { return g * (1 + t); });
    const at::Tensor v = slip.impose("velocity", 1, u), old = u.index_select(0, rows), on = v.index_select(0, rows);
    EXPECT_TRUE(near((on * n).sum(1), 2 * g, 1e-14));
    const auto tangent = [&](const at::Tensor& w) { return w - (w * n).sum(1, true) * n; };
    EXPECT_TRUE(near(tangent(on), tangent(old), 1e-14));
    for (const std::int64_t free : {1, 2, 5}) EXPECT_TRUE(at::equal(v[free], u[free]));
    EXPECT_TRUE(near(slip.impose("velocity", 1, v), v, 1e-15)) << "idempotent";
    EXPECT_EQ(slip.mask("velocity", u).sum().item<std::int64_t>(), 0) << "it fixes a direction, no component";
  }
}

// A slip wall meets a no-slip wall at row 1: whichever is later holds there, alone.
TEST(Prescribed, SlipAndFixedMeetAtACorner) {
  const at::Tensor u = random_tensor({4, 2}), rows = at::tensor({0, 1});
  const at::Tensor n = at::tensor({0.6, 0.8, 0.6, 0.8}, at::kDouble).view({2, 2});
  const at::Tensor fixed = rows_mask(4, {1, 2}, 2);
  const auto ones = constant(at::ones({4, 2}, at::kDouble));
  const at::Tensor projected = u[1] - (u[1] * n[1]).sum() * n[1];

  Prescribed slip_last;
  slip_last.add("v", fixed, ones);
  slip_last.add_slip("v", rows, n);
  EXPECT_TRUE(near(slip_last.impose("v", 0, u)[1], projected, 1e-15));
  EXPECT_FALSE(slip_last.mask("v", u)[1].any().item<bool>());
  EXPECT_TRUE(slip_last.mask("v", u)[2].all().item<bool>());

  Prescribed fixed_last;
  fixed_last.add_slip("v", rows, n, constant(at::tensor({0.25, 0.5}, at::kDouble)));
  fixed_last.add("v", fixed, ones);
  EXPECT_TRUE(at::equal(fixed_last.impose("v", 0, u)[1], at::ones({2}, at::kDouble)));
  EXPECT_NEAR((fixed_last.impose("v", 0, u)[0] * n[0]).sum().item<double>(), 0.25, 1e-15) << "its own value still";

  Prescribed two_slips;
  const at::Tensor other = at::tensor({1.0, 0.0}, at::kDouble).view({1, 2});
  two_slips.add_slip("v", rows, n);
  two_slips.add_slip("v", at::tensor({1}), other);
  EXPECT_TRUE(near(two_slips.impose("v", 0, u)[1], at::stack({at::zeros({}, at::kDouble), u[1][1]}), 1e-15));
  for (const Prescribed& sides : {slip_last, fixed_last, two_slips}) {
    const at::Tensor once = sides.impose("v", 0, u);
    EXPECT_TRUE(near(sides.impose("v", 0, once), once, 1e-15));
  }
}

TEST(Prescribed, GradientsPassWhereNothingIsFixed) {
  Prescribed sides;
  sides.add("v", rows_mask(5, {0}, 2), constant(at::ones({5, 2}, at::kDouble)));
  sides.add_slip("v", at::tensor({2, 3}), unit_rows(2, 2));
  const auto imposed = [&](const at::Tensor& u) { return sides.impose("v", 0, u); };
  EXPECT_TRUE(testing_checks::check_gradient(imposed, random_tensor({5, 2})));
}

TEST(Prescribed, SaysWhichFieldDoesNotFit) {
  Prescribed sides;
  sides.add("v", rows_mask(5, {0}, 2), constant(at::ones({5, 2})));
  EXPECT_THAT(message_of([&] {
                sides.impose("v", 0, at::ones({4, 2}));
              }),
              testing::HasSubstr("prescribed 'v': shape (5, 2), expected (4, 2)"));
  EXPECT_THAT(message_of([&] {
                sides.impose(0, State({{"p", On::points, at::ones({5, 2})}}));
              }),
              testing::HasSubstr("there are: p"));
  Prescribed slip;
  slip.add_slip("v", at::tensor({9}), at::ones({1, 2}));
  EXPECT_THAT(message_of([&] { slip.impose("v", 0, at::ones({4, 2})); }), testing::HasSubstr("row 9, and there are 4"));
}

// Row 0 is a wall that moves as sin(5 t); row 1 follows it: u1' = u0^2 - u1. Only if the wall stands at its place at
// the time of every stage does a method keep its order.
System follower(std::string_view method, const Prescribed::Values& wall) {
  Prescribed moving;
  moving.add("u", rows_mask(2, {0}, 1), wall);
  const Rhs rhs = [](double, const State& s) {
    const at::Tensor& u = s["u"];
    return s.with("u", at::stack({at::full({1}, 1e3, at::kDouble), u[0] * u[0] - u[1]}));  // row 0 is overwritten
  };
  return method_of_lines(make_integrator(method), rhs, moving);
}

double follower_at_1(std::string_view method, int steps, const Prescribed::Values& wall) {
  const Frame first{0, Fields({{"u", On::points, at::tensor({9.0, 0.3}, at::kDouble).unsqueeze(1)}})};
  std::vector<double> times;
  for (int k = 0; k <= steps; ++k) times.push_back(static_cast<double>(k) / steps);
  const RolloutResult result = rollout(follower(method, wall), {&first, 1}, times);
  EXPECT_NEAR(result.state["u"][0].item<double>(), std::sin(5.0), 1e-15) << "the wall at the step's end";
  return result.state["u"][1].item<double>();
}

at::Tensor sine_wall(double t) {
  return at::full({2, 1}, std::sin(5 * t), at::kDouble);
}

// u1' = sin^2(5 t) - u1 by hand: 1/2 - (cos 10 t + 10 sin 10 t) / 202 + C exp(-t).
double follower_exact() {
  const auto particular = [](double t) { return 0.5 - (std::cos(10 * t) + 10 * std::sin(10 * t)) / 202; };
  return particular(1) + (0.3 - particular(0)) * std::exp(-1);
}

TEST(Prescribed, MovingWallsStandAtTheStagesTimes) {
  for (const Tableau& tableau : tableaux()) {
    std::vector<double> h, error;
    for (const int steps : {40, 80, 160}) {
      h.push_back(1.0 / steps);
      error.push_back(std::abs(follower_at_1(tableau.name, steps, sine_wall) - follower_exact()));
    }
    EXPECT_NEAR(measured_order(h, error), tableau.order, 0.15) << tableau.name;
  }
}

// The counter-test: a wall that stays for a step where it stood at its start costs RK4 three orders.
TEST(Prescribed, AWallThatLagsIsOfFirstOrder) {
  std::vector<double> h, error;
  for (const int steps : {40, 80, 160}) {
    const auto lagging = [&](double t) {
      return t >= 1 - 1e-12 ? sine_wall(1) : sine_wall(std::floor(t * steps + 1e-9) / steps);
    };
    h.push_back(1.0 / steps);
    error.push_back(std::abs(follower_at_1("rk4", steps, lagging) - follower_exact()));
  }
  EXPECT_NEAR(measured_order(h, error), 1, 0.3);
}

TEST(Prescribed, AnArchivesFramesAreValues) {
  const std::vector<double> times = {0, 0.1, 0.4};
  const at::Tensor frames = random_tensor({3, 4, 2});
  const auto values = values_from_frames(times, frames);
  for (int k = 0; k < 3; ++k) {
    EXPECT_TRUE(at::equal(values(times[k]), frames[k]));
    EXPECT_TRUE(at::equal(values(times[k] + (k == 2 ? 5e-10 : -5e-10)), frames[k])) << "times drift by rounding";
  }
  EXPECT_TRUE(near(values(0.2), frames[1] * (2.0 / 3) + frames[2] / 3, 1e-14));
  for (const double outside : {-0.01, 0.41}) {
    EXPECT_THAT(message_of([&] { values(outside); }), testing::HasSubstr("the frames go from 0 to 0.4 s"));
  }
  EXPECT_THAT(message_of([&] { values(NAN); }), testing::HasSubstr("the frames go from"));
  EXPECT_THAT(message_of([&] { values_from_frames({0, 0}, frames.slice(0, 1)); }), testing::HasSubstr("is not after"));
  EXPECT_THAT(message_of([&] { values_from_frames({}, frames.slice(0, 3)); }), testing::HasSubstr("no frame"));
  EXPECT_THAT(message_of([&] { values_from_frames({0, 1}, frames); }), testing::HasSubstr("prescribed frames: shape"));
}

// An archive's wall drives a rollout: interpolation between frames is of second order, so the whole is.
TEST(Prescribed, FramesDriveARollout) {
  std::vector<double> h, error;
  for (const int frames : {20, 40, 80}) {
    std::vector<double> times;
    std::vector<at::Tensor> walls;
    for (int k = 0; k <= frames; ++k) {
      times.push_back(static_cast<double>(k) / frames);
      walls.push_back(sine_wall(times.back()));
    }
    h.push_back(1.0 / frames);
    error.push_back(
        std::abs(follower_at_1("rk4", 160, values_from_frames(times, at::stack(walls))) - follower_exact()));
  }
  EXPECT_NEAR(measured_order(h, error), 2, 0.15);
}

}  // namespace
}  // namespace cotan

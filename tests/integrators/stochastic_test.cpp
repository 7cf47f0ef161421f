#include "integrators/stochastic.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "integrators/methods.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::measured_order;
using testing_checks::near;

State paths(const at::Tensor& x) {
  return State({{"x", On::points, x}});
}
const State kLike = paths(at::zeros({4000, 1}, at::kDouble));

at::Tensor change(const WienerPath& path, double from, double to) {
  return path(from, to - from, kLike)["x"];
}

// Steps of any lengths, in any order, see one path.
TEST(WienerPath, IncrementsAddUp) {
  const WienerPath path(1, 0, 0, 2);
  const at::Tensor whole = change(path, 0.1, 1.7);
  EXPECT_TRUE(near(change(path, 0.1, 0.123) + change(path, 0.123, 1.25) + change(path, 1.25, 1.7), whole, 1e-12));
  EXPECT_TRUE(at::equal(change(path, 0.1, 1.7), whole));
  EXPECT_FALSE(at::equal(change(WienerPath(2, 0, 0, 2), 0.1, 1.7), whole));
  EXPECT_FALSE(at::equal(change(WienerPath(1, 1, 0, 2), 0.1, 1.7), whole));
  EXPECT_THROW(path(1.9, 0.2, kLike), InputError);
  EXPECT_THROW(path(-0.1, 0.2, kLike), InputError);
}

// Mean 0, variance the length, no correlation between intervals: to four deviations over 4000 paths.
TEST(WienerPath, HasTheMomentsOfAWienerProcess) {
  const WienerPath path(7, 0, 0, 1);
  const double four = 4 / std::sqrt(4000.0);
  const std::vector<double> times = {0, 0.25, 0.3, 0.5, 0.77, 1};
  at::Tensor before;
  for (std::size_t k = 1; k < times.size(); ++k) {
    const at::Tensor unit = change(path, times[k - 1], times[k]) / std::sqrt(times[k] - times[k - 1]);
    EXPECT_LT(std::abs(unit.mean().item<double>()), four);
    EXPECT_LT(std::abs(unit.square().mean().item<double>() - 1), four * std::sqrt(2));
    EXPECT_LT(std::abs(unit.pow(4).mean().item<double>() - 3), four * std::sqrt(96));
    if (before.defined()) {
      EXPECT_LT(std::abs((unit * before).mean().item<double>()), four);
    }
    before = unit;
  }
}

// du = mu u dt + sigma u dW, whose solution is exp((mu - sigma^2 / 2) t + sigma W): the error path by path.
TEST(Stochastic, ConvergesStronglyAtItsOrder) {
  const double mu = 0.5, sigma = 0.8;
  Rate rate = [=](double, const State& u) { return scaled(u, mu); };
  rate.noise = [=](double, const State& u) { return scaled(u, sigma); };
  rate.wiener = WienerPath(3, 0, 0, 1);
  const at::Tensor truth = at::exp(mu - sigma * sigma / 2 + sigma * rate.wiener(0, 1, kLike)["x"]);
  for (const Method& method : methods()) {
    if (method.family != Family::stochastic) continue;
    std::vector<double> h, error;
    for (const int steps : {8, 16, 32, 64}) {
      State u = paths(at::ones({4000, 1}, at::kDouble));
      for (int k = 0; k < steps; ++k) u = method.integrator->step(rate, 1.0 * k / steps, 1.0 / steps, u).u;
      h.push_back(1.0 / steps);
      error.push_back((u["x"] - truth).abs().mean().item<double>());
    }
    EXPECT_NEAR(measured_order(h, error), method.order, 0.08) << method.name;
  }
}

}  // namespace
}  // namespace cotan

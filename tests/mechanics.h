#pragma once
// Mechanical systems whose energy is kept: what symplectic methods are tested on.
#include <ATen/ATen.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "integrators/integrator.h"
#include "tests/checks.h"

namespace cotan::mechanics {

inline State state(const at::Tensor& q, const at::Tensor& p) {
  return State({{"q", On::points, q}, {"p", On::points, p}});
}

struct Mechanics {
  Rate rate;
  State start;
  std::function<double(const State&)> energy;
};

inline Rate conjugate(Rhs whole) {
  Rate rate = std::move(whole);
  rate.conjugate = Conjugate{{{"q", "p"}}};
  rate.conjugate->drift = [](double, const State& u) { return u.with("q", u["p"]); };
  return rate;
}

inline Mechanics pendulum() {
  return {conjugate([](double, const State& u) { return u.with("q", u["p"]).with("p", -at::sin(u["q"])); }),
          state(at::full({1, 1}, 2.0, at::kDouble), at::zeros({1, 1}, at::kDouble)),
          [](const State& u) { return (u["p"].square() / 2 - at::cos(u["q"])).item<double>(); }};
}

// A square mesh of points, springs along its sides; each holds its neighbours in two directions.
inline Mechanics springs(std::int64_t side) {
  const auto force = [](const at::Tensor& q) {
    const auto stretch = [&](int along) {
      const at::Tensor d = at::diff(q, 1, along);
      const at::Tensor tension = d + 0.5 * d.pow(3);
      const at::Tensor none = at::zeros_like(tension.narrow(along, 0, 1));
      return at::cat({tension, none}, along) - at::cat({none, tension}, along);
    };
    return stretch(0) + stretch(1) - 0.1 * q;
  };
  return {conjugate([force](double, const State& u) { return u.with("q", u["p"]).with("p", force(u["q"])); }),
          state(0.5 * testing_checks::random_tensor({side, side, 2}),
                0.5 * testing_checks::random_tensor({side, side, 2}, 2)),
          [](const State& u) {
            at::Tensor sum = u["p"].square().sum() / 2 + 0.05 * u["q"].square().sum();
            for (const int along : {0, 1}) {
              const at::Tensor d = at::diff(u["q"], 1, along);
              sum = sum + (d.square() / 2 + d.pow(4) / 8).sum();
            }
            return sum.item<double>();
          }};
}

// Two bodies, eccentricity 0.6: a period of 2 pi.
inline Mechanics kepler() {
  const auto force = [](const at::Tensor& q) { return -q / q.norm().pow(3); };
  return {conjugate([force](double, const State& u) { return u.with("q", u["p"]).with("p", force(u["q"])); }),
          state(at::tensor({0.4, 0.0}, at::kDouble).unsqueeze(0), at::tensor({0.0, 2.0}, at::kDouble).unsqueeze(0)),
          [](const State& u) { return (u["p"].square().sum() / 2 - 1 / u["q"].norm()).item<double>(); }};
}

// Largest error of the energy over the first and over the last tenth of the steps, relative to the start's.
inline std::pair<double, double> energy_errors(const std::string& method, const Mechanics& m, double dt, int steps) {
  const auto integrator = make_integrator(method);
  const double start = m.energy(m.start);
  double first = 0, last = 0;
  State u = m.start;
  std::optional<State> slope;
  for (int k = 0; k < steps; ++k) {
    Step step = integrator->step(m.rate, k * dt, dt, u, {.slope = slope ? &*slope : nullptr});
    u = std::move(step.u);
    slope = std::move(step.slope);
    if (k >= steps / 10 && k < steps - steps / 10) continue;
    double& worst = k < steps / 10 ? first : last;
    worst = std::max(worst, std::abs(m.energy(u) - start) / std::abs(start));
  }
  return {first, last};
}

}  // namespace cotan::mechanics

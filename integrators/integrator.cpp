#include "integrators/integrator.h"

namespace cotan {

State cubic(const State& u0, const State& slope0, const State& u1, const State& slope1, double dt, double theta) {
  const double s = theta, r = 1 - theta;
  return combine(scaled(u0, r * r * (1 + 2 * s)), {s * s * (3 - 2 * s), dt * s * r * r, -dt * s * s * r},
                 {u1, slope0, slope1});
}

System method_of_lines(std::shared_ptr<const Integrator> method, Rate rate, Prescribed prescribed) {
  System system;
  system.lift = [prescribed](std::span<const Frame> first) {
    return prescribed.impose(first.back().t, first.back().fields);
  };
  if (!prescribed.empty()) {
    rate = wrapped(std::move(rate), [prescribed](Rhs f) -> Rhs {
      return [f = std::move(f), prescribed](double t, const State& u) { return f(t, prescribed.impose(t, u)); };
    });
    rate.whole.jacobian = nullptr;  // it knows nothing of values that are given
    if (rate.stiff) rate.stiff->jacobian = nullptr;
  }
  system.view = [method](const State& state) { return method->visible(state); };
  system.step = [method = std::move(method), rate = std::move(rate), prescribed](double t, double dt, const State& u) {
    return prescribed.impose(t + dt, method->step(rate, t, dt, u).u);
  };
  return system;
}

}  // namespace cotan

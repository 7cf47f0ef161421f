#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integrators/prescribed.h"
#include "integrators/rate.h"
#include "integrators/system.h"

namespace cotan {

/// What a method keeps between the steps of one integration: a Jacobian and its factors, a polynomial. Nothing that
/// changes a step beyond the tolerance that it is solved to.
struct Memory {
  virtual ~Memory() = default;
};

/// What the caller of a step knows beside the state; a step needs none of it.
struct Known {
  const State* slope = nullptr;    ///< f(t, u): saves an evaluation
  const State* allowed = nullptr;  ///< error allowed of each number, which iterations then end by; nearly exact without
  std::unique_ptr<Memory>* memory = nullptr;  ///< where the method keeps its own; the same for all steps of one rate
};

/// What stands at `known.memory`, made where it is not yet a T. \pre known.memory
template <std::derived_from<Memory> T>
T& memory_of(const Known& known) {
  if (!dynamic_cast<T*>(known.memory->get())) *known.memory = std::make_unique<T>();
  return static_cast<T&>(**known.memory);
}

struct Step {
  State u;  ///< u(t + dt)
  /// Local error estimate, where the method has one; one that costs evaluations only where errors are `allowed`.
  std::optional<State> error = {};
  /// u(t + theta dt) for theta in [0, 1], where the method has weights for it. Holds the stages.
  std::function<State(double theta)> dense = {};
  std::optional<State> slope = {};  ///< f(t + dt, u), where the last stage is that
  double safety = 0.9;              ///< share of the length that the estimate allows: less where iterations were many
  bool same_length = false;         ///< another step of this length is cheaper than one of another
};

/// How an adaptive integration chooses the lengths of a method's steps.
struct StepControl {
  int exponent;     ///< the error estimate goes as this power of the length
  bool predictive;  ///< Gustafsson's predictive controller, for implicit methods; else the proportional-integral one
};

/// The cubic through values and slopes at both ends of a step, at theta in [0, 1]: what stands for `dense` where a
/// method has none. Of third order.
State cubic(const State& u0, const State& slope0, const State& u1, const State& slope1, double dt, double theta);

/// A method that makes a step. It holds coefficients and tolerances only, so one object serves any system.
class Integrator {
 public:
  virtual ~Integrator() = default;
  virtual int order() const = 0;
  virtual bool estimates_error() const { return false; }
  virtual StepControl control() const { return {order(), false}; }
  /// What the system knows of a state: multi-step methods let it carry earlier ones along.
  virtual State visible(const State& state) const { return state; }
  virtual Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const = 0;
  Step step(const Rate& f, double t, double dt, const State& u) const { return step(f, t, dt, u, {}); }
};

/// By name: every row of the table of methods. \throw InputError listing the names
std::shared_ptr<const Integrator> make_integrator(std::string_view name);
std::vector<std::string> integrator_names();

/// A right-hand side with prescribed values: they are imposed on entry, at the stage's time, and after each step.
/// `view` and `lift` are the identity on the last frame's fields.
System method_of_lines(std::shared_ptr<const Integrator> method, Rate rate, Prescribed prescribed = {});

}  // namespace cotan

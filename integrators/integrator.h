#pragma once
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

struct Step {
  State u;                          ///< u(t + dt)
  std::optional<State> error = {};  ///< local error estimate, where the method has one
  /// u(t + theta dt) for theta in [0, 1], where the method has weights for it. Holds the stages.
  std::function<State(double theta)> dense = {};
  std::optional<State> slope = {};  ///< f(t + dt, u), where the last stage is that
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
  /// What the system knows of a state: multi-step methods let it carry earlier ones along.
  virtual State visible(const State& state) const { return state; }
  /// \param slope f(t, u) where the caller has it, or null: saves an evaluation
  virtual Step step(const Rate& f, double t, double dt, const State& u, const State* slope) const = 0;
  Step step(const Rate& f, double t, double dt, const State& u) const { return step(f, t, dt, u, nullptr); }
};

/// By name: every row of the table of methods. \throw InputError listing the names
std::shared_ptr<const Integrator> make_integrator(std::string_view name);
std::vector<std::string> integrator_names();

/// A right-hand side with prescribed values: they are imposed on entry, at the stage's time, and after each step.
/// `view` and `lift` are the identity on the last frame's fields.
System method_of_lines(std::shared_ptr<const Integrator> method, Rate rate, Prescribed prescribed = {});

}  // namespace cotan

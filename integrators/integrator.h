#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integrators/prescribed.h"
#include "integrators/system.h"

namespace cotan {

using Rhs = std::function<State(double t, const State& u)>;  ///< du/dt, the same entries as u

struct Step {
  State u;                          ///< u(t + dt)
  std::optional<State> error = {};  ///< local error estimate, where the method has one
  /// u(t + theta dt) for theta in [0, 1], where the method has weights for it. Holds the stages.
  std::function<State(double theta)> dense = {};
  std::optional<State> slope = {};  ///< f(t + dt, u), where the last stage is that
};

/// A one-step method. It holds coefficients and tolerances only, so one object serves any system.
class Integrator {
 public:
  virtual ~Integrator() = default;
  virtual int order() const = 0;
  virtual bool estimates_error() const { return false; }
  /// \param slope f(t, u) where the caller has it, or null: saves an evaluation
  virtual Step step(const Rhs& f, double t, double dt, const State& u, const State* slope) const = 0;
  Step step(const Rhs& f, double t, double dt, const State& u) const { return step(f, t, dt, u, nullptr); }
};

/// By name: every row of the table of tableaux. \throw InputError listing the names
std::shared_ptr<const Integrator> make_integrator(std::string_view name);
std::vector<std::string> integrator_names();

/// A right-hand side with prescribed values: they are imposed on entry, at the stage's time, and after each step.
/// `view` and `lift` are the identity on the last frame's fields.
System method_of_lines(std::shared_ptr<const Integrator> method, Rhs rhs, Prescribed prescribed = {});

}  // namespace cotan

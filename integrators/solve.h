#pragma once
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/options.h"
#include "integrators/integrator.h"
#include "integrators/norm.h"

namespace cotan {

/// Tolerances and limits of an adaptive integration. An error is allowed `absolute` times the field's scale (as the
/// Norm has it) plus `relative` times the larger of the values at the step's ends, component by component.
struct SolveOptions {
  double relative = 1e-6;
  double absolute = 1e-9;
  double first_step = 0.0;
  double largest_step = 0.0;
  std::int64_t most_steps = 100000;
  template <class V>
  void visit(V&& v) {
    v("relative", relative, "tolerance relative to the value", at_least(0.0));
    v("absolute", absolute, "tolerance in units of the field's scale", at_least(0.0));
    v("first_step", first_step, "[s]; 0: chosen from the slope and its change", at_least(0.0));
    v("largest_step", largest_step, "[s]; 0: no limit", at_least(0.0));
    v("most_steps", most_steps, "steps tried after which the integration is given up", at_least(1));
  }
};

/// Where a solution ends before its last time: at a root of `function`, found on the method's dense output.
struct StopEvent {
  std::string name;
  std::function<double(double t, const State& u)> function;  ///< the same value on all ranks
  int direction = 0;                                         ///< +1: only where it rises, -1: where it falls, 0: both
  bool must_come = false;                                    ///< its absence is an error
};

/// A step that was taken.
struct TimeStep {
  double t, length, end;  ///< [s]; length: as the method was given it, end - t to round-off
};

struct Solution {
  std::vector<double> times;         ///< those asked for, up to the end
  std::vector<State> states;         ///< at these times
  double end = 0;                    ///< [s] the last time, or an event's
  State last;                        ///< the state there
  std::optional<std::size_t> event;  ///< which one ended it
  std::int64_t evaluations = 0, accepted = 0, rejected = 0;
  std::vector<TimeStep> steps;  ///< the accepted ones; an event ends within the last
};

/// Integrates u' = f(t, u) from times[0] through `times` with steps that keep the method's error estimate within the
/// tolerances: a proportional-integral controller on the largest norm over the graphs of a batch. States between
/// steps are the method's dense output, or the cubic through values and slopes at both ends. Gradients go through all
/// accepted steps (their lengths are constants). Prescribed values belong into `f`. \cite hairer1993
/// \param norm its scales by field enter the tolerances; its rows, graphs and ranks the mean over components. Implicit
///        methods measure with it too, unless the rate has a norm of its own. Collective.
/// \throw InputError for a method without an error estimate, times that do not increase, tolerances that are both 0
/// \throw NumericsError naming time, step, field and component: the step shrank to nothing (the slope is not finite
/// there, or the tolerance is below round-off), too many steps, an event that must come and did not
Solution solve(const Integrator& method, const Rate& f, const State& start, std::span<const double> times,
               const SolveOptions& options = {}, const Norm& norm = {}, std::span<const StopEvent> events = {});

}  // namespace cotan

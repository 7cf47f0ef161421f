#include "apps/case_start.h"

#include <cmath>
#include <utility>

#include "apps/initial_file.h"
#include "apps/progress.h"
#include "core/check.h"
#include "integrators/rollout.h"

namespace cotan {
namespace {

std::int64_t steps_before(const Case& spec) {
  const Config node = spec.initial["simulate"];
  const double after = node.number();
  COTAN_REQUIRE(after > 0,
                node.where() << ": " << node.text() << " is out of range (seconds before the start; above 0)");
  COTAN_REQUIRE(spec.step > 0, node.where() << ": the solver needs `time`: its step and end [s]");
  const double steps = std::round(after / spec.step);
  COTAN_REQUIRE(steps >= 1 && steps <= 1e8 && std::abs(steps * spec.step - after) < 1e-6 * after,
                node.where() << ": " << node.text() << " s is not a whole number of steps of " << spec.step
                             << " s, at least one");
  return static_cast<std::int64_t>(steps);
}

// The solver's state after those steps. \throw NumericsError
State run_up(const ProblemSetup& setup, double step, std::int64_t steps) {
  std::vector<double> times;
  for (std::int64_t k = 0; k <= steps; ++k) times.push_back(static_cast<double>(k) * step);
  Progress progress("start", steps + 1);
  const Observer go_on = [&](std::int64_t, double, const Fields&) {
    progress.advance();
    return !interrupted();
  };
  const RolloutResult result = rollout(setup.system, {&setup.initial, 1}, times, {&go_on, 1});
  progress.finish();
  if (result.end != RolloutEnd::done) {
    throw NumericsError(
        "initial.simulate: " + std::string(result.end == RolloutEnd::stopped ? "stopped" : "not finite") +
        " after step " + std::to_string(result.steps) + ", t = " + std::to_string(result.t) + " s");
  }
  return result.state;
}

}  // namespace

CaseStart start_case(const ProblemInput& input) {
  if (!input.spec.initial.has("simulate")) return {make_with_initial_file(input), 0};
  const std::int64_t steps = steps_before(input.spec);
  ProblemInput before = input;
  before.spec.initial = input.spec.initial.without("simulate");
  CaseStart start{make_with_initial_file(before), static_cast<double>(steps) * input.spec.step};
  const State state = run_up(start.setup, input.spec.step, steps);
  System& system = start.setup.system;
  start.setup.initial = {0, system.view(state)};
  system.lift = [state](std::span<const Frame>) { return state; };
  system.step = [step = std::move(system.step), after = start.after](double t, double dt, const State& now) {
    return step(t + after, dt, now);
  };
  return start;
}

}  // namespace cotan

#include "integrators/rollout.h"

#include <ATen/core/grad_mode.h>

#include "core/check.h"

namespace cotan {
namespace {

void check_start(const System& system, std::span<const Frame> first, std::span<const double> times) {
  COTAN_REQUIRE(std::ssize(first) == system.frames,
                "a rollout from " << first.size() << " frames, and this system starts from " << system.frames);
  COTAN_REQUIRE(!times.empty(), "a rollout through no times");
  for (std::size_t k = 1; k < times.size(); ++k) {
    COTAN_REQUIRE(times[k] > times[k - 1], "a rollout to " << times[k] << " s after " << times[k - 1] << " s (step "
                                                           << k << "): times increase");
  }
}

// Every observer sees the step, also after one that asked to stop.
bool show(std::span<const Observer> observers, std::int64_t k, double t, const System& system, const State& state) {
  if (observers.empty()) return true;
  const Fields fields = system.view(state);
  bool go_on = true;
  for (const Observer& observer : observers) go_on = observer(k, t, fields) && go_on;
  return go_on;
}

// A step, or its failure with its number.
State advanced(const System& system, std::size_t k, double t, double dt, const State& state) {
  try {
    return system.step(t, dt, state);
  } catch (const NumericsError& error) {
    throw NumericsError(std::string(error.what()) + " (step " + std::to_string(k) + ")");
  }
}

}  // namespace

RolloutResult rollout(const System& system, std::span<const Frame> first, std::span<const double> times,
                      std::span<const Observer> observers, const Comm& comm) {
  check_start(system, first, times);
  const at::NoGradGuard no_grad;
  const auto on_any_rank = [&](bool here) { return comm.max(here ? 1 : 0) > 0; };
  RolloutResult result{system.lift(first), times.front(), 0, RolloutEnd::done};
  if (on_any_rank(!all_finite(result.state))) {
    result.end = RolloutEnd::not_finite;
    return result;
  }
  bool go_on = !on_any_rank(!show(observers, 0, result.t, system, result.state));
  for (std::size_t k = 1; k < times.size() && go_on; ++k) {
    State next = advanced(system, k, result.t, times[k] - result.t, result.state);
    if (on_any_rank(!all_finite(next))) {
      result.end = RolloutEnd::not_finite;
      return result;
    }
    result.state = std::move(next);
    result.t = times[k];
    result.steps = static_cast<std::int64_t>(k);
    go_on = !on_any_rank(!show(observers, result.steps, result.t, system, result.state));
  }
  if (!go_on) result.end = RolloutEnd::stopped;
  return result;
}

}  // namespace cotan

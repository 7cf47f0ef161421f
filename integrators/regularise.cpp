#include "integrators/regularise.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/check.h"
#include "integrators/gradient.h"

namespace cotan {
namespace {

// The root mean square of a state's numbers in units of their scales; with a gradient at 0.
at::Tensor size_of(const State& a, const Norm& norm) {
  at::Tensor sum;
  std::int64_t numbers = 0;
  for (const auto& entry : a.entries()) {
    if (!entry.value.is_floating_point()) continue;
    const auto scale = norm.scale.find(entry.name);
    const auto owned = norm.owned.find(entry.name);
    at::Tensor x = entry.value.reshape({entry.value.dim() > 0 ? entry.value.size(0) : 1, -1});
    if (owned != norm.owned.end()) x = x.index({owned->second});
    if (scale != norm.scale.end()) x = x / scale->second;
    numbers += x.numel();
    sum = sum.defined() ? sum + x.square().sum() : x.square().sum();
  }
  COTAN_REQUIRE(sum.defined(), "a state without numbers has no size");
  const double least = sum.scalar_type() == at::kDouble ? 1e-60 : 1e-30;  // the root of 0 has no slope
  return (sum / static_cast<double>(std::max<std::int64_t>(numbers, 1)) + least).sqrt();
}

const StagedIntegrator& staged(const Integrator& method) {
  const auto* found = dynamic_cast<const StagedIntegrator*>(&method);
  COTAN_REQUIRE(found && method.estimates_error(),
                "a method without an error estimate or stages says nothing of its "
                "steps: take an explicit Runge-Kutta pair, such as tsitouras");
  return *found;
}

StepHeuristics heuristics_of(const StagedIntegrator::Staged& made, double dt, const Norm& norm) {
  StepHeuristics out{std::abs(dt) * size_of(*made.step.error, norm), {}, 1};
  if (made.twins.size() != 2) return out;
  const auto &g = made.twins[0], &h = made.twins[1];
  out.stiffness = size_of(axpy(g.slope, -1, h.slope), norm) / size_of(axpy(g.state, -1, h.state), norm);
  return out;
}

at::Tensor sum(const at::Tensor& a, const at::Tensor& b) {
  return !a.defined() ? b : !b.defined() ? a : a + b;
}

// The method, summing up what its steps say.
class Observed final : public Integrator {
 public:
  Observed(std::shared_ptr<const Integrator> method, Norm norm, std::shared_ptr<StepHeuristics> sums)
      : method_(std::move(method)), norm_(std::move(norm)), sums_(std::move(sums)) {}
  int order() const override { return method_->order(); }
  bool estimates_error() const override { return true; }
  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    StagedIntegrator::Staged made = staged(*method_).staged_step(f, t, dt, u, known);
    const StepHeuristics one = heuristics_of(made, dt, norm_);
    sums_->error = sum(sums_->error, one.error);
    sums_->stiffness = sum(sums_->stiffness, one.stiffness);
    ++sums_->steps;
    return std::move(made.step);
  }

 private:
  std::shared_ptr<const Integrator> method_;
  Norm norm_;
  std::shared_ptr<StepHeuristics> sums_;
};

}  // namespace

StepHeuristics heuristics_of_step(const Integrator& method, const Rate& f, double t, double dt, const State& u,
                                  const Norm& norm) {
  return heuristics_of(staged(method).staged_step(f, t, dt, u, {}), dt, norm);
}

StepHeuristics heuristics_at(const Integrator& method, const Rate& f, const Solution& solution, std::size_t i,
                             const Norm& norm) {
  COTAN_REQUIRE(i < solution.states.size() && !solution.steps.empty(),
                "time " << i << " of a solution with " << solution.states.size());
  const double t = solution.times[i];
  const TimeStep* at = &solution.steps.front();
  for (const TimeStep& step : solution.steps) {
    if (step.t <= t) at = &step;
  }
  return heuristics_of_step(method, f, t, at->length, solution.states[i], norm);
}

RegularisedSolution solve_regularised(std::shared_ptr<const Integrator> method, Rate f, const State& start,
                                      std::span<const double> times, const SolveOptions& options, const Norm& norm,
                                      const std::optional<Norm>& sizes) {
  staged(*method);
  Solution found;
  {
    const at::NoGradGuard none;
    found = solve(*method, f, start, times, options, norm);
  }
  const auto sums = std::make_shared<StepHeuristics>();
  const auto observed = std::make_shared<Observed>(std::move(method), sizes.value_or(norm), sums);
  Solution again = replay(observed, std::move(f), start, found.steps, found.times).solution;
  again.evaluations = found.evaluations;
  again.rejected = found.rejected;
  return {std::move(again), *sums};
}

}  // namespace cotan

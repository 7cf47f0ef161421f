#include <ATen/ATen.h>

#include "core/check.h"
#include "integrators/implicit.h"
#include "integrators/methods.h"

namespace cotan {
namespace {

const std::string kBefore = " a step before", kLength = "length of the step before";

// The backward differentiation formula of second order for steps of any lengths. The state carries the one before it
// and the length of the step between them; the first step, which has none, is backward Euler's.
class Bdf2 final : public Integrator {
 public:
  int order() const override { return 2; }

  State visible(const State& all) const override {
    std::vector<State::Entry> entries;
    for (const auto& entry : all.entries()) {
      if (entry.name != kLength && !entry.name.ends_with(kBefore)) entries.push_back(entry);
    }
    return State(std::move(entries));
  }

  Step step(const Rate& f, double t, double dt, const State& all, const Known&) const override {
    const State u = visible(all);
    State base = u;
    double gamma = dt;
    if (all.has(kLength)) {
      const double ratio = dt / all[kLength].item<double>(), whole = 1 + 2 * ratio;
      base = axpy(scaled(u, (1 + ratio) * (1 + ratio) / whole), -ratio * ratio / whole, before(all, u));
      gamma = dt * (1 + ratio) / whole;
    }
    State out = solve_stage(f.whole, t + dt, base, gamma, u, f.norm);
    for (const auto& entry : u.entries()) {
      if (entry.value.is_floating_point()) out = out.with(entry.name + kBefore, entry.on, entry.value);
    }
    return {out.with(kLength, On::whole, at::full({}, dt, at::kDouble))};
  }

 private:
  static State before(const State& all, const State& u) {
    State out = u;
    for (const auto& entry : u.entries()) {
      if (entry.value.is_floating_point()) out = out.with(entry.name, all[entry.name + kBefore]);
    }
    return out;
  }
};

}  // namespace

std::vector<Method> multistep_methods() {
  return {{"bdf2", "backward differentiation formula of second order, started by backward Euler", "curtiss1952",
           Family::implicit, 2, std::numeric_limits<double>::infinity(), true, std::make_shared<Bdf2>()}};
}

}  // namespace cotan

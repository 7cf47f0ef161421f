#include <utility>

#include "integrators/implicit.h"
#include "integrators/methods.h"
#include "integrators/regularise.h"
#include "integrators/tableaux.h"

namespace cotan {
namespace {

// u(t + theta dt) by the weights between the ends.
State between(const Tableau& tableau, double theta, double dt, const State& u, const std::vector<State>& slopes) {
  const std::size_t degree = tableau.dense.size() / slopes.size();
  std::vector<double> factors;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    double sum = 0;
    for (std::size_t k = degree; k-- > 0;) sum = (sum + tableau.dense[i * degree + k]) * theta;
    factors.push_back(dt * sum);
  }
  return combine(u, factors, slopes);
}

std::vector<double> times(double dt, std::span<const double> weights) {
  std::vector<double> factors(weights.begin(), weights.end());
  for (double& factor : factors) factor *= dt;
  return factors;
}

// dt times the difference of the two sums over slopes.
std::optional<State> error_of(const Tableau& tableau, double dt, const std::vector<State>& slopes) {
  if (tableau.b_low.empty()) return std::nullopt;
  std::vector<double> weights;
  for (int i = 0; i < tableau.stages; ++i) weights.push_back(tableau.b[i] - tableau.b_low[i]);
  return combine(scaled(slopes[0], 0), times(dt, weights), slopes);
}

class RungeKutta : public Integrator {
 public:
  explicit RungeKutta(const Tableau& tableau) : tableau_(tableau) {}
  int order() const override { return tableau_.order; }
  bool estimates_error() const override { return !tableau_.b_low.empty(); }

 protected:
  const Tableau& tableau_;  // a row of the static table
};

class ExplicitRungeKutta final : public RungeKutta, public StagedIntegrator {
 public:
  using RungeKutta::RungeKutta;

  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    return staged_step(f, t, dt, u, known).step;
  }

  Staged staged_step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    std::vector<State> slopes;
    const double* row = tableau_.a.data();
    State last, before;
    for (int i = 0; i < tableau_.stages; row += i, ++i) {
      if (i == 0 && known.slope) {
        slopes.push_back(*known.slope);
        continue;
      }
      before = std::exchange(last, combine(u, times(dt, {row, static_cast<std::size_t>(i)}), slopes));
      slopes.push_back(f(t + tableau_.c[i] * dt, last));
    }
    const bool same = tableau_.first_same_as_last();
    Staged out{{same ? last : combine(u, times(dt, tableau_.b), slopes), error_of(tableau_, dt, slopes)}, {}};
    if (same) out.step.slope = slopes.back();
    const std::size_t s = slopes.size();
    if (s > 2 && tableau_.c[s - 1] == 1 && tableau_.c[s - 2] == 1) {
      out.twins = {{before, slopes[s - 2]}, {last, slopes[s - 1]}};
    }
    if (!tableau_.dense.empty()) {
      out.step.dense = [&tableau = tableau_, dt, u, slopes = std::move(slopes)](double theta) {
        return between(tableau, theta, dt, u, slopes);
      };
    }
    return out;
  }
};

class ImplicitRungeKutta final : public RungeKutta {
 public:
  using RungeKutta::RungeKutta;
  StepControl control() const override { return {order(), true}; }

  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    KeptJacobian* jacobian = known.memory && known.allowed ? &memory_of<KeptJacobian>(known) : nullptr;
    std::vector<State> slopes;
    const double* row = tableau_.a.data();
    State last = u;
    for (int i = 0; i < tableau_.stages; row += i, ++i) {
      const State base = combine(u, times(dt, {row, static_cast<std::size_t>(i)}), slopes);
      const double time = t + tableau_.c[i] * dt, gamma = dt * tableau_.diagonal[i];
      if (gamma == 0) {
        slopes.push_back(i == 0 && known.slope ? *known.slope : f(time, base));
        last = base;
        continue;
      }
      if (jacobian) {
        const State guess = i > 0 || known.slope ? axpy(base, gamma, i > 0 ? slopes.back() : *known.slope) : base;
        last = solve_stage(f.whole, time, base, gamma, guess, f.norm, {t, u, *known.allowed}, *jacobian);
      } else {
        NewtonOptions newton;
        if (tableau_.to_round_off) newton.tolerance = 0;
        last = solve_stage(f.whole, time, base, gamma, last, f.norm, newton);
      }
      // not f there, which would amplify what Newton's method left by the stiffness
      slopes.push_back(scaled(axpy(last, -1, base), 1 / gamma));
    }
    const bool same = tableau_.stiffly_accurate();
    Step out{same ? last : combine(u, times(dt, tableau_.b), slopes), error_of(tableau_, dt, slopes)};
    if (same) out.slope = slopes.back();
    if (jacobian) {
      out.same_length = !jacobian->stale();
      // what is stiff in the estimate is not in the step
      if (out.error) out.error = jacobian->solve(dt * tableau_.diagonal.back(), *out.error, f.norm);
    }
    return out;
  }
};

}  // namespace

std::vector<Method> runge_kutta_methods() {
  std::vector<Method> rows;
  for (const Tableau& t : tableaux()) {
    std::shared_ptr<const Integrator> integrator;
    if (t.implicit())
      integrator = std::make_shared<ImplicitRungeKutta>(t);
    else
      integrator = std::make_shared<ExplicitRungeKutta>(t);
    rows.push_back({t.name, t.about, t.cite, t.implicit() ? Family::implicit : Family::explicit_stages,
                    static_cast<double>(t.order), t.stable_to, t.damps, std::move(integrator)});
  }
  return rows;
}

}  // namespace cotan

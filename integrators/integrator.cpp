#include "integrators/integrator.h"

#include "core/check.h"
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

class ExplicitRungeKutta final : public Integrator {
 public:
  explicit ExplicitRungeKutta(const Tableau& tableau) : tableau_(tableau) {}

  int order() const override { return tableau_.order; }
  bool estimates_error() const override { return !tableau_.b_low.empty(); }

  Step step(const Rhs& f, double t, double dt, const State& u, const State* slope) const override {
    std::vector<State> slopes;
    const double* row = tableau_.a.data();
    State last;
    for (int i = 0; i < tableau_.stages; row += i, ++i) {
      if (i == 0 && slope) {
        slopes.push_back(*slope);
        continue;
      }
      last = combine(u, times(dt, {row, static_cast<std::size_t>(i)}), slopes);
      slopes.push_back(f(t + tableau_.c[i] * dt, last));
    }
    const bool same = tableau_.first_same_as_last();
    Step out{same ? last : combine(u, times(dt, tableau_.b), slopes), error(dt, slopes)};
    if (same) out.slope = slopes.back();
    if (!tableau_.dense.empty()) {
      out.dense = [&tableau = tableau_, dt, u, slopes = std::move(slopes)](double theta) {
        return between(tableau, theta, dt, u, slopes);
      };
    }
    return out;
  }

 private:
  static std::vector<double> times(double dt, std::span<const double> weights) {
    std::vector<double> factors(weights.begin(), weights.end());
    for (double& factor : factors) factor *= dt;
    return factors;
  }

  std::optional<State> error(double dt, const std::vector<State>& slopes) const {
    if (tableau_.b_low.empty()) return std::nullopt;
    std::vector<double> weights;
    for (int i = 0; i < tableau_.stages; ++i) weights.push_back(tableau_.b[i] - tableau_.b_low[i]);
    return combine(scaled(slopes[0], 0), times(dt, weights), slopes);
  }

  const Tableau& tableau_;  // a row of the static table
};

}  // namespace

std::vector<std::string> integrator_names() {
  std::vector<std::string> names;
  for (const Tableau& tableau : tableaux()) names.emplace_back(tableau.name);
  return names;
}

std::shared_ptr<const Integrator> make_integrator(std::string_view name) {
  for (const Tableau& tableau : tableaux()) {
    if (tableau.name == name) return std::make_shared<ExplicitRungeKutta>(tableau);
  }
  throw InputError(unknown_name("integrator", name, integrator_names()));
}

System method_of_lines(std::shared_ptr<const Integrator> method, Rhs rhs, Prescribed prescribed) {
  System system;
  system.lift = [prescribed](std::span<const Frame> first) {
    return prescribed.impose(first.back().t, first.back().fields);
  };
  system.step = [method = std::move(method), rhs = std::move(rhs), prescribed](double t, double dt, const State& u) {
    const Rhs imposed = [&](double stage_t, const State& stage) {
      return rhs(stage_t, prescribed.impose(stage_t, stage));
    };
    return prescribed.impose(t + dt, method->step(imposed, t, dt, u).u);
  };
  system.view = [](const State& state) { return state; };
  return system;
}

}  // namespace cotan

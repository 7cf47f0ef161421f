#include "integrators/integrator.h"

#include "core/check.h"
#include "integrators/tableaux.h"

namespace cotan {
namespace {

class ExplicitRungeKutta final : public Integrator {
 public:
  explicit ExplicitRungeKutta(const Tableau& tableau) : tableau_(tableau) {}

  int order() const override { return tableau_.order; }

  Step step(const Rhs& f, double t, double dt, const State& u) const override {
    std::vector<State> slopes;
    const double* row = tableau_.a.data();
    for (int i = 0; i < tableau_.stages; row += i, ++i) {
      const State stage = combine(u, times(dt, {row, static_cast<std::size_t>(i)}), slopes);
      slopes.push_back(f(t + tableau_.c[i] * dt, stage));
    }
    return {combine(u, times(dt, tableau_.b), slopes), error(dt, slopes)};
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

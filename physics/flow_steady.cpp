// Steady flow: Newton's method, and what is done where it does not converge.
#include <cmath>
#include <sstream>

#include "core/check.h"
#include "physics/direct.h"
#include "physics/flow.h"
#include "physics/flow_matrix.h"

namespace cotan {
namespace {

constexpr int kMostIterations = 15;
constexpr int kMostContinuations = 20;
constexpr double kTolerance = 1e-10;  // of the last change, relative to the velocity
constexpr double kDiverged = 1e4;     // growth of the residual
constexpr double kFirstRise = 8;      // of the viscosity where Newton's method fails from the Stokes flow

double length(std::span<const double> x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return std::sqrt(sum);
}

std::vector<double> sum(double a, std::span<const double> x, std::span<const double> y) {
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = a * x[i] + y[i];
  return out;
}

class Newton {
 public:
  explicit Newton(const Flow& flow)
      : flow_(flow),
        stokes_matrix_(flow.forms, flow.constraints, false, flow.enclosed),
        matrix_(flow.forms, flow.constraints, true, flow.enclosed),
        load_(flow_load(flow, 0)),
        velocities_(load_.size()) {}

  std::vector<double> stokes(double viscosity) {
    std::vector<double> x(flow_.forms->space().num_dofs(), 0.0);
    flow_.constraints->impose(0, x);
    const std::vector<double> none(flow_.forms->mass().size(), 0.0);
    const auto values = sum(viscosity, flow_.forms->stiffness(), none);
    auto right = flow_residual(flow_, values, x, load_);
    restrict_residual(flow_, right);
    add(ordered_factoriser()(stokes_matrix_.fill(values))(right), x);
    return x;
  }

  /// Whether x, the flow at another viscosity, became the one at this.
  bool solve(double viscosity, std::vector<double>& x) {
    history.clear();
    for (int iteration = 0; iteration < kMostIterations; ++iteration) {
      const auto values = sum(viscosity, flow_.forms->stiffness(), flow_.forms->convection(x));
      auto right = flow_residual(flow_, values, x, load_);
      restrict_residual(flow_, right);
      history.push_back(length(right));
      if (!std::isfinite(history.back()) || history.back() > kDiverged * history.front()) return false;
      const auto change = factorise_(matrix_.fill(values, flow_.forms->convection_by(x)))(right);
      add(change, x);
      const std::span<const double> velocity = std::span<const double>(x).first(velocities_);
      if (length(std::span(change).first(velocities_)) <= kTolerance * length(velocity)) return true;
    }
    return false;
  }

  std::vector<double> history;  ///< of residuals, of the last solve

 private:
  static void add(std::span<const double> change, std::vector<double>& x) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += change[i];
  }

  const Flow& flow_;
  FlowMatrix stokes_matrix_, matrix_;
  Factorise factorise_ = ordered_factoriser();
  std::vector<double> load_;
  std::size_t velocities_;
};

[[noreturn]] void fail(const Newton& newton, double viscosity, double reached) {
  std::ostringstream message;
  message.precision(3);
  message << "navier_stokes: Newton's method for the steady flow does not converge at a viscosity of " << viscosity;
  if (reached > 0) message << " (it did at " << reached << ")";
  message << "; residuals:";
  for (const double value : newton.history) message << ' ' << value;
  message << ". There may be no steady flow that is stable: take steps in time instead, or a finer mesh";
  throw NumericsError(message.str());
}

}  // namespace

std::vector<double> steady_flow(const Flow& flow) {
  Newton newton(flow);
  std::vector<double> x = newton.stokes(flow.viscosity);
  double reached = 0, next = flow.viscosity;  // 0: the Stokes flow
  for (int attempt = 0; flow.convection; ++attempt) {
    std::vector<double> tried = x;
    if (newton.solve(next, tried)) {
      x = std::move(tried);
      if (next == flow.viscosity) break;
      reached = next;
      next = flow.viscosity;
    } else {
      if (attempt == kMostContinuations || (reached > 0 && reached < 1.02 * next)) fail(newton, next, reached);
      next = reached > 0 ? std::sqrt(reached * next) : kFirstRise * next;
    }
  }
  level_pressure(flow, x);
  return x;
}

std::vector<double> steady_residual(const Flow& flow, std::span<const double> x) {
  const std::vector<double> none(flow.forms->mass().size(), 0.0);
  const auto values = sum(flow.viscosity, flow.forms->stiffness(), flow.convection ? flow.forms->convection(x) : none);
  return flow_residual(flow, values, x, flow_load(flow, 0));
}

}  // namespace cotan

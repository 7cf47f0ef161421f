#include "physics/flow_unsteady.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "integrators/krylov.h"

namespace cotan {
namespace {

constexpr double kTolerance = 1e-9;  // of the residual, relative to the step's right side
constexpr int kMostIterations = 40;  // of GMRES, before its factors are made anew
constexpr int kMostWasted = 30;      // iterations more than soon after factorising, in sum: what factorising costs
constexpr double kOtherRate = 1.1;   // so does a step that is shorter or longer by this factor

double length(std::span<const double> x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return std::sqrt(sum);
}

// du/dt at the new time = now u + before u_1 + earlier u_2, and the new u is about (1 + ratio) u_1 - ratio u_2.
struct Formula {
  double now, before, earlier = 0, ratio = 0;
};

Formula formula(double dt, double last) {
  if (last == 0) return {1 / dt, -1 / dt};
  const double ratio = dt / last;
  return {(1 + 2 * ratio) / ((1 + ratio) * dt), -(1 + ratio) / dt, ratio * ratio / ((1 + ratio) * dt), ratio};
}

at::Tensor copied(std::span<const double> x) {
  const at::Tensor out = at::empty({static_cast<std::int64_t>(x.size())}, at::kDouble);
  std::copy(x.begin(), x.end(), out.data_ptr<double>());
  return out;
}

std::span<const double> numbers(const at::Tensor& x) {
  return {x.const_data_ptr<double>(), static_cast<std::size_t>(x.numel())};
}

}  // namespace

// Of one step: values of its matrix over the nodes, and its right side.
struct UnsteadyFlow::System {
  double t, rate;
  std::vector<double> values, right;
};

UnsteadyFlow::UnsteadyFlow(std::shared_ptr<const Flow> flow)
    : flow_(std::move(flow)), matrix_(flow_->forms, flow_->constraints, false, flow_->enclosed) {}

FlowLevels UnsteadyFlow::step(double t, double dt, const FlowLevels& levels) {
  const FlowForms& forms = *flow_->forms;
  const int dim = forms.space().dim;
  const Formula f = formula(dt, levels.step);
  FlowLevels next{levels.now, levels.now, dt, {}};
  for (std::size_t i = 0; levels.step > 0 && i < next.now.size(); ++i) {
    next.now[i] = (1 + f.ratio) * levels.now[i] - f.ratio * levels.before[i];
  }
  std::vector<double> past(std::size_t(dim) * forms.space().num_nodes);
  for (std::size_t i = 0; i < past.size(); ++i) {
    past[i] = f.before * levels.now[i] + (levels.step > 0 ? f.earlier * levels.before[i] : 0);
  }
  System system{t + dt, f.now, {}, {}};
  system.values = flow_->convection ? forms.convection(next.now) : std::vector<double>(forms.mass().size(), 0.0);
  for (std::size_t i = 0; i < system.values.size(); ++i) {
    system.values[i] += f.now * forms.mass()[i] + flow_->viscosity * forms.stiffness()[i];
  }
  if (load_.empty() || flow_->load_depends_on_time()) load_ = flow_load(*flow_, t + dt);
  system.right = load_;
  add_product(forms.pattern(), forms.mass(), dim, past, -1, system.right);
  flow_->constraints->impose(t + dt, next.now);
  solve(system, next.now);
  level_pressure(*flow_, next.now);
  next.residual = flow_residual(*flow_, system.values, next.now, system.right);
  return next;
}

void UnsteadyFlow::factorise(const System& system) {
  try {
    factors_ = factorise_(matrix_.fill(system.values));
  } catch (const NumericsError& error) {
    throw NumericsError("navier_stokes at t = " + std::to_string(system.t) + ": " + error.what());
  }
  factors_rate_ = system.rate;
  fewest_ = kMostIterations;
  wasted_ = 0;
  ++factorisations_;
}

void UnsteadyFlow::solve(const System& system, std::vector<double>& x) {
  const bool other_rate = std::max(system.rate / factors_rate_, factors_rate_ / system.rate) > kOtherRate;
  if (!factors_ || other_rate || wasted_ > kMostWasted) factorise(system);
  if (iterate(system, x)) return;
  factorise(system);
  if (iterate(system, x)) return;
  throw NumericsError("navier_stokes at t = " + std::to_string(system.t) +
                      ": GMRES does not converge over fresh factors: the velocity grows without bound, or the matrix "
                      "is all but singular");
}

// x += A^-1 (right - A x); false where that takes too many iterations.
bool UnsteadyFlow::iterate(const System& system, std::vector<double>& x) {
  std::vector<double> residual = flow_residual(*flow_, system.values, x, system.right);
  restrict_residual(*flow_, residual);
  std::vector<double> right = system.right;
  right.resize(x.size(), 0.0);
  restrict_residual(*flow_, right);
  const double size = length(residual), wanted = kTolerance * std::max(length(right), size);
  if (size <= wanted) return true;
  const VectorMap a = [&](const at::Tensor& v) { return copied(flow_product(*flow_, system.values, numbers(v))); };
  const VectorMap conditioner = [&](const at::Tensor& v) { return copied(factors_(numbers(v))); };
  const auto found = gmres(a, copied(residual), {wanted / size, kMostIterations, kMostIterations, true}, conditioner);
  iterations_ += found.iterations;
  if (!found.converged) return false;
  if (found.iterations > 1) {  // else the factors are this step's own
    fewest_ = std::min(fewest_, found.iterations);
    wasted_ += found.iterations - fewest_;
  }
  const auto change = numbers(found.x);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += change[i];
  return true;
}

}  // namespace cotan

#include "integrators/implicit.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "integrators/accuracy.h"
#include "integrators/implicit_gradient.h"
#include "integrators/krylov.h"
#include "integrators/packing.h"

namespace cotan {
namespace {

constexpr int kMost = 7;  // simplified iterations: more of them take longer than a shorter step

// z -> base + gamma f(t, z) on packed states, and Newton's method for its fixed point.
class Stage {
 public:
  Stage(const RatePart& part, double t, const State& base, double gamma, const Norm& norm, const NewtonOptions& options)
      : part_(part),
        t_(t),
        gamma_(gamma),
        packing_(base, norm),
        base_(packing_.pack(base)),
        product_{packing_.weight(), packing_.comm()},
        options_(options) {}

  State solve(const State& guess) {
    at::Tensor z = packing_.pack(guess);
    const double tolerance = std::max(options_.tolerance, 4 * round_off(z));
    double before = INFINITY;
    for (int k = 0; k < options_.most_iterations; ++k) {
      const at::Tensor slope = rate(z), change = correction(z, slope);
      z = z + change;
      const double size = product_.norm(change), relative = size / std::max(product_.norm(z), product_.norm(base_));
      if (!std::isfinite(size)) fail(z, change, "is not finite");
      // a small correction alone says little where the stage has no solution: it has to shrink, too
      if (size == 0 || relative <= 16 * round_off(z)) return packing_.unpack(z);
      if (relative <= tolerance && size <= 0.5 * before && k > 0) return packing_.unpack(z);
      if (relative <= 1e3 * round_off(z) && k > 0)
        return packing_.unpack(z);  // round-off, where corrections no longer shrink
      before = size;
      last_ = change;
    }
    fail(z, last_, "still changes after " + std::to_string(options_.most_iterations) + " iterations");
  }

 private:
  at::Tensor rate(const at::Tensor& z) const { return packing_.pack(part_.f(t_, packing_.unpack(z))); }

  at::Tensor correction(const at::Tensor& z, const at::Tensor& slope) const {
    const State at_z = packing_.unpack(z);
    const StateMap jacobian = part_.jacobian ? part_.jacobian(t_, at_z) : StateMap();
    const StateMap inverse = part_.shifted_inverse ? part_.shifted_inverse(t_, at_z, gamma_) : StateMap();
    const double length = std::sqrt(round_off(z)) * std::max(product_.norm(z), 1e-30);
    const VectorMap a = [&](const at::Tensor& v) {
      if (jacobian) return v - gamma_ * packing_.pack(jacobian(packing_.unpack(v)));
      const double size = product_.norm(v);
      if (!(size > 0)) return v;
      const double step = length / size;
      return v - gamma_ / step * (rate(z + step * v) - slope);
    };
    const VectorMap conditioned = [&](const at::Tensor& v) { return packing_.pack(inverse(packing_.unpack(v))); };
    KrylovOptions krylov;
    krylov.tolerance = round_off(z) < 1e-10 ? 1e-6 : 1e-4;
    const KrylovResult found =
        gmres(a, base_ + gamma_ * slope - z, krylov, inverse ? conditioned : VectorMap(), product_);
    // no progress: f is not finite near here, and 0 would pass for convergence
    return found.residual < 0.9 ? found.x : at::full_like(z, NAN);
  }

  [[noreturn]] void fail(const at::Tensor& z, const at::Tensor& change, const std::string& what) const {
    fail_step(t_, packing_.unpack(z), packing_.unpack(change), what);
  }

  const RatePart& part_;
  double t_, gamma_;
  Packing packing_;
  at::Tensor base_;
  InnerProduct product_;
  NewtonOptions options_;
  at::Tensor last_;
};

}  // namespace

State solve_stage(const RatePart& part, double t, const State& base, double gamma, const State& guess, const Norm& norm,
                  const NewtonOptions& options) {
  State z;
  {
    const at::NoGradGuard none;
    Stage stage(part, t, base, gamma, norm, options);
    z = stage.solve(guess);
  }
  if (!at::GradMode::is_enabled()) return z;
  return with_implicit_gradient(part.f, {{t}, {gamma}}, base, {z}, norm)[0];
}

State solve_stage(const RatePart& part, double t, const State& base, double gamma, const State& guess, const Norm& norm,
                  const StepStart& start, KeptJacobian& kept) {
  State z;
  {
    const at::NoGradGuard none;
    const State u = detached(start.u);
    const Packing packing(u, norm);
    const Accuracy accuracy = accuracy_of(packing, packing.pack(u), &start.allowed, 0);
    const at::Tensor fixed = packing.pack(base), first = packing.pack(guess);
    at::Tensor last;
    const auto iterate = [&](Linearisation& jacobian, Convergence& convergence) -> at::Tensor {
      for (at::Tensor x = first;;) {
        last = jacobian.solve(gamma, fixed - x + gamma * packing.pack(part.f(t, packing.unpack(x))));
        const Convergence::Verdict verdict = convergence.judge(accuracy.product.norm(last));
        if (verdict == Convergence::Verdict::hopeless) return {};
        x = x + last;
        if (verdict == Convergence::Verdict::done) return x;
      }
    };
    const at::Tensor found =
        kept.solve(part, start.t, u, packing, accuracy.product, iterate, Convergence(accuracy.tolerance, kMost));
    if (!found.defined()) fail_step(t, u, packing.unpack(last), "does not converge");
    z = packing.unpack(found);
  }
  if (!at::GradMode::is_enabled()) return z;
  return with_implicit_gradient(part.f, {{t}, {gamma}}, base, {z}, norm)[0];
}

std::function<StateMap(double t, const State& u)> jacobian_by_autograd(Rhs f) {
  return [f = std::move(f)](double t, const State& u) -> StateMap {
    const at::AutoGradMode record(true);
    const Packing packing(u);
    const at::Tensor leaf = packing.pack(u).detach().requires_grad_(true);
    const at::Tensor slope = packing.pack(f(t, packing.unpack(leaf)));
    const at::Tensor weight = at::zeros_like(slope).requires_grad_(true);
    at::Tensor pulled;  // J' weight, as a function of the weight
    if (slope.requires_grad()) {
      pulled = torch::autograd::grad({slope}, {leaf}, {weight}, true, /*create_graph=*/true, /*allow_unused=*/true)[0];
    }
    return [=](const State& v) {
      if (!pulled.defined() || !pulled.requires_grad()) return scaled(v, 0);
      const auto found = torch::autograd::grad({pulled}, {weight}, {packing.pack(v)}, true, false, true)[0];
      return found.defined() ? packing.unpack(found) : scaled(v, 0);
    };
  };
}

}  // namespace cotan

#include "integrators/implicit.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "integrators/differentiable_once.h"
#include "integrators/krylov.h"
#include "integrators/packing.h"

namespace cotan {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

double round_off(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                        : std::numeric_limits<float>::epsilon();
}

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

  at::Tensor solve(const State& guess) {
    at::Tensor z = packing_.pack(guess);
    const double tolerance = std::max(options_.tolerance, 4 * round_off(z));
    double before = INFINITY;
    for (int k = 0; k < options_.most_iterations; ++k) {
      const at::Tensor slope = rate(z), change = correction(z, slope);
      z = z + change;
      const double size = product_.norm(change), relative = size / std::max(product_.norm(z), product_.norm(base_));
      if (!std::isfinite(size)) fail(z, change, "is not finite");
      // a small correction alone says little where the stage has no solution: it has to shrink, too
      if (size == 0 || relative <= 16 * round_off(z)) return z;
      if (relative <= tolerance && size <= 0.5 * before && k > 0) return z;
      if (relative <= 1e3 * round_off(z) && k > 0) return z;  // round-off, where corrections no longer shrink
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

  // The component that changed most for its size.
  [[noreturn]] void fail(const at::Tensor& z, const at::Tensor& change, const std::string& what) const {
    const State values = packing_.unpack(z), changes = packing_.unpack(change);
    std::ostringstream message;
    message << "no solution of the implicit step at t = " << t_ << " s";
    double most = -1;
    std::ostringstream where;
    for (const auto& entry : changes.entries()) {
      if (!entry.value.is_floating_point() || entry.value.numel() == 0) continue;
      const at::Tensor ratio =
          at::nan_to_num((entry.value / values[entry.name].abs().clamp_min(1e-30)).abs().reshape(-1).to(at::kDouble),
                         INFINITY, INFINITY);
      const auto [value, index] = ratio.max(0);
      if (value.item<double>() <= most) continue;
      most = value.item<double>();
      const std::int64_t width = entry.value.dim() > 0 ? entry.value.numel() / entry.value.size(0) : 1;
      where.str("");
      where << ": '" << entry.name << "' at row " << index.item<std::int64_t>() / width << ", component "
            << index.item<std::int64_t>() % width << " " << what;
    }
    throw StepFailure(message.str() + where.str());
  }

  const RatePart& part_;
  double t_, gamma_;
  Packing packing_;
  at::Tensor base_;
  InnerProduct product_;
  NewtonOptions options_;
  at::Tensor last_;
};

// What the backward pass of a stage needs: f recorded at the solution.
struct Recorded : torch::CustomClassHolder {
  at::Tensor at, slope;  // (n) packed: a leaf, and f there
  double t = 0, gamma = 0;
  InnerProduct product;
};

// The identity, whose gradient g becomes the solution of (I - gamma J)' x = g.
struct Implicit : torch::autograd::Function<Implicit> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& z, const c10::intrusive_ptr<Recorded>& recorded) {
    ctx->saved_data["recorded"] = c10::IValue::make_capsule(recorded);
    return z.view_as(z);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& given) {
    const auto recorded = c10::static_intrusive_pointer_cast<Recorded>(ctx->saved_data["recorded"].toCapsule());
    const VectorMap transposed = [&](const at::Tensor& v) {
      if (!recorded->slope.requires_grad()) return v;
      const auto found = torch::autograd::grad({recorded->slope}, {recorded->at}, {v}, /*retain_graph=*/true,
                                               /*create_graph=*/false, /*allow_unused=*/true)[0];
      return found.defined() ? v - recorded->gamma * found : v;
    };
    KrylovOptions krylov;
    krylov.tolerance = given[0].scalar_type() == at::kDouble ? 1e-12 : 1e-6;
    const KrylovResult found = gmres(transposed, given[0], krylov, {}, recorded->product);
    if (!(found.residual <= 1e3 * krylov.tolerance)) {
      std::ostringstream message;
      message << "no solution of the transposed system of an implicit step at t = " << recorded->t
              << " s: a residual of " << found.residual << " after " << found.iterations << " iterations";
      throw NumericsError(std::move(message).str());
    }
    return differentiable_once({found.x, at::Tensor()}, "second derivatives do not go through an implicit step");
  }
};

}  // namespace

State solve_stage(const RatePart& part, double t, const State& base, double gamma, const State& guess, const Norm& norm,
                  const NewtonOptions& options) {
  at::Tensor z;
  auto recorded = c10::make_intrusive<Recorded>();
  {
    const at::NoGradGuard none;
    Stage stage(part, t, base, gamma, norm, options);
    z = stage.solve(guess);
    recorded->product.comm = norm.comm;  // all rows count: gradients of ghosts too are part of the system
  }
  const Packing packing(base, norm);
  if (!at::GradMode::is_enabled()) return packing.unpack(z);
  recorded->at = z.detach().requires_grad_(true);
  recorded->slope = packing.pack(part.f(t, packing.unpack(recorded->at)));
  recorded->t = t;
  recorded->gamma = gamma;
  // the value of base + gamma f(z) is z but for what Newton's method left
  const at::Tensor open = packing.pack(base) + gamma * recorded->slope;
  return packing.unpack(Implicit::apply(open + (z - open.detach()), recorded));
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

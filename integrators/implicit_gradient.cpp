#include "integrators/implicit_gradient.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <sstream>

#include "integrators/differentiable_once.h"
#include "integrators/implicit.h"
#include "integrators/krylov.h"
#include "integrators/packing.h"

namespace cotan {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What the backward pass of a step needs: f recorded at the solution.
struct Recorded : torch::CustomClassHolder {
  at::Tensor at, slope;  // (stages, n) packed: a leaf, and f there
  at::Tensor a;          // (stages, stages)
  double t = 0;
  InnerProduct product;

  // (I - (a x J)') v
  at::Tensor transposed(const at::Tensor& v) const {
    if (!slope.requires_grad()) return v;
    const at::Tensor weighted = at::mm(a.t(), v.view_as(slope));
    const auto found = torch::autograd::grad({slope}, {at}, {weighted}, /*retain_graph=*/true, /*create_graph=*/false,
                                             /*allow_unused=*/true)[0];
    return found.defined() ? v - found.reshape({-1}) : v;
  }
};

// The identity on (stages, n), whose gradient g becomes the solution x of the transposed system.
struct Implicit : torch::autograd::Function<Implicit> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& z, const c10::intrusive_ptr<Recorded>& recorded) {
    ctx->saved_data["recorded"] = c10::IValue::make_capsule(recorded);
    return z.view_as(z);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& given) {
    const auto recorded = c10::static_intrusive_pointer_cast<Recorded>(ctx->saved_data["recorded"].toCapsule());
    KrylovOptions krylov;
    krylov.tolerance = given[0].scalar_type() == at::kDouble ? 1e-12 : 1e-6;
    const KrylovResult found = gmres([&](const at::Tensor& v) { return recorded->transposed(v); },
                                     given[0].reshape({-1}), krylov, {}, recorded->product);
    if (!(found.residual <= 1e3 * krylov.tolerance)) {
      std::ostringstream message;
      message << "no solution of the transposed system of an implicit step at t = " << recorded->t
              << " s: a residual of " << found.residual << " after " << found.iterations << " iterations";
      throw NumericsError(std::move(message).str());
    }
    return differentiable_once({found.x.view_as(given[0]), at::Tensor()},
                               "second derivatives do not go through an implicit step");
  }
};

}  // namespace

std::vector<State> with_implicit_gradient(const Rhs& f, const CoupledStages& stages, const State& base,
                                          const std::vector<State>& solved, const Norm& norm) {
  const Packing packing(base, norm);
  const std::int64_t count = std::ssize(stages.t);
  std::vector<at::Tensor> rows;
  for (const State& z : solved) rows.push_back(packing.pack(z));
  const at::Tensor z = at::stack(rows).detach();
  auto recorded = c10::make_intrusive<Recorded>();
  recorded->at = z.clone().requires_grad_(true);
  rows.clear();
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(packing.pack(f(stages.t[i], packing.unpack(recorded->at[i]))));
  }
  recorded->slope = at::stack(rows);
  recorded->a = at::tensor(stages.a, at::kDouble).view({count, count}).to(z.options());
  recorded->t = stages.t.front();
  recorded->product.comm = norm.comm;  // all rows count: gradients of ghosts too are part of the system
  // the value of base + a f(z) is z but for what Newton's method left
  const at::Tensor open = packing.pack(base).unsqueeze(0) + at::mm(recorded->a, recorded->slope);
  const at::Tensor out = Implicit::apply(open + (z - open.detach()), recorded);
  std::vector<State> states;
  for (std::int64_t i = 0; i < count; ++i) states.push_back(packing.unpack(out[i]));
  return states;
}

void fail_step(double t, const State& values, const State& changes, const std::string& what) {
  std::ostringstream message, where;
  message << "no solution of the implicit step at t = " << t << " s";
  double most = -1;
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

}  // namespace cotan

#include "integrators/accuracy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cotan {
namespace {

constexpr double kShare = 0.003;  // of a tolerance, for what iterations leave: 0.03 shows in the error of Robertson's

double floor_of(const at::Tensor& u) {
  return 10 * round_off(u);
}

}  // namespace

double round_off(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                        : std::numeric_limits<float>::epsilon();
}

Accuracy accuracy_of(const Packing& packing, const at::Tensor& u, const State* allowed, double relative) {
  const at::NoGradGuard none;
  const at::Tensor weight = packing.weight().defined() ? packing.weight() : at::ones_like(u);
  Accuracy out{{weight, packing.comm()}, std::max(relative, floor_of(u))};
  if (!allowed) {
    const double size = out.product.norm(u);
    if (size > 0 && std::isfinite(size)) out.product.weight = weight / (size * size);
    return out;
  }
  const double owned = packing.comm().sum((weight > 0).sum().item<double>());
  const at::Tensor unit = packing.pack(*allowed).clamp_min(std::numeric_limits<float>::min());
  out.product.weight = (weight > 0).to(u.scalar_type()) / (unit.square() * std::max(owned, 1.0));
  out.tolerance = std::max(kShare, floor_of(u) * out.product.norm(u));
  return out;
}

InnerProduct repeated(const InnerProduct& product, std::int64_t times) {
  if (!product.weight.defined()) return product;
  return {product.weight.repeat({times}), product.comm};
}

Convergence::Verdict Convergence::judge(double size) {
  ++iterations_;
  if (!std::isfinite(size)) return Verdict::hopeless;
  if (size == 0) return Verdict::done;
  if (iterations_ == 1) {
    before_ = size;
    return expected_ * size <= tolerance_ ? Verdict::done : Verdict::go_on;
  }
  rate_ = size / std::exchange(before_, size);
  expected_ = rate_ < 1 ? rate_ / (1 - rate_) : INFINITY;
  if (size <= tolerance_ || expected_ * size <= tolerance_) return Verdict::done;
  const bool too_slow = rate_ >= 1 || std::pow(rate_, most_ - iterations_ + 1) / (1 - rate_) * size > tolerance_;
  return too_slow || iterations_ >= most_ ? Verdict::hopeless : Verdict::go_on;
}

}  // namespace cotan

#include "integrators/packing.h"

#include <ATen/ATen.h>

#include "core/check.h"

namespace cotan {
namespace {

// 1 / scale^2 where this rank owns the row, 0 elsewhere.
at::Tensor weight_of(const State::Entry& entry, const Norm& norm) {
  const auto scale = norm.scale.find(entry.name);
  const double value = scale == norm.scale.end() ? 1.0 : 1.0 / (scale->second * scale->second);
  const auto owned = norm.owned.find(entry.name);
  at::Tensor weight = at::full_like(entry.value.detach(), value);
  if (owned != norm.owned.end()) {
    std::vector<std::int64_t> shape(entry.value.dim(), 1);
    shape[0] = owned->second.numel();
    weight = weight * owned->second.to(weight.device()).reshape(shape);
  } else if (entry.on == On::whole && norm.comm.rank() > 0) {
    weight = at::zeros_like(weight);
  }
  return weight.reshape({-1});
}

}  // namespace

std::vector<at::Tensor> floating(const State& u) {
  std::vector<at::Tensor> values;
  for (const auto& entry : u.entries()) {
    if (entry.value.is_floating_point()) values.push_back(entry.value);
  }
  return values;
}

State with_floating(const State& u, const std::vector<at::Tensor>& values) {
  std::vector<State::Entry> entries = u.entries();
  auto value = values.begin();
  for (auto& entry : entries) {
    if (entry.value.is_floating_point()) entry.value = *value++;
  }
  COTAN_ASSERT(value == values.end());
  return State(std::move(entries));
}

Packing::Packing(const State& like, const Norm& norm) : like_(detached(like)), comm_(norm.comm) {
  std::vector<at::Tensor> weights;
  for (const auto& entry : like.entries()) {
    if (!entry.value.is_floating_point()) continue;
    size_ += entry.value.numel();
    weights.push_back(weight_of(entry, norm));
  }
  const bool plain = norm.scale.empty() && norm.owned.empty() && comm_.size() == 1;
  if (!plain && !weights.empty()) weight_ = at::cat(weights);
}

at::Tensor Packing::pack(const State& u) const {
  std::vector<at::Tensor> parts;
  for (const auto& value : floating(u)) parts.push_back(value.reshape({-1}));
  if (parts.empty()) return at::empty({0}, at::kDouble);
  return parts.size() == 1 ? parts[0] : at::cat(parts);
}

State Packing::unpack(const at::Tensor& x) const {
  std::vector<at::Tensor> values;
  std::int64_t begin = 0;
  for (const auto& like : floating(like_)) {
    values.push_back(x.narrow(0, begin, like.numel()).reshape(like.sizes()).to(like.scalar_type()));
    begin += like.numel();
  }
  return with_floating(like_, values);
}

}  // namespace cotan

#include "gnn/soap.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/check.h"

namespace cotan {
namespace {

using at::Tensor;

constexpr double kKeep = 0.95, kEpsilon = 1e-8;
constexpr std::int64_t kEvery = 10;

// The tensor of that name, zeros where there is none.
Tensor entry(std::map<std::string, Tensor>& state, const std::string& name, const Tensor& like, at::IntArrayRef shape) {
  auto [place, is_new] = state.try_emplace(name);
  if (is_new) place->second = at::zeros(shape, like.options().requires_grad(false));
  place->second = place->second.to(like.device());
  const Tensor& found = place->second;
  COTAN_REQUIRE(found.sizes() == shape && found.scalar_type() == like.scalar_type(),
                "optimiser tensor " << name << ": found " << found.toString() << " " << found.sizes() << ", expected "
                                    << like.toString() << " " << shape);
  return found;
}

// Of a gradient's rows (0) or columns (1).
Tensor outer(const Tensor& gradient, int side) {
  return side == 0 ? at::matmul(gradient, gradient.t()) : at::matmul(gradient.t(), gradient);
}

Tensor into(const Tensor& x, const Tensor& left, const Tensor& right) {
  return at::matmul(at::matmul(left.t(), x), right);
}

}  // namespace

std::vector<std::pair<std::string, std::vector<std::int64_t>>> soap_tensors(const NamedTensor& parameter) {
  const auto named = [&](const char* what) { return "soap." + std::string(what) + "." + parameter.name; };
  const auto shape = parameter.value.sizes().vec();
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> out = {{named("mean"), shape},
                                                                        {named("square"), shape}};
  if (shape.size() != 2) return out;
  const std::int64_t rows = shape[0], columns = shape[1];
  out.push_back({named("rows"), {rows, rows}});
  out.push_back({named("row_basis"), {rows, rows}});
  out.push_back({named("columns"), {columns, columns}});
  out.push_back({named("column_basis"), {columns, columns}});
  return out;
}

Soap::Soap(std::vector<NamedTensor> parameters, double weight_decay, std::map<std::string, Tensor>& state)
    : weight_decay_(weight_decay) {
  for (const auto& parameter : parameters) {
    const Tensor value = parameter.value.detach();  // shares memory
    std::vector<Tensor> kept;
    for (const auto& [name, shape] : soap_tensors(parameter)) kept.push_back(entry(state, name, value, shape));
    Slot slot{value, kept[0], kept[1], {}};
    for (std::size_t k = 2; k < kept.size(); k += 2) slot.sides.push_back({kept[k], kept[k + 1]});
    slots_.push_back(std::move(slot));
  }
}

// Eigenvectors, those of the largest eigenvalues first.
void Soap::begin(Slot& slot, const Tensor& gradient) {
  for (const int side : {0, 1}) {
    Side& of = slot.sides[side];
    of.covariance.copy_((1 - kKeep) * outer(gradient, side));
    of.basis.copy_(std::get<1>(at::linalg_eigh(of.covariance.to(at::kDouble))).flip(1));
  }
}

// One power iteration from the bases there are, in the order of their eigenvalues' estimates.
void Soap::follow(Slot& slot) {
  for (const int side : {0, 1}) {
    Side& of = slot.sides[side];
    const Tensor estimate = (of.basis * at::matmul(of.covariance, of.basis)).sum(0);
    const Tensor order = estimate.argsort(/*stable=*/true, 0, /*descending=*/true);
    slot.square.copy_(slot.square.index_select(side, order));
    of.basis.copy_(std::get<0>(at::linalg_qr(at::matmul(of.covariance, of.basis.index_select(1, order)))));
  }
}

void Soap::step(const std::vector<Tensor>& gradients, double rate, std::int64_t step) {
  const at::NoGradGuard no_gradients;
  // The first step only makes the bases; the averages begin with the second.
  const double corrected = std::sqrt(1 - std::pow(kKeep, step)) / (1 - std::pow(kKeep, step));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    const Tensor& gradient = gradients[i];
    const bool is_matrix = !slot.sides.empty();
    if (step == 0) {
      if (is_matrix) begin(slot, gradient);
      continue;
    }
    const auto project = [&](const Tensor& x) {
      return is_matrix ? into(x, slot.sides[0].basis, slot.sides[1].basis) : x;
    };
    slot.mean.mul_(kKeep).add_(gradient, 1 - kKeep);
    slot.square.mul_(kKeep).add_(project(gradient).square(), 1 - kKeep);
    Tensor change = project(slot.mean) / (slot.square.sqrt() + kEpsilon) * corrected;
    if (is_matrix) change = into(change, slot.sides[0].basis.t(), slot.sides[1].basis.t());
    slot.value.mul_(1 - rate * weight_decay_).sub_(change, rate);
    if (!is_matrix) continue;
    for (const int side : {0, 1}) slot.sides[side].covariance.mul_(kKeep).add_(outer(gradient, side), 1 - kKeep);
    if (step % kEvery == 0) follow(slot);
  }
}

}  // namespace cotan

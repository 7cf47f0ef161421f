#include "gnn/optimiser.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "core/check.h"

namespace cotan {
namespace {

// The tensor of that name, made as `start` says where there is none.
at::Tensor moment(
    std::map<std::string, at::Tensor>& state, const std::string& name, const at::Tensor& parameter,
    at::Tensor (*start)(const at::Tensor&) = [](const at::Tensor& x) { return at::zeros_like(x); }) {
  auto [entry, is_new] = state.try_emplace(name);
  if (is_new) entry->second = start(parameter.detach());
  entry->second = entry->second.to(parameter.device());  // a checkpoint's moments come from the host
  const at::Tensor& found = entry->second;
  COTAN_REQUIRE(found.sizes() == parameter.sizes() && found.scalar_type() == parameter.scalar_type(),
                "optimiser tensor " << name << ": found " << found.toString() << " " << found.sizes() << ", expected "
                                    << parameter.toString() << " " << parameter.sizes());
  return found;
}

}  // namespace

std::array<std::string, 2> moment_names(const std::string& parameter) {
  return {"exp_avg." + parameter, "exp_avg_sq." + parameter};
}

AdamW::AdamW(std::vector<NamedTensor> parameters, double weight_decay, std::map<std::string, at::Tensor>& state)
    : weight_decay_(weight_decay) {
  for (const auto& parameter : parameters) {
    parameters_.push_back(parameter.value.detach());  // shares memory
    const auto [mean, square] = moment_names(parameter.name);
    mean_.push_back(moment(state, mean, parameter.value));
    square_.push_back(moment(state, square, parameter.value));
  }
}

void AdamW::step(const std::vector<at::Tensor>& gradients, double rate, std::int64_t step) {
  const at::Tensor count = at::full({}, static_cast<double>(step + 1), parameters_.front().options().dtype(at::kFloat));
  const std::vector<at::Tensor> counts(parameters_.size(), count);
  at::_fused_adamw_(parameters_, gradients, mean_, square_, {}, counts, rate, 0.9, 0.999, weight_decay_, 1e-8,
                    /*amsgrad=*/false, /*maximize=*/false);
}

std::string average_name(const std::string& parameter) {
  return "average." + parameter;
}

ParameterAverage::ParameterAverage(std::vector<NamedTensor> parameters, double keep,
                                   std::map<std::string, at::Tensor>& state)
    : keep_(keep) {
  const auto copy = [](const at::Tensor& x) { return x.clone(); };
  for (const auto& parameter : parameters) {
    parameters_.push_back(parameter.value.detach());  // shares memory
    averages_.push_back(moment(state, average_name(parameter.name), parameter.value, copy));
  }
}

void ParameterAverage::update(std::int64_t step) {
  const double n = static_cast<double>(step), keep = std::min(keep_, (n + 1) / (n + 10));
  for (std::size_t i = 0; i < averages_.size(); ++i) averages_[i].lerp_(parameters_[i], 1 - keep);
}

void ParameterAverage::swap() {
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    const at::Tensor kept = averages_[i].clone();
    averages_[i].copy_(parameters_[i]);
    parameters_[i].copy_(kept);
  }
}

double learning_rate(std::int64_t step, std::int64_t steps, double first, double last, std::string_view schedule) {
  const double done = std::min(steps > 1 ? static_cast<double>(step) / static_cast<double>(steps - 1) : 0, 1.0);
  if (schedule == "constant") return first;
  if (schedule == "cosine") return last + (first - last) * (1 + std::cos(std::numbers::pi * done)) / 2;
  return first * std::pow(last / first, done);
}

FlatGradients flatten(const std::vector<at::Tensor>& gradients, const std::vector<NamedTensor>& parameters) {
  std::vector<at::Tensor> rows;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const at::Tensor& gradient = gradients[i];
    rows.push_back(gradient.defined() ? gradient.reshape({-1})
                                      : at::zeros_like(parameters[i].value.detach()).flatten());
  }
  FlatGradients result{at::cat(rows), {}};
  std::int64_t start = 0;
  for (const auto& parameter : parameters) {
    const std::int64_t length = parameter.value.numel();
    result.views.push_back(result.flat.narrow(0, start, length).view(parameter.value.sizes()));
    start += length;
  }
  return result;
}

void sum_over_ranks(FlatGradients& gradients, const Comm& comm) {
  if (comm.size() == 1) return;
  at::Tensor sum = gradients.flat.to(at::kCPU, at::kDouble).contiguous();
  comm.sum(std::span(sum.data_ptr<double>(), static_cast<std::size_t>(sum.numel())));
  gradients.flat.copy_(sum);  // the views follow
}

}  // namespace cotan

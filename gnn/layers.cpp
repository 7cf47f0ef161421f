#include "gnn/layers.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/check.h"
#include "gnn/row_linear.h"

namespace cotan {
namespace {

// (shape) float32 that requires gradients: uniform in [-bound, bound), in row-major order of the draws.
at::Tensor uniform_parameter(at::IntArrayRef shape, double bound, const Random& random, std::uint64_t* drawn) {
  at::Tensor values = at::empty(shape, at::kDouble);
  double* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = bound * (2 * random.uniform((*drawn)++) - 1);
  return values.to(at::kFloat).set_requires_grad(true);
}

void sum_over(const Comm& comm, at::Tensor& host) {
  comm.sum(std::span(host.data_ptr<double>(), static_cast<std::size_t>(host.numel())));
}

}  // namespace

Linear::Linear(std::int64_t in, std::int64_t out, const Random& random, std::uint64_t* drawn) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight = uniform_parameter({out, in}, bound, random, drawn);
  bias = uniform_parameter({out}, bound, random, drawn);
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return row_linear(x, weight, bias);
}

at::Tensor activate(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return at::relu_(x);
    case Activation::silu:
      return at::silu(x);
    case Activation::gelu:
      return at::gelu(x);
    case Activation::tanh:
      return at::tanh_(x);
    case Activation::elu:
      return at::elu_(x);
  }
  return x;
}

Activation activation_from(std::string_view name) {
  for (std::size_t i = 0; i < kActivationNames.size(); ++i) {
    if (kActivationNames[i] == name) return static_cast<Activation>(i);
  }
  throw InputError(unknown_name("activation", name, kActivationNames));
}

Mlp::Mlp(std::int64_t in, std::int64_t width, std::int64_t out, int hidden, Activation activation_, bool layer_norm,
         const Random& random, std::uint64_t* drawn)
    : activation(activation_) {
  for (int i = 0; i < hidden; ++i) layers.emplace_back(i == 0 ? in : width, width, random, drawn);
  layers.emplace_back(hidden == 0 ? in : width, out, random, drawn);
  if (layer_norm) {
    norm_weight = at::ones({out}).set_requires_grad(true);
    norm_bias = at::zeros({out}).set_requires_grad(true);
  }
}

Mlp::Mlp(std::int64_t in, std::span<const std::int64_t> hidden, std::int64_t out, Activation activation_,
         const Random& random, std::uint64_t* drawn)
    : activation(activation_) {
  for (const std::int64_t width : hidden) {
    layers.emplace_back(in, width, random, drawn);
    in = width;
  }
  layers.emplace_back(in, out, random, drawn);
}

at::Tensor Mlp::operator()(const at::Tensor& x) const {
  return from_first(layers.front()(x));
}

at::Tensor Mlp::from_first(at::Tensor first) const {
  at::Tensor x = std::move(first);
  for (std::size_t i = 1; i < layers.size(); ++i) x = layers[i](activate(std::move(x), activation));
  return norm_weight.defined() ? at::layer_norm(x, {x.size(-1)}, norm_weight, norm_bias) : x;
}

void Mlp::append_to(std::vector<NamedTensor>& list, const std::string& prefix) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = prefix + "." + std::to_string(i);
    list.push_back({name + ".weight", layers[i].weight});
    list.push_back({name + ".bias", layers[i].bias});
  }
  if (norm_weight.defined()) {
    list.push_back({prefix + ".norm.weight", norm_weight});
    list.push_back({prefix + ".norm.bias", norm_bias});
  }
}

Normaliser::Normaliser(std::int64_t features)
    : count(at::zeros({}, at::kDouble)),
      mean(at::zeros({features}, at::kDouble)),
      m2(at::zeros({features}, at::kDouble)) {}

void Normaliser::accumulate(const at::Tensor& rows, const at::Tensor& use, const Comm& comm) {
  check_shape(rows.sizes(), {-1, mean.size(0)}, "rows of statistics");
  at::Tensor x = rows.detach().to(at::kCPU, at::kDouble);
  if (use.defined()) x = x.index_select(0, use.to(at::kCPU).nonzero().flatten());
  // Two passes: the mean of all ranks' rows, then their squares about it.
  at::Tensor sums = at::cat({x.sum(0), at::full({1}, static_cast<double>(x.size(0)), at::kDouble)});
  sum_over(comm, sums);
  const double added = sums[-1].item<double>();
  if (added == 0) return;
  const at::Tensor mean_of_rows = sums.narrow(0, 0, mean.size(0)) / added;
  at::Tensor squares = (x - mean_of_rows).square().sum(0);
  sum_over(comm, squares);
  // Merged with what was there by Chan's formula; in place, since the tensors are the model's buffers.
  const double before = count.item<double>(), total = before + added;
  const at::Tensor delta = mean_of_rows.to(mean.device()) - mean;
  m2.add_(squares.to(m2.device())).add_(delta.square(), before * added / total);
  mean.add_(delta, added / total);
  count.fill_(total);
}

at::Tensor Normaliser::standard_deviation() const {
  if (count.item<double>() == 0) return at::ones_like(m2);
  const at::Tensor deviation = (m2 / count).sqrt();
  return at::where(deviation > 1e-10 * mean.abs(), deviation, at::zeros_like(deviation));
}

at::Tensor Normaliser::normalise(const at::Tensor& x) const {
  const at::Tensor deviation = standard_deviation();
  return (x - mean.to(x.options())) * at::where(deviation > 0, deviation.reciprocal(), 1.0).to(x.options());
}

at::Tensor Normaliser::physical(const at::Tensor& x) const {
  return x * standard_deviation().to(x.options()) + mean.to(x.options());
}

void Normaliser::append_to(std::vector<NamedTensor>& list, const std::string& prefix) const {
  list.push_back({prefix + ".count", count});
  list.push_back({prefix + ".mean", mean});
  list.push_back({prefix + ".m2", m2});
}

}  // namespace cotan

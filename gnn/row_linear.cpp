#include "gnn/row_linear.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>

#include "gnn/row_kernels.h"

namespace cotan {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Parts of the rows that one thread works on; they depend on the rows alone, so that sums over them have the same bits
// on any number of threads.
std::int64_t parts_of(std::int64_t rows) {
  return std::clamp<std::int64_t>(rows / 512, std::clamp<std::int64_t>(rows / 128, 1, 8), 32);
}

template <class Do>
void over_parts(std::int64_t rows, const Do& work) {
  const std::int64_t parts = parts_of(rows);
  at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(i, rows * i / parts, rows * (i + 1) / parts);
  });
}

// y = x B + bias with B(k, n) = w[k * stride_k + n * stride_n], (in, out).
Tensor product(const Tensor& x, const Tensor& w, std::int64_t out, std::int64_t stride_k, std::int64_t stride_n,
               const Tensor& bias) {
  const rows::Kernels& kernels = *rows::picked_kernels();
  const std::int64_t in = x.size(1);
  Tensor panels = at::empty({in * out}, at::kFloat), y = at::empty({x.size(0), out}, at::kFloat);
  kernels.pack(w.const_data_ptr<float>(), in, out, stride_k, stride_n, panels.mutable_data_ptr<float>());
  const float *from = x.const_data_ptr<float>(), *packed = panels.const_data_ptr<float>(),
              *added = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  float* to = y.mutable_data_ptr<float>();
  over_parts(x.size(0), [&](std::int64_t, std::int64_t first, std::int64_t last) {
    kernels.linear(from + first * in, last - first, in, out, packed, added, to + first * out);
  });
  return y;
}

struct RowLinear : torch::autograd::Function<RowLinear> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight,
                        const std::optional<Tensor>& bias) {
    ctx->save_for_backward({x, weight});
    ctx->saved_data["has_bias"] = bias.has_value();
    return product(x, weight, weight.size(0), weight.stride(1), weight.stride(0), bias.value_or(Tensor()));
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const bool has_bias = ctx->saved_data["has_bias"].toBool();
    if (at::GradMode::is_enabled()) {  // to be differentiated again
      return {at::matmul(grads[0], weight), at::matmul(grads[0].t(), x), has_bias ? grads[0].sum(0) : Tensor()};
    }
    const Tensor grad = grads[0].contiguous();
    Tensor grad_x;
    if (ctx->needs_input_grad(0)) grad_x = product(grad, weight, x.size(1), weight.stride(0), weight.stride(1), {});
    const std::int64_t in = x.size(1), out = grad.size(1), size = out * in + out;
    Tensor sums = at::zeros({parts_of(x.size(0)), size}, at::kFloat);
    const float *from = x.const_data_ptr<float>(), *by = grad.const_data_ptr<float>();
    float* to = sums.mutable_data_ptr<float>();
    over_parts(x.size(0), [&](std::int64_t i, std::int64_t first, std::int64_t last) {
      float* part = to + i * size;
      rows::picked_kernels()->linear_weights(by + first * out, from + first * in, last - first, in, out, part,
                                             has_bias ? part + out * in : nullptr);
    });
    const Tensor total = sums.sum(0);
    return {grad_x, total.narrow(0, 0, out * in).view({out, in}), has_bias ? total.narrow(0, out * in, out) : Tensor()};
  }
};

bool is_served(const Tensor& x, const Tensor& weight) {
  return rows::picked_kernels() && x.dim() == 2 && x.is_cpu() && x.scalar_type() == at::kFloat &&
         weight.scalar_type() == at::kFloat && weight.size(0) % 16 == 0 && weight.size(1) % 16 == 0;
}

}  // namespace

Tensor row_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (!is_served(x, weight)) return at::linear(x, weight, bias.defined() ? std::optional<Tensor>(bias) : std::nullopt);
  return RowLinear::apply(x.contiguous(), weight, bias.defined() ? std::optional<Tensor>(bias) : std::nullopt);
}

}  // namespace cotan

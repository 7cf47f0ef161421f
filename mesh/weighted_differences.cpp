#include "mesh/weighted_differences.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/check.h"

namespace cotan {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Links {
  Segments segments;
  Tensor receiver;
  std::int64_t num_rows() const { return segments.offsets.size(0) - 1; }
  std::int64_t num_sources() const { return segments.transpose_offsets.size(0) - 1; }
};

// As of the kernels of mesh/segment.h: other devices and types go through LibTorch.
bool has_own_kernel(const Tensor& x, const Tensor& weight) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) &&
         weight.scalar_type() == x.scalar_type();
}

std::int64_t grain(std::int64_t rows, std::int64_t entries, std::int64_t channels) {
  const std::int64_t work = std::max<std::int64_t>(1, entries * channels / std::max<std::int64_t>(1, rows));
  return std::max<std::int64_t>(1, 32768 / work);
}

const std::int64_t* longs(const Tensor& x) {
  return x.const_data_ptr<std::int64_t>();
}

// Columns [0, kWidth) of one row. A width known to the compiler keeps the sums in registers; four chains of sums, so
// that each addition need not wait for the one before.
template <int kWidth, class T>
void row_differences(const T* x, const T* own, const T* w, const std::int64_t* index, std::int64_t entries,
                     std::int64_t channels, T* out) {
  T sum[4][kWidth] = {};
  std::int64_t e = 0;
  const auto add = [&](int chain, std::int64_t entry) {
    const T* other = x + index[entry] * channels;
    for (int c = 0; c < kWidth; ++c) sum[chain][c] += w[entry] * (other[c] - own[c]);
  };
  for (; e + 4 <= entries; e += 4) {
    for (int chain = 0; chain < 4; ++chain) add(chain, e + chain);
  }
  for (; e < entries; ++e) add(0, e);
  for (int c = 0; c < kWidth; ++c) out[c] = (sum[0][c] + sum[1][c]) + (sum[2][c] + sum[3][c]);
}

// Rows of the table `x` (sources, C) to rows of `out` (receivers, C).
template <class T>
void differences_cpu(const Tensor& x, const Tensor& weight, const Links& links, Tensor& out) {
  const std::int64_t n = out.size(0), channels = x.size(1);
  const T *from = x.const_data_ptr<T>(), *w = weight.const_data_ptr<T>();
  const auto *offset = longs(links.segments.offsets), *index = longs(links.segments.index);
  T* to = out.mutable_data_ptr<T>();
  at::parallel_for(0, n, grain(n, weight.size(0), channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t begin = offset[i], entries = offset[i + 1] - begin;
      const auto run = [&](auto width, std::int64_t c) {
        row_differences<width()>(from + c, from + i * channels + c, w + begin, index + begin, entries, channels,
                                 to + i * channels + c);
      };
      std::int64_t c = 0;
      for (; c + 8 <= channels; c += 8) run(std::integral_constant<int, 8>(), c);
      for (; c + 2 <= channels; c += 2) run(std::integral_constant<int, 2>(), c);
      for (; c < channels; ++c) run(std::integral_constant<int, 1>(), c);
    }
  });
}

// The transpose: rows of `g` (receivers, C) to rows of `out` (sources, C).
template <class T>
void transposed_cpu(const Tensor& g, const Tensor& weight, const Links& links, Tensor& out) {
  const std::int64_t n = g.size(0), m = out.size(0), channels = g.size(1);
  const T *from = g.const_data_ptr<T>(), *w = weight.const_data_ptr<T>();
  const auto *offset = longs(links.segments.offsets), *receiver = longs(links.receiver);
  const auto *back = longs(links.segments.transpose_offsets), *entry = longs(links.segments.transpose_entries);
  T* to = out.mutable_data_ptr<T>();
  at::parallel_for(0, m, grain(m, weight.size(0), channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      T* sum = to + i * channels;
      std::fill_n(sum, channels, T(0));
      for (std::int64_t k = back[i]; k < back[i + 1]; ++k) {
        const T* other = from + receiver[entry[k]] * channels;
        for (std::int64_t c = 0; c < channels; ++c) sum[c] += w[entry[k]] * other[c];
      }
      if (i >= n) continue;  // a guest, which receives nothing
      T all = 0;
      for (std::int64_t e = offset[i]; e < offset[i + 1]; ++e) all += w[e];
      for (std::int64_t c = 0; c < channels; ++c) sum[c] -= all * from[i * channels + c];
    }
  });
}

// out[e] = g[receiver] . (x[sender] - x[receiver])
template <class T>
void products_cpu(const Tensor& x, const Tensor& g, const Links& links, Tensor& out) {
  const std::int64_t n = g.size(0), channels = x.size(1);
  const T *from = x.const_data_ptr<T>(), *with = g.const_data_ptr<T>();
  const auto *offset = longs(links.segments.offsets), *index = longs(links.segments.index);
  T* to = out.mutable_data_ptr<T>();
  at::parallel_for(0, n, grain(n, out.size(0), channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const T *own = from + i * channels, *factor = with + i * channels;
      for (std::int64_t e = offset[i]; e < offset[i + 1]; ++e) {
        const T* other = from + index[e] * channels;
        T sum = 0;
        for (std::int64_t c = 0; c < channels; ++c) sum += factor[c] * (other[c] - own[c]);
        to[e] = sum;
      }
    }
  });
}

// The same by operations that are differentiable themselves.
Tensor edge_differences(const Tensor& x, const Links& links) {
  return gather(x, links.segments) - segment_spread(x.narrow(0, 0, links.num_rows()), links.segments);
}

Tensor differences(const Tensor& x, const Tensor& weight, const Links& links) {
  if (!has_own_kernel(x, weight)) return segment_sum(weight.unsqueeze(1) * edge_differences(x, links), links.segments);
  Tensor out = at::empty({links.num_rows(), x.size(1)}, x.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "weighted_differences",
                             [&] { differences_cpu<scalar_t>(x.contiguous(), weight.contiguous(), links, out); });
  return out;
}

Tensor transposed(const Tensor& g, const Tensor& weight, const Links& links) {
  if (at::GradMode::is_enabled() || !has_own_kernel(g, weight)) {
    const Tensor back = scatter_sum(weight.unsqueeze(1) * segment_spread(g, links.segments), links.segments);
    const Tensor own = g * segment_sum(weight, links.segments).unsqueeze(1);
    return back - at::constant_pad_nd(own, {0, 0, 0, links.num_sources() - links.num_rows()});
  }
  Tensor out = at::empty({links.num_sources(), g.size(1)}, g.options());
  AT_DISPATCH_FLOATING_TYPES(g.scalar_type(), "weighted_differences_transposed",
                             [&] { transposed_cpu<scalar_t>(g.contiguous(), weight.contiguous(), links, out); });
  return out;
}

Tensor products(const Tensor& x, const Tensor& g, const Links& links) {
  if (at::GradMode::is_enabled() || !has_own_kernel(x, g))
    return (edge_differences(x, links) * segment_spread(g, links.segments)).sum(1);
  Tensor out = at::empty({links.receiver.size(0)}, x.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "weighted_differences_products",
                             [&] { products_cpu<scalar_t>(x.contiguous(), g.contiguous(), links, out); });
  return out;
}

struct WeightedDifferences : torch::autograd::Function<WeightedDifferences> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, const Links& links) {
    const Segments& s = links.segments;
    ctx->save_for_backward({x, weight, s.offsets, s.index, s.transpose_offsets, s.transpose_entries, links.receiver});
    return differences(x, weight, links);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const auto saved = ctx->get_saved_variables();
    const Links links{{saved[2], saved[3], saved[4], saved[5]}, saved[6]};
    Tensor of_x, of_weight;
    if (ctx->needs_input_grad(0)) of_x = transposed(grads[0], saved[1], links);
    if (ctx->needs_input_grad(1)) of_weight = products(saved[0], grads[0], links);
    return {of_x, of_weight, Tensor()};
  }
};

}  // namespace

Tensor weighted_differences(const EdgeSet& edges, const Tensor& weight, const Tensor& x) {
  check_shape(weight.sizes(), {edges.size()}, "weights of edge set " + edges.name);
  const Tensor table = edges.guests.to_ghosts(x);
  check_shape(table.sizes(), {edges.links.transpose_offsets.size(0) - 1, -1}, "values of edge set " + edges.name);
  const Links links{edges.links, edges.receiver};
  if (!at::GradMode::is_enabled() || !(table.requires_grad() || weight.requires_grad()))
    return differences(table, weight, links);
  return WeightedDifferences::apply(table, weight, links);
}

}  // namespace cotan

#include "gnn/fused_mlp.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <tuple>

#include "core/check.h"
#include "gnn/row_kernels.h"

namespace cotan {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

const rows::Kernels& kernels() {
  return *rows::picked_kernels();
}

const float* read(const Tensor& x) {
  return x.defined() ? x.const_data_ptr<float>() : nullptr;
}
float* write(Tensor& x) {
  return x.defined() ? x.mutable_data_ptr<float>() : nullptr;
}

// The tensors of one call, in the order in which the autograd function takes them.
struct Call {
  Tensor x, row, source, segment;
  std::vector<Tensor> weight, bias;  // bias: from the second layer on
  Tensor norm_weight, norm_bias;
  Segments links;  // undefined tensors where there are none
  RowOptions options;

  std::int64_t rows() const { return x.size(0); }
  std::int64_t width() const { return x.size(1); }
  int layers() const { return static_cast<int>(weight.size()); }
  std::int64_t segments() const { return links.offsets.defined() ? links.offsets.size(0) - 1 : 0; }
};

// Lanes depend on the rows alone, so that sums over them have the same bits on any number of threads.
std::vector<rows::Lane> lanes_of(const Call& call) {
  const std::int64_t rows = call.rows(), segments = call.segments();
  const std::int64_t count = std::clamp<std::int64_t>(rows / 512, std::clamp<std::int64_t>(rows / 128, 1, 8), 32);
  const auto* offsets = segments ? call.links.offsets.const_data_ptr<std::int64_t>() : nullptr;
  std::vector<rows::Lane> lanes;
  rows::Lane lane;
  for (std::int64_t i = 1; i <= count; ++i) {
    lane.row_begin = lane.row_end;
    lane.segment_begin = lane.segment_end;
    lane.row_end = rows * i / count;
    if (offsets) {
      lane.segment_end = i == count ? segments : std::lower_bound(offsets, offsets + segments, lane.row_end) - offsets;
      lane.row_end = offsets[lane.segment_end];
    }
    lanes.push_back(lane);
  }
  return lanes;
}

// Weights in the order that the kernels read them; `held` keeps the memory.
rows::Weights pack(const Call& call, bool backward, Tensor& held) {
  const std::int64_t width = call.width(), square = width * width;
  rows::Weights out;
  out.layers = call.layers();
  out.width = width;
  held = at::empty({(backward ? 2 : 1) * out.layers * square}, at::kFloat);
  float* to = held.mutable_data_ptr<float>();
  for (int l = 0; l < out.layers; ++l) {
    const Tensor& w = call.weight[l];
    kernels().pack(read(w), width, width, w.stride(1), w.stride(0), to);
    out.panels[l] = to;
    to += square;
    if (backward) {
      kernels().pack(read(w), width, width, w.stride(0), w.stride(1), to);
      out.panels_back[l] = to;
      to += square;
    }
    if (l > 0) out.bias[l] = read(call.bias[l - 1]);
  }
  out.norm_weight = read(call.norm_weight);
  out.norm_bias = read(call.norm_bias);
  return out;
}

rows::Terms terms_of(const Call& call) {
  rows::Terms terms{read(call.row), read(call.source), nullptr, read(call.segment), nullptr};
  if (call.links.offsets.defined()) {
    terms.index = call.links.index.const_data_ptr<std::int64_t>();
    terms.offsets = call.links.offsets.const_data_ptr<std::int64_t>();
  }
  return terms;
}

// What the backward pass needs: hidden activations, normalised rows, inverse deviations. Empty: made again.
rows::Kept kept_of(std::vector<Tensor>& tensors) {
  rows::Kept kept;
  if (tensors.empty()) return kept;
  for (std::size_t l = 0; l + 2 < tensors.size(); ++l) kept.hidden[l] = write(tensors[l]);
  kept.normalised = write(tensors[tensors.size() - 2]);
  kept.inverse_deviation = write(tensors.back());
  return kept;
}

template <class Do>
void over_lanes(const Call& call, const Do& work) {
  const auto lanes = lanes_of(call);
  at::parallel_for(0, std::ssize(lanes), 1, [&](std::int64_t first, std::int64_t last) {
    Tensor scratch = at::empty({rows::scratch_size(call.width(), call.layers())}, at::kFloat);
    for (std::int64_t i = first; i < last; ++i) work(lanes[i], i, scratch.mutable_data_ptr<float>());
  });
}

RowResult run_forward(const Call& call, std::vector<Tensor>& kept) {
  RowResult result{at::empty_like(call.x), {}};
  if (call.options.sums) result.sums = at::empty({call.segments(), call.width()}, at::kFloat);
  Tensor held;
  const rows::Weights weights = pack(call, false, held);
  const rows::Terms terms = terms_of(call);
  const rows::Forward forward{read(call.x), write(result.out), write(result.sums), call.options.sum_after,
                              kept_of(kept)};
  over_lanes(call, [&](const rows::Lane& lane, std::int64_t, float* scratch) {
    kernels().forward(weights, terms, forward, lane, scratch);
  });
  return result;
}

// (lanes, size) gradients of the weights: each layer's weight, then its bias but the first's, then the normalisation's.
rows::Gradients gradients_at(float* to, const Call& call) {
  rows::Gradients out;
  for (int l = 0; l < call.layers(); ++l) {
    out.weight[l] = to;
    to += call.width() * call.width();
    if (l == 0) continue;
    out.bias[l] = to;
    to += call.width();
  }
  out.norm_weight = to;
  out.norm_bias = to + call.width();
  return out;
}

struct RowGradients {
  Tensor x, first, segment, weights;  // weights: as gradients_at lays them out
};

RowGradients run_backward(const Call& call, std::vector<Tensor>& kept, const Tensor& grad_out,
                          const Tensor& grad_sums) {
  RowGradients result{at::empty_like(call.x), at::empty_like(call.x), {}, {}};
  if (call.segment.defined()) result.segment = at::empty_like(call.segment);
  Tensor held;
  const rows::Weights weights = pack(call, true, held);
  const rows::Terms terms = terms_of(call);
  const rows::Backward backward{read(call.x),  read(grad_out),  read(grad_sums),     call.options.sum_after,
                                kept_of(kept), write(result.x), write(result.first), write(result.segment)};
  const std::int64_t width = call.width(), layers = call.layers();
  const std::int64_t size = layers * width * width + (layers + 1) * width;
  Tensor sums = at::zeros({std::ssize(lanes_of(call)), size}, at::kFloat);
  over_lanes(call, [&](const rows::Lane& lane, std::int64_t i, float* scratch) {
    kernels().backward(weights, terms, backward, lane, gradients_at(sums.mutable_data_ptr<float>() + i * size, call),
                       scratch);
  });
  result.weights = sums.sum(0);
  return result;
}

// Everything that the result is a function of, in the order of the autograd function's arguments; places that a call
// does not use are undefined.
constexpr std::size_t kTerms = 3, kWeights = rows::kMostLayers, kArguments = 1 + kTerms + 2 * kWeights + 2;
using Arguments = std::array<Tensor, kArguments>;

Arguments arguments_of(const Call& call) {
  Arguments out{call.x, call.row, call.source, call.segment};
  std::copy(call.weight.begin(), call.weight.end(), out.begin() + 1 + kTerms);
  std::copy(call.bias.begin(), call.bias.end(), out.begin() + 1 + kTerms + kWeights);
  out[kArguments - 2] = call.norm_weight;
  out[kArguments - 1] = call.norm_bias;
  return out;
}

// Gradients of the arguments.
Arguments arguments_of(const Call& call, const RowGradients& got) {
  Arguments out{got.x};
  if (call.row.defined()) out[1] = got.first;
  if (call.source.defined()) out[2] = scatter_sum(got.first, call.links);
  out[3] = got.segment;
  const std::int64_t width = call.width();
  std::int64_t at = 0;
  const auto take = [&](at::IntArrayRef shape) {
    const std::int64_t size = c10::multiply_integers(shape);
    at += size;
    return got.weights.narrow(0, at - size, size).view(shape);
  };
  for (int l = 0; l < call.layers(); ++l) {
    out[1 + kTerms + l] = take({width, width});
    if (l > 0) out[1 + kTerms + kWeights + l - 1] = take({width});
  }
  out[kArguments - 2] = take({width});
  out[kArguments - 1] = take({width});
  return out;
}

struct FusedRows : torch::autograd::Function<FusedRows> {
  template <class... Argument>  // optional tensors, the call's own: LibTorch looks at them
  static variable_list forward(AutogradContext* ctx, const Call& call, const Argument&... arguments) {
    std::vector<Tensor> kept;
    if (!call.options.recompute) {
      for (int l = 0; l < call.layers(); ++l) kept.push_back(at::empty_like(call.x));
      kept.push_back(at::empty({call.rows()}, at::kFloat));
    }
    RowResult result = run_forward(call, kept);
    const Segments& links = call.links;
    variable_list saved{arguments.value_or(Tensor())..., links.offsets, links.index, links.transpose_offsets,
                        links.transpose_entries};
    saved.insert(saved.end(), kept.begin(), kept.end());
    ctx->save_for_backward(saved);
    ctx->saved_data["layers"] = std::int64_t(call.layers());
    ctx->saved_data["sums"] = call.options.sums;
    ctx->saved_data["sum_after"] = call.options.sum_after;
    if (!call.options.sums) return {result.out};
    return {result.out, result.sums};
  }

  static Call unpack(AutogradContext* ctx, std::vector<Tensor>& kept) {
    const auto saved = ctx->get_saved_variables();
    const std::int64_t layers = ctx->saved_data["layers"].toInt();
    const auto weight = saved.begin() + 1 + kTerms, bias = weight + kWeights, rest = saved.begin() + kArguments;
    Call call;
    std::tie(call.x, call.row, call.source, call.segment) = std::tie(saved[0], saved[1], saved[2], saved[3]);
    call.weight.assign(weight, weight + layers);
    call.bias.assign(bias, bias + layers - 1);
    call.norm_weight = saved[kArguments - 2];
    call.norm_bias = saved[kArguments - 1];
    call.links = {rest[0], rest[1], rest[2], rest[3]};
    kept.assign(rest + 4, saved.end());
    call.options.sums = ctx->saved_data["sums"].toBool();
    call.options.sum_after = ctx->saved_data["sum_after"].toBool();
    return call;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    if (at::GradMode::is_enabled()) throw Error("fused_rows has first derivatives only");
    std::vector<Tensor> kept;
    const Call call = unpack(ctx, kept);
    const Tensor grad_sums = call.options.sums ? grads[1].contiguous() : Tensor();
    const Arguments out = arguments_of(call, run_backward(call, kept, grads[0].contiguous(), grad_sums));
    variable_list all{Tensor()};  // of `call`
    all.insert(all.end(), out.begin(), out.end());
    return all;
  }
};

std::optional<Tensor> optional(const Tensor& t) {
  return t.defined() ? std::optional(t) : std::nullopt;
}

Call make_call(const Mlp& mlp, const Tensor& first_weight, const Tensor& x, const RowTerms& terms,
               const RowOptions& options) {
  Call call;
  call.x = x.contiguous();
  for (auto [to, from] :
       {std::pair{&call.row, &terms.row}, {&call.source, &terms.source}, {&call.segment, &terms.segment}}) {
    if (from->defined()) *to = from->contiguous();
  }
  call.weight.push_back(first_weight);
  for (std::size_t l = 1; l < mlp.layers.size(); ++l) {
    call.weight.push_back(mlp.layers[l].weight);
    call.bias.push_back(mlp.layers[l].bias);
  }
  call.norm_weight = mlp.norm_weight;
  call.norm_bias = mlp.norm_bias;
  if (options.links) call.links = *options.links;
  call.options = options;
  call.options.links = nullptr;
  return call;
}

}  // namespace

bool can_fuse(const Mlp& mlp, const Tensor& x) {
  const std::int64_t width = x.size(1);
  if (!rows::picked_kernels() || !x.is_cpu() || x.scalar_type() != at::kFloat || width % 16 != 0 ||
      mlp.activation != Activation::relu || !mlp.norm_weight.defined() || mlp.layers.size() < 2 ||
      mlp.layers.size() > rows::kMostLayers) {
    return false;
  }
  const auto is_square = [&](const Linear& layer) {
    return layer.weight.size(0) == width && layer.weight.size(1) == width && layer.weight.scalar_type() == at::kFloat;
  };
  return mlp.layers.front().weight.size(0) == width && std::all_of(mlp.layers.begin() + 1, mlp.layers.end(), is_square);
}

RowResult fused_rows(const Mlp& mlp, const Tensor& first_weight, const Tensor& x, const RowTerms& terms,
                     const RowOptions& options) {
  COTAN_ASSERT(can_fuse(mlp, x) &&
               (options.links || !(terms.source.defined() || terms.segment.defined() || options.sums)));
  const Call call = make_call(mlp, first_weight, x, terms, options);
  const Arguments arguments = arguments_of(call);
  const bool is_learning =
      at::GradMode::is_enabled() &&
      std::any_of(arguments.begin(), arguments.end(), [](const Tensor& t) { return t.defined() && t.requires_grad(); });
  if (!is_learning) {
    std::vector<Tensor> none;
    return run_forward(call, none);
  }
  const variable_list out =
      std::apply([&](const auto&... tensor) { return FusedRows::apply(call, optional(tensor)...); }, arguments);
  return {out[0], options.sums ? out[1] : Tensor()};
}

std::string_view row_kernels_name() {
  return rows::picked_kernels() ? kernels().name : "plain";
}

}  // namespace cotan

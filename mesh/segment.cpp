#include "mesh/segment.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/check.h"

namespace cotan {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The four linear maps between the M rows of a table, the E entries and the N segments; each is the transpose of its
// neighbour in the list, which is all that differentiation to any order needs.
enum class Map : std::int64_t { gather, scatter, sum, spread };

constexpr Map transpose(Map map) {
  switch (map) {
    case Map::gather:
      return Map::scatter;
    case Map::scatter:
      return Map::gather;
    case Map::sum:
      return Map::spread;
    case Map::spread:
      return Map::sum;
  }
  return map;
}

std::int64_t num_segments(const Segments& s) {
  return s.offsets.size(0) - 1;
}
std::int64_t num_sources(const Segments& s) {
  return s.transpose_offsets.size(0) - 1;
}
std::int64_t num_entries(const Segments& s) {
  return s.index.size(0);
}

void check_rows(const Tensor& x, std::int64_t rows, const char* name) {
  const auto sizes = x.sizes();
  check_shape(std::span(sizes.data(), std::min<std::size_t>(1, sizes.size())), {rows}, name);
}

Tensor empty_rows(const Tensor& like, std::int64_t rows, c10::optional<at::ScalarType> type = {}) {
  auto sizes = like.sizes().vec();
  sizes[0] = rows;
  return at::empty(sizes, like.options().dtype(type.value_or(like.scalar_type())));
}

// (rows, 1, …): what broadcasts a value a row against x.
std::vector<std::int64_t> column_shape(const Tensor& x, std::int64_t rows) {
  std::vector<std::int64_t> shape(x.dim(), 1);
  shape[0] = rows;
  return shape;
}

std::int64_t channels_of(const Tensor& x) {
  return c10::multiply_integers(x.sizes().slice(1));
}

// The one place that picks between our kernels and LibTorch's, which serve other devices and types.
bool has_own_kernel(const Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

// Segments a thread should take at least, so that starting it pays.
std::int64_t grain(std::int64_t segments, std::int64_t entries, std::int64_t channels) {
  const std::int64_t work =
      std::max<std::int64_t>(1, (entries + segments) * channels / std::max<std::int64_t>(1, segments));
  return std::max<std::int64_t>(1, 32768 / work);
}

// out[0, kWidth) = sum over k in [begin, end) of a row of x. A width known to the compiler keeps the sums in registers.
template <int kWidth, class T>
void sum_columns(const T* x, const std::int64_t* rows, std::int64_t begin, std::int64_t end, std::int64_t channels,
                 T* out) {
  T sum[kWidth] = {};
  for (std::int64_t k = begin; k < end; ++k) {
    const T* row = x + (rows ? rows[k] : k) * channels;
    for (int c = 0; c < kWidth; ++c) sum[c] += row[c];
  }
  std::copy_n(sum, kWidth, out);
}

template <class T>
void sum_rows_cpu(const Tensor& x, const Tensor& offsets, const Tensor& rows, Tensor& out) {
  const std::int64_t n = out.size(0), channels = channels_of(x);
  const T* from = x.const_data_ptr<T>();
  const auto* offset = offsets.const_data_ptr<std::int64_t>();
  const auto* row = rows.defined() ? rows.const_data_ptr<std::int64_t>() : nullptr;
  T* to = out.mutable_data_ptr<T>();
  at::parallel_for(0, n, grain(n, x.size(0), channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t begin = offset[i], end = offset[i + 1];
      T* out_row = to + i * channels;
      std::int64_t c = 0;
      for (; c + 16 <= channels; c += 16) sum_columns<16>(from + c, row, begin, end, channels, out_row + c);
      for (; c + 4 <= channels; c += 4) sum_columns<4>(from + c, row, begin, end, channels, out_row + c);
      for (; c < channels; ++c) sum_columns<1>(from + c, row, begin, end, channels, out_row + c);
    }
  });
}

// out[i] = sum of x[rows[k]], or of x[k] where rows is undefined, over k in [offsets[i], offsets[i + 1]).
Tensor sum_rows(const Tensor& x, const Tensor& offsets, const Tensor& rows) {
  if (!has_own_kernel(x)) {
    const Tensor sorted = rows.defined() ? x.index_select(0, rows) : x;
    return at::segment_reduce(sorted.contiguous(), "sum", {}, {}, offsets, 0, /*unsafe=*/true, 0);
  }
  Tensor out = empty_rows(x, offsets.size(0) - 1);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "sum_rows",
                             [&] { sum_rows_cpu<scalar_t>(x.contiguous(), offsets, rows, out); });
  return out;
}

template <class T>
void spread_rows_cpu(const Tensor& x, const Tensor& offsets, Tensor& out) {
  const std::int64_t n = x.size(0), channels = channels_of(x);
  const T* from = x.const_data_ptr<T>();
  const auto* offset = offsets.const_data_ptr<std::int64_t>();
  T* to = out.mutable_data_ptr<T>();
  at::parallel_for(0, n, grain(n, out.size(0), channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      for (std::int64_t k = offset[i]; k < offset[i + 1]; ++k) {
        std::copy_n(from + i * channels, channels, to + k * channels);
      }
    }
  });
}

Tensor spread_rows(const Tensor& x, const Tensor& offsets, std::int64_t entries) {
  if (!has_own_kernel(x)) return at::repeat_interleave(x, offsets.diff(), 0, entries);
  Tensor out = empty_rows(x, entries);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "spread_rows",
                             [&] { spread_rows_cpu<scalar_t>(x.contiguous(), offsets, out); });
  return out;
}

Tensor run(Map map, const Tensor& x, const Segments& s) {
  switch (map) {
    case Map::gather:
      check_rows(x, num_sources(s), "gather's rows");
      return x.index_select(0, s.index);
    case Map::scatter:
      check_rows(x, num_entries(s), "scatter_sum's rows");
      return sum_rows(x, s.transpose_offsets, s.transpose_entries);
    case Map::sum:
      check_rows(x, num_entries(s), "segment_sum's rows");
      return sum_rows(x, s.offsets, {});
    case Map::spread:
      check_rows(x, num_segments(s), "segment_spread's rows");
      return spread_rows(x, s.offsets, num_entries(s));
  }
  return {};
}

struct LinearMap : torch::autograd::Function<LinearMap> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Segments& s, Map map) {
    ctx->save_for_backward({s.offsets, s.index, s.transpose_offsets, s.transpose_entries});
    ctx->saved_data["map"] = static_cast<std::int64_t>(map);
    return run(map, x, s);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const auto saved = ctx->get_saved_variables();
    const auto map = static_cast<Map>(ctx->saved_data["map"].toInt());
    return {apply(grads[0], Segments{saved[0], saved[1], saved[2], saved[3]}, transpose(map)), Tensor(), Tensor()};
  }
};

// The first largest entry of each segment by component, -1 in empty ones: (N, …) int64. NaN counts as largest.
template <class T>
void largest_cpu(const Tensor& x, const Tensor& offsets, Tensor& out) {
  const std::int64_t n = out.size(0), channels = channels_of(x);
  const T* from = x.const_data_ptr<T>();
  const auto* offset = offsets.const_data_ptr<std::int64_t>();
  auto* to = out.mutable_data_ptr<std::int64_t>();
  at::parallel_for(0, n, grain(n, x.size(0), channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      std::int64_t* best = to + i * channels;
      std::fill_n(best, channels, offset[i] < offset[i + 1] ? offset[i] : -1);
      for (std::int64_t k = offset[i] + 1; k < offset[i + 1]; ++k) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const T challenger = from[k * channels + c], champion = from[best[c] * channels + c];
          if (challenger > champion || (std::isnan(challenger) && !std::isnan(champion))) best[c] = k;
        }
      }
    }
  });
}

Tensor largest(const Tensor& x, const Segments& s) {
  const std::int64_t entries = num_entries(s), n = num_segments(s);
  if (has_own_kernel(x)) {
    Tensor out = empty_rows(x, n, at::kLong);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "largest",
                               [&] { largest_cpu<scalar_t>(x.contiguous(), s.offsets, out); });
    return out;
  }
  // The first entry that equals its segment's maximum, as a minimum over entry numbers (exact: they are integers).
  const Tensor most = at::segment_reduce(x.contiguous(), "max", {}, {}, s.offsets, 0, true, -INFINITY);
  const Tensor is_most = at::logical_or(x == spread_rows(most, s.offsets, entries), x.isnan());
  Tensor number = at::arange(entries, s.offsets.options()).to(at::kDouble);
  number = number.reshape(column_shape(x, entries));
  const Tensor candidate = at::where(is_most, number, double(entries)).contiguous();
  const Tensor first = at::segment_reduce(candidate, "min", {}, {}, s.offsets, 0, true, double(entries));
  return at::where(first < entries, first, -1.0).to(at::kLong);
}

enum class Choice : std::int64_t { pick, place };

// Between entries and segments along a choice of one entry a segment and component: pick takes the chosen entries'
// values (0 where there is none), place puts values back onto them; each other's transposes.
struct Choose : torch::autograd::Function<Choose> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& chosen, Choice choice,
                        std::int64_t entries) {
    ctx->save_for_backward({chosen});
    ctx->saved_data["choice"] = static_cast<std::int64_t>(choice);
    ctx->saved_data["entries"] = entries;
    const Tensor none = chosen < 0;
    if (entries == 0) return choice == Choice::pick ? at::zeros(chosen.sizes(), x.options()) : empty_rows(x, 0);
    const Tensor row = chosen.clamp_min(0);
    if (choice == Choice::pick) return at::gather(x, 0, row).masked_fill_(none, 0);
    // An entry is chosen at most once by component; empty segments go to a row of their own that is cut off.
    const Tensor target = at::where(none, entries, row);
    return empty_rows(x, entries + 1).zero_().scatter_(0, target, x).narrow(0, 0, entries);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const auto choice = static_cast<Choice>(ctx->saved_data["choice"].toInt());
    const auto other = choice == Choice::pick ? Choice::place : Choice::pick;
    const auto chosen = ctx->get_saved_variables()[0];
    return {apply(grads[0], chosen, other, ctx->saved_data["entries"].toInt()), Tensor(), Tensor(), Tensor()};
  }
};

struct Transposed {
  Tensor offsets, entries;
};

// Stable counting sort of the entries by their source.
Transposed transposed_cpu(const Tensor& index, std::int64_t sources) {
  Transposed t{at::zeros({sources + 1}, index.options()), at::empty_like(index)};
  const std::int64_t entries = index.size(0);
  const auto* source = index.const_data_ptr<std::int64_t>();
  auto* offset = t.offsets.mutable_data_ptr<std::int64_t>();
  auto* entry = t.entries.mutable_data_ptr<std::int64_t>();
  for (std::int64_t e = 0; e < entries; ++e) {
    if (source[e] < 0 || source[e] >= sources) {
      throw Error("entry " + std::to_string(e) + " of a segment's index is " + std::to_string(source[e]) +
                  ", not in [0, " + std::to_string(sources) + ")");
    }
    ++offset[source[e] + 1];
  }
  for (std::int64_t i = 0; i < sources; ++i) offset[i + 1] += offset[i];
  std::vector<std::int64_t> next(offset, offset + sources);
  for (std::int64_t e = 0; e < entries; ++e) entry[next[source[e]]++] = e;
  return t;
}

Transposed transposed_device(const Tensor& index, std::int64_t sources) {
  const auto [sorted, entries] = at::sort(index, /*stable=*/true, 0, false);
  return {at::searchsorted(sorted, at::arange(sources + 1, index.options())), entries};
}

void check_offsets(const Tensor& offsets, std::int64_t entries) {
  const auto* o = offsets.const_data_ptr<std::int64_t>();
  const std::int64_t n = offsets.size(0) - 1;
  if (n < 0 || o[0] != 0 || o[n] != entries || !std::is_sorted(o, o + n + 1)) {
    throw Error("segment offsets must not decrease from 0 to " + std::to_string(entries));
  }
}

}  // namespace

Segments make_segments(const Tensor& offsets, const Tensor& index, std::int64_t num_sources) {
  const Tensor rows = index.contiguous(), starts = offsets.contiguous();
  if (index.is_cpu()) check_offsets(starts, rows.size(0));
  auto t = index.is_cpu() ? transposed_cpu(rows, num_sources) : transposed_device(rows, num_sources);
  return {starts, rows, t.offsets, t.entries};
}

Tensor gather(const Tensor& x, const Segments& segments) {
  return LinearMap::apply(x, segments, Map::gather);
}

Tensor scatter_sum(const Tensor& x, const Segments& segments) {
  return LinearMap::apply(x, segments, Map::scatter);
}

Tensor segment_sum(const Tensor& x, const Segments& segments) {
  return LinearMap::apply(x, segments, Map::sum);
}

Tensor segment_spread(const Tensor& x, const Segments& segments) {
  return LinearMap::apply(x, segments, Map::spread);
}

Tensor segment_mean(const Tensor& x, const Segments& segments) {
  const auto column = column_shape(x, num_segments(segments));
  const Tensor count = segments.offsets.diff().clamp_min(1).to(x.scalar_type()).reshape(column);
  return segment_sum(x, segments) / count;
}

Tensor segment_max(const Tensor& x, const Segments& segments, double empty) {
  check_rows(x, num_entries(segments), "segment_max's rows");
  const Tensor chosen = largest(x.detach(), segments);
  const Tensor picked = Choose::apply(x, chosen, Choice::pick, num_entries(segments));
  return empty == 0 ? picked : at::where(chosen < 0, at::scalar_tensor(empty, x.options()), picked);
}

}  // namespace cotan

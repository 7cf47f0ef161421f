#pragma once
#include <ATen/core/Tensor.h>

namespace cotan {

/// Compressed rows on a device: the rows of segment i are [offsets[i], offsets[i + 1]).
/// `index` (E) int64 says which row of the source table each entry takes; `transpose_*` are the same links
/// sorted by that row, so that the backward pass is a segment sum too: no atomics, the same bits each time.
struct Segments {
  at::Tensor offsets;            ///< (N + 1) int64
  at::Tensor index;              ///< (E) int64, values in [0, M)
  at::Tensor transpose_offsets;  ///< (M + 1) int64
  at::Tensor transpose_entries;  ///< (E) int64: entries in the order of index, ties by entry
};
/// \pre index values in [0, num_sources); offsets non-decreasing from 0 to E
Segments make_segments(const at::Tensor& offsets, const at::Tensor& index, std::int64_t num_sources);

/// out[e] = x[index[e]]: (M, C) -> (E, C). Differentiable to any order; the transpose is a segment sum.
at::Tensor gather(const at::Tensor& x, const Segments& segments);
/// out[m] = sum of x[e] over the entries with index[e] = m in ascending order: (E, C) -> (M, C), the transpose of
/// gather.
at::Tensor scatter_sum(const at::Tensor& x, const Segments& segments);
/// out[i] = sum of x[e] over the segment's e in ascending order: (E, C) -> (N, C). Differentiable to any order; empty
/// segments are 0.
at::Tensor segment_sum(const at::Tensor& x, const Segments& segments);
/// out[e] = x[i] for e in segment i: (N, C) -> (E, C), the transpose of segment_sum.
at::Tensor segment_spread(const at::Tensor& x, const Segments& segments);
at::Tensor segment_mean(const at::Tensor& x, const Segments& segments);
/// Largest entry of each segment, by component; the gradient goes to the first of equal entries.
at::Tensor segment_max(const at::Tensor& x, const Segments& segments, double empty = 0);

}  // namespace cotan

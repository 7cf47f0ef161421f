#pragma once
#include <string_view>

#include "gnn/layers.h"
#include "mesh/segment.h"

namespace cotan {

/// What is added to the first layer's products beside x W^T, in place of concatenated inputs: (.., H) or undefined.
struct RowTerms {
  at::Tensor row;      ///< (R, H): a row's own
  at::Tensor source;   ///< (M, H): that of the row's source, links.index
  at::Tensor segment;  ///< (N, H): that of the segment that the row is in
};
struct RowOptions {
  const Segments* links = nullptr;  ///< needed for source, segment, sums; R entries
  bool sums = false;                ///< also sums over the segments
  bool sum_after = false;           ///< of x + perceptron instead of the perceptron's rows
  bool recompute = false;           ///< keep no activations: the backward pass makes them again
};
struct RowResult {
  at::Tensor out;   ///< (R, H): x + perceptron
  at::Tensor sums;  ///< (N, H), or undefined
};

/// Whether `fused_rows` serves this perceptron: float32 on the CPU, square layers of a multiple of 16, ReLU, layer
/// normalisation, at most eight layers, and kernels not set to plain.
bool can_fuse(const Mlp& mlp, const at::Tensor& x);

/// x + perceptron(x), the rows going through all layers a chunk at a time while they are in the cache, by vector
/// kernels chosen from the processor. First derivatives only. The same bits for any number of threads. \param
/// first_weight (H, H): the part of the first layer that acts on x; its bias belongs to a term \pre can_fuse(mlp, x)
RowResult fused_rows(const Mlp& mlp, const at::Tensor& first_weight, const at::Tensor& x, const RowTerms& terms,
                     const RowOptions& options);

/// Name of the kernels in use: avx512, avx2, portable, or plain for LibTorch's operations alone. The environment's
/// COTAN_KERNELS asks for one by name.
/// \throw InputError where that is not there, listing those that are
std::string_view row_kernels_name();

}  // namespace cotan

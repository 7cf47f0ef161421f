#pragma once
#include <cstdint>

/// Perceptrons over many rows in one pass: a chunk of rows goes through all layers while it is in the cache. The same
/// source is compiled for several instruction sets and chosen from at run time. Plain loops over plain pointers:
/// gnn/fused_mlp.h is what the rest of the house calls.
namespace cotan::rows {

constexpr int kMostLayers = 8;
/// Rows of a chunk: a multiple of every tile's height; a few buffers of so many rows of 128 values fit a core's L2
/// cache.
constexpr std::int64_t kChunk = 120;

/// Layers from H to H values, ReLU between them, layer normalisation at the end. H is a multiple of 16.
struct Weights {
  int layers = 0;
  std::int64_t width = 0;                      ///< H
  const float* panels[kMostLayers] = {};       ///< packed for x W^T
  const float* panels_back[kMostLayers] = {};  ///< packed for dz W; null where there is no backward pass
  const float* bias[kMostLayers] = {};         ///< (H); the first is null: it is part of a term
  const float* norm_weight = nullptr;          ///< (H)
  const float* norm_bias = nullptr;            ///< (H)
  float epsilon = 1e-5f;
};

/// What is added to the first layer's products, each (.., H) or null: a row's own, that of its source, of its segment.
struct Terms {
  const float* row = nullptr;
  const float* source = nullptr;
  const std::int64_t* index = nullptr;  ///< (rows) of source
  const float* segment = nullptr;
  const std::int64_t* offsets = nullptr;  ///< (segments + 1): rows of a segment
};

/// Activations that the backward pass uses, (rows, H) each; null where they are made again.
struct Kept {
  float* hidden[kMostLayers] = {};
  float* normalised = nullptr;
  float* inverse_deviation = nullptr;  ///< (rows)
};

struct Forward {
  const float* x = nullptr;  ///< (rows, H)
  float* out = nullptr;      ///< (rows, H): x + perceptron
  float* sums = nullptr;     ///< (segments, H) of the perceptron's rows, or of out; null: not wanted
  bool sum_after = false;    ///< of out
  Kept kept;
};

struct Backward {
  const float* x = nullptr;
  const float* grad_out = nullptr;   ///< (rows, H)
  const float* grad_sums = nullptr;  ///< (segments, H) or null
  bool sum_after = false;
  Kept kept;
  float* grad_x = nullptr;        ///< (rows, H)
  float* grad_first = nullptr;    ///< (rows, H): of the first layer's products, so of the row and source terms
  float* grad_segment = nullptr;  ///< (segments, H) or null
};

/// Gradients of the weights that one lane of rows adds to.
struct Gradients {
  float* weight[kMostLayers] = {};  ///< (H, H)
  float* bias[kMostLayers] = {};    ///< (H); the first is null
  float* norm_weight = nullptr;
  float* norm_bias = nullptr;
};

/// Rows that one thread works on from first to last: whole segments, where there are any.
struct Lane {
  std::int64_t row_begin = 0, row_end = 0;
  std::int64_t segment_begin = 0, segment_end = 0;
};

/// Floats of scratch memory that a lane needs.
constexpr std::int64_t scratch_size(std::int64_t width, int layers) {
  return (layers + 4) * kChunk * width + kChunk;
}

struct Kernels {
  const char* name;
  /// B(k, n) = w[k * stride_k + n * stride_n], (in, out), in the order that products read it. `out` is a multiple
  /// of 16.
  void (*pack)(const float* w, std::int64_t in, std::int64_t out, std::int64_t stride_k, std::int64_t stride_n,
               float* panels);
  void (*forward)(const Weights&, const Terms&, const Forward&, const Lane&, float* scratch);
  void (*backward)(const Weights&, const Terms&, const Backward&, const Lane&, const Gradients&, float* scratch);
  /// y (rows, out) = x (rows, in) B + bias, which may be null.
  void (*linear)(const float* x, std::int64_t rows, std::int64_t in, std::int64_t out, const float* panels,
                 const float* bias, float* y);
  /// weight (out, in) += grad^T x, bias (out) += sums of grad's columns, which may be null; both are multiples of 16.
  void (*linear_weights)(const float* grad, const float* x, std::int64_t rows, std::int64_t in, std::int64_t out,
                         float* weight, float* bias);
};

/// Those that the processor has and the environment's COTAN_KERNELS asks for, or null for none.
/// \throw InputError where those asked for are not there, listing those that are
const Kernels* picked_kernels();

/// Null where this processor or build lacks the instructions.
const Kernels* portable_kernels();
const Kernels* avx2_kernels();
const Kernels* avx512_kernels();

}  // namespace cotan::rows

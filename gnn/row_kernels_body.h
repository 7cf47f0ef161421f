// The body of gnn/row_kernels_*.cpp, compiled once an instruction set. The includer sets kLanes (floats of a vector)
// and kTall (rows of a tile). No functions of other headers in here: the linker might take this copy for the whole
// program, with instructions that the processor lacks.
#include "gnn/row_kernels.h"

namespace cotan::rows {
namespace {

using Index64 = std::int64_t;
typedef float Vec __attribute__((vector_size(4 * kLanes)));
typedef float Loose __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

inline Vec load(const float* p) {
  return *reinterpret_cast<const Loose*>(p);
}
inline void store(float* p, Vec v) {
  *reinterpret_cast<Loose*>(p) = v;
}
inline float total(Vec v) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += v[i];
  return sum;
}

// c (kHigh, kWide vectors) = bias + a (kHigh, k) b, with b a panel of k rows.
template <int kHigh, int kWide>
inline void tile(const float* a, Index64 stride, const float* b, Index64 k, const float* bias, float* c,
                 Index64 c_stride) {
  Vec sum[kHigh][kWide];
#pragma GCC unroll 16
  for (int i = 0; i < kHigh; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < kWide; ++j) sum[i][j] = bias ? load(bias + j * kLanes) : Vec{};
  }
  for (Index64 p = 0; p < k; ++p, b += kWide * kLanes) {
    Vec row[kWide];
#pragma GCC unroll 2
    for (int j = 0; j < kWide; ++j) row[j] = load(b + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kHigh; ++i) {
      const float value = a[i * stride + p];
#pragma GCC unroll 2
      for (int j = 0; j < kWide; ++j) sum[i][j] += value * row[j];
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kHigh; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < kWide; ++j) store(c + i * c_stride + j * kLanes, sum[i][j]);
  }
}

template <int kWide>
void panel(const float* a, Index64 rows, Index64 in, const float* b, const float* bias, float* c, Index64 out) {
  Index64 i = 0;
  for (; i + kTall <= rows; i += kTall) tile<kTall, kWide>(a + i * in, in, b, in, bias, c + i * out, out);
  for (; i + 4 <= rows; i += 4) tile<4, kWide>(a + i * in, in, b, in, bias, c + i * out, out);
  for (; i < rows; ++i) tile<1, kWide>(a + i * in, in, b, in, bias, c + i * out, out);
}

// c (rows, out) = bias + a (rows, in) B with B packed.
void product(const float* a, Index64 rows, Index64 in, Index64 out, const float* panels, const float* bias, float* c) {
  Index64 j = 0;
  for (; j + 2 * kLanes <= out; j += 2 * kLanes)
    panel<2>(a, rows, in, panels + j * in, bias ? bias + j : nullptr, c + j, out);
  for (; j < out; j += kLanes) panel<1>(a, rows, in, panels + j * in, bias ? bias + j : nullptr, c + j, out);
}

void pack(const float* w, Index64 in, Index64 out, Index64 stride_k, Index64 stride_n, float* panels) {
  for (Index64 j = 0; j < out;) {
    const Index64 wide = j + 2 * kLanes <= out ? 2 * kLanes : kLanes;
    for (Index64 k = 0; k < in; ++k) {
      for (Index64 n = 0; n < wide; ++n) *panels++ = w[k * stride_k + (j + n) * stride_n];
    }
    j += wide;
  }
}

// c (high, wide) += a^T b over rows, for a tile of c.
template <int kWide>
inline void outer_tile(const float* a, Index64 high, const float* b, Index64 wide, Index64 rows, float* c) {
  constexpr int kHigh = kTall >= 8 ? 8 : 4;
  Vec sum[kHigh][kWide] = {};
  for (Index64 r = 0; r < rows; ++r, a += high, b += wide) {
    Vec row[kWide];
#pragma GCC unroll 2
    for (int j = 0; j < kWide; ++j) row[j] = load(b + j * kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < kHigh; ++i) {
#pragma GCC unroll 2
      for (int j = 0; j < kWide; ++j) sum[i][j] += a[i] * row[j];
    }
  }
  for (int i = 0; i < kHigh; ++i) {
    for (int j = 0; j < kWide; ++j) {
      float* at = c + i * wide + j * kLanes;
      store(at, load(at) + sum[i][j]);
    }
  }
}

// c (high, wide) += a^T b with a (rows, high), b (rows, wide).
void add_outer(const float* a, Index64 high, const float* b, Index64 wide, Index64 rows, float* c) {
  constexpr int kHigh = kTall >= 8 ? 8 : 4;
  for (Index64 j = 0; j < wide;) {
    const bool two = j + 2 * kLanes <= wide;
    for (Index64 i = 0; i < high; i += kHigh) {
      if (two) {
        outer_tile<2>(a + i, high, b + j, wide, rows, c + i * wide + j);
      } else {
        outer_tile<1>(a + i, high, b + j, wide, rows, c + i * wide + j);
      }
    }
    j += two ? 2 * kLanes : kLanes;
  }
}

void add_columns(const float* a, Index64 rows, Index64 width, float* sum) {
  for (Index64 c = 0; c < width; c += kLanes) {
    Vec s = load(sum + c);
    for (Index64 r = 0; r < rows; ++r) s += load(a + r * width + c);
    store(sum + c, s);
  }
}

// NaN stays NaN: not max(x, 0).
inline Vec relu(Vec x) {
  return x < 0 ? Vec{} : x;
}

void relu_rows(float* z, Index64 size) {
  for (Index64 i = 0; i < size; i += kLanes) store(z + i, relu(load(z + i)));
}

// One pass over a lane's rows remembers the segment it is in.
struct Segment {
  const Index64* offsets;
  Index64 i;
  Index64 of(Index64 row) {
    while (offsets[i + 1] <= row) ++i;
    return i;
  }
};

// Activations of the chunk that starts at row `first`: (rows, H) buffers.
struct Chunk {
  Index64 first = 0, rows = 0;
  float* hidden[kMostLayers] = {};
  float* normalised = nullptr;
  float* inverse_deviation = nullptr;
};

void add_terms(const Weights& w, const Terms& t, const Chunk& chunk, Segment segment, float* z) {
  const Index64 width = w.width;
  for (Index64 r = 0; r < chunk.rows; ++r, z += width) {
    const Index64 row = chunk.first + r;
    const float* own = t.row ? t.row + row * width : nullptr;
    const float* source = t.source ? t.source + t.index[row] * width : nullptr;
    const float* shared = t.segment ? t.segment + segment.of(row) * width : nullptr;
    for (Index64 c = 0; c < width; c += kLanes) {
      Vec value = load(z + c);
      if (own) value += load(own + c);
      if (source) value += load(source + c);
      if (shared) value += load(shared + c);
      store(z + c, relu(value));
    }
  }
}

// Rows of z to mean 0 and variance 1, in place.
void normalise(const Weights& w, Index64 rows, float* z, float* inverse_deviation) {
  const Index64 width = w.width;
  for (Index64 r = 0; r < rows; ++r, z += width) {
    Vec sum{}, squares{};
    for (Index64 c = 0; c < width; c += kLanes) sum += load(z + c);
    const float mean = total(sum) / static_cast<float>(width);
    for (Index64 c = 0; c < width; c += kLanes) {
      const Vec centred = load(z + c) - mean;
      squares += centred * centred;
    }
    const float scale = 1.0f / __builtin_sqrtf(total(squares) / static_cast<float>(width) + w.epsilon);
    for (Index64 c = 0; c < width; c += kLanes) store(z + c, (load(z + c) - mean) * scale);
    inverse_deviation[r] = scale;
  }
}

// x through all layers and the normalisation, into the chunk's buffers.
void activations(const Weights& w, const Terms& t, const float* x, const Chunk& chunk, Segment segment) {
  const Index64 size = chunk.rows * w.width;
  product(x + chunk.first * w.width, chunk.rows, w.width, w.width, w.panels[0], nullptr, chunk.hidden[0]);
  add_terms(w, t, chunk, segment, chunk.hidden[0]);
  for (int l = 1; l < w.layers; ++l) {
    float* z = l + 1 < w.layers ? chunk.hidden[l] : chunk.normalised;
    product(chunk.hidden[l - 1], chunk.rows, w.width, w.width, w.panels[l], w.bias[l], z);
    if (l + 1 < w.layers) relu_rows(z, size);
  }
  normalise(w, chunk.rows, chunk.normalised, chunk.inverse_deviation);
}

// Where the chunk's activations go: to what is kept for the backward pass, or to scratch memory, which is advanced.
Chunk place(const Weights& w, const Kept& kept, Index64 first, Index64 last, float*& scratch) {
  Chunk chunk;
  chunk.first = first;
  chunk.rows = last - first < kChunk ? last - first : kChunk;
  const auto take = [&](float* from, Index64 width) {
    if (from) return from + first * width;
    float* const taken = scratch;
    scratch += kChunk * width;
    return taken;
  };
  for (int l = 0; l + 1 < w.layers; ++l) chunk.hidden[l] = take(kept.hidden[l], w.width);
  chunk.normalised = take(kept.normalised, w.width);
  chunk.inverse_deviation = take(kept.inverse_deviation, 1);
  return chunk;
}

void finish(const Weights& w, const Forward& f, const Chunk& chunk, Segment segment) {
  const Index64 width = w.width;
  for (Index64 r = 0; r < chunk.rows; ++r) {
    const Index64 row = chunk.first + r;
    const float *x = f.x + row * width, *normalised = chunk.normalised + r * width;
    float *out = f.out + row * width, *sums = f.sums ? f.sums + segment.of(row) * width : nullptr;
    for (Index64 c = 0; c < width; c += kLanes) {
      const Vec y = load(normalised + c) * load(w.norm_weight + c) + load(w.norm_bias + c), after = load(x + c) + y;
      store(out + c, after);
      if (sums) store(sums + c, load(sums + c) + (f.sum_after ? after : y));
    }
  }
}

void forward(const Weights& w, const Terms& t, const Forward& f, const Lane& lane, float* scratch) {
  if (f.sums)
    __builtin_memset(f.sums + lane.segment_begin * w.width, 0,
                     sizeof(float) * w.width * (lane.segment_end - lane.segment_begin));
  Segment segment{t.offsets, lane.segment_begin};
  for (Index64 first = lane.row_begin; first < lane.row_end; first += kChunk) {
    float* rest = scratch;
    const Chunk chunk = place(w, f.kept, first, lane.row_end, rest);
    if (t.offsets) segment.of(first);
    activations(w, t, f.x, chunk, segment);
    finish(w, f, chunk, segment);
  }
}

// Gradient of the last layer's products from those of the output; that of the normalisation's weights is added up.
void normalise_back(const Weights& w, const Backward& b, const Chunk& chunk, Segment segment, const Gradients& to,
                    float* dz) {
  const Index64 width = w.width;
  for (Index64 r = 0; r < chunk.rows; ++r, dz += width) {
    const Index64 row = chunk.first + r;
    const float *normalised = chunk.normalised + r * width, *grad_out = b.grad_out + row * width;
    const float* grad_sums = b.grad_sums ? b.grad_sums + segment.of(row) * width : nullptr;
    Vec sum{}, along{};
    for (Index64 c = 0; c < width; c += kLanes) {
      Vec dy = load(grad_out + c);
      if (grad_sums) dy += load(grad_sums + c);
      const Vec x = load(normalised + c), dx = dy * load(w.norm_weight + c);
      store(to.norm_weight + c, load(to.norm_weight + c) + dy * x);
      store(to.norm_bias + c, load(to.norm_bias + c) + dy);
      store(dz + c, dx);
      sum += dx;
      along += dx * x;
    }
    const float mean = total(sum) / static_cast<float>(width), slope = total(along) / static_cast<float>(width);
    for (Index64 c = 0; c < width; c += kLanes)
      store(dz + c, (load(dz + c) - mean - load(normalised + c) * slope) * chunk.inverse_deviation[r]);
  }
}

void relu_back(const float* hidden, float* dz, Index64 size) {
  for (Index64 i = 0; i < size; i += kLanes) store(dz + i, load(hidden + i) > 0 ? load(dz + i) : Vec{});
}

// dz: gradient of the first layer's products, already in b.grad_first.
void inputs_back(const Weights& w, const Backward& b, const Chunk& chunk, Segment segment, float* through) {
  const Index64 width = w.width;
  const float* dz = b.grad_first + chunk.first * width;
  product(dz, chunk.rows, width, width, w.panels_back[0], nullptr, through);
  for (Index64 r = 0; r < chunk.rows; ++r, dz += width, through += width) {
    const Index64 row = chunk.first + r, i = b.grad_sums || b.grad_segment ? segment.of(row) : 0;
    const float *grad_out = b.grad_out + row * width,
                *grad_sums = b.grad_sums && b.sum_after ? b.grad_sums + i * width : nullptr;
    float *grad_x = b.grad_x + row * width, *grad_segment = b.grad_segment ? b.grad_segment + i * width : nullptr;
    for (Index64 c = 0; c < width; c += kLanes) {
      Vec value = load(grad_out + c) + load(through + c);
      if (grad_sums) value += load(grad_sums + c);
      store(grad_x + c, value);
      if (grad_segment) store(grad_segment + c, load(grad_segment + c) + load(dz + c));
    }
  }
}

void chunk_back(const Weights& w, const Backward& b, const Chunk& chunk, Segment segment, const Gradients& to,
                float* scratch) {
  const Index64 width = w.width, size = chunk.rows * width;
  float *dz = scratch, *next = scratch + kChunk * width;
  normalise_back(w, b, chunk, segment, to, dz);
  for (int l = w.layers - 1; l > 0; --l) {
    add_outer(dz, width, chunk.hidden[l - 1], width, chunk.rows, to.weight[l]);
    add_columns(dz, chunk.rows, width, to.bias[l]);
    float* before = l > 1 ? next : b.grad_first + chunk.first * width;
    product(dz, chunk.rows, width, width, w.panels_back[l], nullptr, before);
    relu_back(chunk.hidden[l - 1], before, size);
    next = dz;
    dz = before;
  }
  add_outer(dz, width, b.x + chunk.first * width, width, chunk.rows, to.weight[0]);
  inputs_back(w, b, chunk, segment, next);
}

void backward(const Weights& w, const Terms& t, const Backward& b, const Lane& lane, const Gradients& to,
              float* scratch) {
  if (b.grad_segment)
    __builtin_memset(b.grad_segment + lane.segment_begin * w.width, 0,
                     sizeof(float) * w.width * (lane.segment_end - lane.segment_begin));
  Segment segment{t.offsets, lane.segment_begin};
  const bool again = !b.kept.normalised;
  for (Index64 first = lane.row_begin; first < lane.row_end; first += kChunk) {
    float* rest = scratch;
    const Chunk chunk = place(w, b.kept, first, lane.row_end, rest);
    if (t.offsets) segment.of(first);
    if (again) activations(w, t, b.x, chunk, segment);
    chunk_back(w, b, chunk, segment, to, rest);
  }
}

// A chunk of rows at a time, so that every panel finds it in the cache.
void linear(const float* x, Index64 rows, Index64 in, Index64 out, const float* panels, const float* bias, float* y) {
  for (Index64 r = 0; r < rows; r += kChunk) {
    product(x + r * in, rows - r < kChunk ? rows - r : kChunk, in, out, panels, bias, y + r * out);
  }
}

void linear_weights(const float* grad, const float* x, Index64 rows, Index64 in, Index64 out, float* weight,
                    float* bias) {
  for (Index64 r = 0; r < rows; r += kChunk) {
    const Index64 count = rows - r < kChunk ? rows - r : kChunk;
    add_outer(grad + r * out, out, x + r * in, in, count, weight);
    if (bias) add_columns(grad + r * out, count, out, bias);
  }
}

}  // namespace
}  // namespace cotan::rows

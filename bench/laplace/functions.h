#pragma once
// The synthetic benchmark of the PhyMPGN paper: random periodic functions and their Laplacians, by modes.
#include <ATen/ATen.h>

#include <cmath>

#include "core/random.h"

namespace cotan::laplace_bench {

inline constexpr int kGrid = 128, kLowest = -6, kHighest = 5;  // spacing 1/128; wave numbers along each axis

/// Sines and cosines of the modes at points (N, 2): (N, 2 modes) double.
inline at::Tensor waves(const at::Tensor& x) {
  const at::Tensor k = at::arange(kLowest, kHighest + 1, at::kDouble);
  const at::Tensor phase =
      2 * M_PI *
      (x.select(1, 0).view({-1, 1, 1}) * k.view({1, -1, 1}) + x.select(1, 1).view({-1, 1, 1}) * k.view({1, 1, -1}));
  return at::cat({phase.sin().flatten(1), phase.cos().flatten(1)}, 1);
}

/// What fourth-order differences on the grid make of each mode, (2 modes).
inline at::Tensor symbols() {
  const double h = 1.0 / kGrid;
  const at::Tensor angle = 2 * M_PI * h * at::arange(kLowest, kHighest + 1, at::kDouble);
  const at::Tensor axis = (-30 + 32 * angle.cos() - 2 * (2 * angle).cos()) / (12 * h * h);
  return (axis.unsqueeze(1) + axis.unsqueeze(0)).flatten().repeat({2});
}

/// Coefficients (2 modes, functions) of functions whose largest value on the grid is 1. The draw of a function does not
/// depend on how many there are.
inline at::Tensor functions(std::int64_t count, std::uint64_t seed) {
  const std::int64_t modes = 2 * (kHighest - kLowest + 1) * (kHighest - kLowest + 1);
  at::Tensor drawn = at::empty({count, modes}, at::kDouble);
  for (std::int64_t f = 0; f < count; ++f) {
    const Random random(seed, purpose::test, static_cast<std::uint64_t>(f));
    for (std::int64_t m = 0; m < modes; ++m) drawn.mutable_data_ptr<double>()[f * modes + m] = random.normal(m);
  }
  const at::Tensor axis = at::arange(kGrid, at::kDouble) / kGrid;
  const at::Tensor grid = at::cartesian_prod({axis, axis});
  const at::Tensor on_grid = waves(grid).to(at::kFloat);
  at::Tensor largest = at::empty({count}, at::kDouble);
  for (std::int64_t first = 0; first < count; first += 500) {
    const std::int64_t size = std::min<std::int64_t>(500, count - first);
    const at::Tensor values = at::matmul(on_grid, drawn.narrow(0, first, size).t().to(at::kFloat));
    largest.narrow(0, first, size).copy_(values.amax(0));
  }
  return (drawn / largest.unsqueeze(1)).t().contiguous();
}

}  // namespace cotan::laplace_bench

#pragma once
// What tests of numerical code share: gradients against differences, transposes by the dot product, orders.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <span>
#include <vector>

namespace cotan::testing_checks {

/// Normal numbers in double that depend on the seed only; no global generator is touched.
inline at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed = 1) {
  return at::randn(shape, at::make_generator<at::CPUGeneratorImpl>(seed), at::TensorOptions().dtype(at::kDouble));
}

/// Largest difference over the largest entry of `expected` (1 where that is 0); infinite for NaN or another shape.
inline double relative_difference(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  if (found.numel() == 0) return 0;
  const at::Tensor a = found.detach().to(at::kDouble), b = expected.detach().to(at::kDouble);
  const double scale = b.abs().max().item<double>(), difference = (a - b).abs().max().item<double>();
  return std::isnan(difference) ? INFINITY : difference / (scale > 0 ? scale : 1);
}

inline testing::AssertionResult near(const at::Tensor& found, const at::Tensor& expected, double tolerance) {
  const double difference = relative_difference(found, expected);
  if (difference <= tolerance) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "tensors differ by " << difference << " of the largest entry (allowed "
                                     << tolerance << "), shapes " << found.sizes() << " and " << expected.sizes();
}

using TensorFunction = std::function<at::Tensor(const at::Tensor&)>;

/// The gradient in x of the sum of weight * f(x), itself differentiable.
inline at::Tensor weighted_gradient(const TensorFunction& f, const at::Tensor& x, const at::Tensor& weight) {
  return torch::autograd::grad({(f(x) * weight).sum()}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
}

/// Compares the gradient of a random combination of f's outputs with central differences, entry by entry of x.
/// \pre f works in double and is smooth at x
inline testing::AssertionResult check_gradient(const TensorFunction& f, const at::Tensor& at_x, double tolerance = 1e-7,
                                               double step = 1e-5) {
  const at::Tensor x = at_x.detach().clone().to(at::kDouble).contiguous().requires_grad_(true);
  const at::Tensor weight = random_tensor(f(x).sizes(), 7);
  const at::Tensor found = weighted_gradient(f, x, weight).detach();
  at::Tensor expected = at::empty_like(found);
  const at::NoGradGuard no_grad;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    double ends[2];
    for (int side : {0, 1}) {
      at::Tensor moved = x.detach().clone();
      moved.view(-1)[i] += side ? step : -step;
      ends[side] = (f(moved) * weight).sum().item<double>();
    }
    expected.view(-1)[i] = (ends[1] - ends[0]) / (2 * step);
  }
  const auto result = near(found, expected, tolerance);
  return result ? result : testing::AssertionFailure() << "gradient against central differences: " << result.message();
}

/// The same for the second derivative: f's gradient is a function whose gradient is checked.
inline testing::AssertionResult check_second_gradient(const TensorFunction& f, const at::Tensor& x,
                                                      double tolerance = 1e-6, double step = 1e-5) {
  const at::Tensor weight = random_tensor(f(x).sizes(), 11);
  const auto first = [&](const at::Tensor& y) {
    const at::AutoGradMode with_grad(true);
    return weighted_gradient(f, y.requires_grad() ? y : y.detach().clone().requires_grad_(true), weight);
  };
  return check_gradient(first, x, tolerance, step);
}

/// <map x, y> = <x, transposed y>, to round-off of the products.
inline testing::AssertionResult are_transposes(const TensorFunction& map, const TensorFunction& transposed,
                                               const at::Tensor& x, const at::Tensor& y, double tolerance = 1e-13) {
  const at::Tensor left = map(x) * y, right = x * transposed(y);
  const double difference = std::abs((left.sum() - right.sum()).item<double>());
  const double scale = left.abs().sum().item<double>();
  if (difference <= tolerance * scale && scale > 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "<A x, y> and <x, A' y> differ by " << difference << " of " << scale;
}

/// Slope of log(error) over log(h) by least squares: the order of convergence. \pre at least two entries
inline double measured_order(std::span<const double> h, std::span<const double> error) {
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  const double n = static_cast<double>(h.size());
  for (std::size_t i = 0; i < h.size(); ++i) {
    mean_x += std::log(h[i]) / n;
    mean_y += std::log(error[i]) / n;
  }
  for (std::size_t i = 0; i < h.size(); ++i) {
    xx += (std::log(h[i]) - mean_x) * (std::log(h[i]) - mean_x);
    xy += (std::log(h[i]) - mean_x) * (std::log(error[i]) - mean_y);
  }
  return xy / xx;
}

}  // namespace cotan::testing_checks

#pragma once
// Pseudo-spectral solutions of periodic reaction-diffusion systems: Fourier modes in space, the classical Runge-Kutta
// method on the integrating factor of the diffusion in time. What finite elements are measured against.
#include <ATen/ATen.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace cotan::test {

using Reactions = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& u)>;

/// A square [0, length]^2 with n by n points, u[i] (n, n): row j is y = j length / n.
class SpectralSquare {
 public:
  SpectralSquare(int n, double length, std::vector<double> diffusivity, Reactions reactions)
      : n_(n), reactions_(std::move(reactions)) {
    const at::Tensor k =
        at::fft_fftfreq(n, 1.0, at::TensorOptions().dtype(at::kDouble)) * (2 * std::numbers::pi * n / length);
    const at::Tensor square = k.square().unsqueeze(0) + k.square().unsqueeze(1);
    for (const double d : diffusivity) decay_.push_back(square * d);
    x_ = at::arange(n, at::kDouble) * (length / n);
  }
  at::Tensor x() const { return x_.unsqueeze(0).expand({n_, n_}); }
  at::Tensor y() const { return x_.unsqueeze(1).expand({n_, n_}); }

  std::vector<at::Tensor> advance(std::vector<at::Tensor> u, double dt, int steps) const {
    std::vector<at::Tensor> v;
    for (const auto& field : u) v.push_back(at::fft_fft2(field));
    for (int k = 0; k < steps; ++k) v = step(v, dt);
    for (std::size_t i = 0; i < u.size(); ++i) u[i] = at::real(at::fft_ifft2(v[i])).contiguous();
    return u;
  }

 private:
  using Fields = std::vector<at::Tensor>;

  Fields rate(const Fields& v) const {
    Fields u;
    for (const auto& field : v) u.push_back(at::real(at::fft_ifft2(field)));
    Fields out;
    for (const auto& r : reactions_(u)) out.push_back(at::fft_fft2(r));
    return out;
  }
  Fields step(const Fields& v, double dt) const {
    const auto with = [&](auto f) {
      Fields out;
      for (std::size_t i = 0; i < v.size(); ++i) out.push_back(f(i, (decay_[i] * (-dt / 2)).exp()));
      return out;
    };
    const Fields a = rate(v);
    const Fields b = rate(with([&](auto i, const auto& e) { return e * (v[i] + dt / 2 * a[i]); }));
    const Fields c = rate(with([&](auto i, const auto& e) { return e * v[i] + dt / 2 * b[i]; }));
    const Fields d = rate(with([&](auto i, const auto& e) { return e * e * v[i] + dt * e * c[i]; }));
    return with(
        [&](auto i, const auto& e) { return e * e * v[i] + dt / 6 * (e * e * a[i] + 2 * e * (b[i] + c[i]) + d[i]); });
  }

  int n_;
  Reactions reactions_;
  std::vector<at::Tensor> decay_;  // diffusivity |k|^2
  at::Tensor x_;
};

}  // namespace cotan::test

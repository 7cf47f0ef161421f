#include "integrators/krylov.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace cotan {
namespace {

// The least-squares problem over the Hessenberg matrix, kept triangular by Givens rotations.
class Triangle {
 public:
  explicit Triangle(double beta) : right_{beta} {}

  // The next column, (k + 1) numbers and the length of what is left of the new direction; false where there is none,
  // or it is not finite: the residual stays.
  bool append(std::vector<double> column) {
    const std::size_t k = columns_.size();
    for (std::size_t i = 0; i < k; ++i) rotate(rotations_[i], column[i], column[i + 1]);
    const double length = std::hypot(column[k], column[k + 1]);
    if (!(length > 0 && std::isfinite(length))) return false;
    rotations_.push_back({column[k] / length, column[k + 1] / length});
    rotate(rotations_[k], column[k], column[k + 1]);
    right_.push_back(0);
    rotate(rotations_[k], right_[k], right_[k + 1]);
    columns_.push_back(std::move(column));
    return true;
  }
  double residual() const { return std::abs(right_.back()); }
  std::vector<double> solution() const {
    std::vector<double> y(columns_.size());
    for (std::size_t i = y.size(); i-- > 0;) {
      double sum = right_[i];
      for (std::size_t j = i + 1; j < y.size(); ++j) sum -= columns_[j][i] * y[j];
      y[i] = sum / columns_[i][i];
    }
    return y;
  }

 private:
  struct Rotation {
    double c, s;
  };
  static void rotate(const Rotation& r, double& a, double& b) {
    const double before = a;
    a = r.c * before + r.s * b;
    b = r.c * b - r.s * before;
  }
  std::vector<std::vector<double>> columns_;
  std::vector<Rotation> rotations_;
  std::vector<double> right_;
};

std::vector<double> numbers(const at::Tensor& host) {
  return {host.data_ptr<double>(), host.data_ptr<double>() + host.numel()};
}

// w less its part within the first k rows of the basis, twice; the coefficients and the length of what is left.
std::vector<double> orthogonalise(const at::Tensor& basis, at::Tensor& w, const InnerProduct& product) {
  at::Tensor sum = at::zeros({basis.size(0)}, at::kDouble);
  for (int pass = 0; pass < 2; ++pass) {
    const at::Tensor h = product(basis, w);
    w = w - at::mv(basis.t(), h.to(w.options()));
    sum += h;
  }
  std::vector<double> column = numbers(sum);
  column.push_back(product.norm(w));
  return column;
}

}  // namespace

at::Tensor InnerProduct::operator()(const at::Tensor& rows, const at::Tensor& x) const {
  at::Tensor sums = at::mv(rows, weight.defined() ? weight * x : x).to(at::kCPU, at::kDouble).contiguous();
  comm.sum(std::span<double>(sums.data_ptr<double>(), static_cast<std::size_t>(sums.numel())));
  return sums;
}

double InnerProduct::norm(const at::Tensor& x) const {
  return std::sqrt((*this)(x.unsqueeze(0), x).item<double>());
}

KrylovResult gmres(const VectorMap& a, const at::Tensor& b, const KrylovOptions& options,
                   const VectorMap& preconditioner, const InnerProduct& product) {
  const at::NoGradGuard none;
  KrylovResult out{at::zeros_like(b)};
  const double size = product.norm(b);
  if (!(size > 0)) {
    out.residual = size;  // 0, or not a number
    out.converged = size == 0;
    return out;
  }
  const auto conditioned = [&](const at::Tensor& v) { return preconditioner ? preconditioner(v) : v; };
  const at::Tensor basis = at::empty({options.restart + 1, b.size(0)}, b.options());
  const at::Tensor kept = options.keep ? at::empty_like(basis) : at::Tensor();
  at::Tensor residual = b;
  double beta = size;
  while (true) {
    basis[0].copy_(residual / beta);
    Triangle triangle(beta);
    int k = 0;
    while (k < options.restart && out.iterations < options.most_iterations &&
           triangle.residual() > options.tolerance * size) {
      const at::Tensor direction = conditioned(basis[k]);
      if (options.keep) kept[k].copy_(direction);
      at::Tensor w = a(direction);
      const std::vector<double> column = orthogonalise(basis.narrow(0, 0, k + 1), w, product);
      ++out.iterations;
      if (!triangle.append(column)) break;
      ++k;
      if (!(column.back() > 0)) break;  // the space is invariant
      basis[k].copy_(w / column.back());
    }
    const at::Tensor y = at::tensor(triangle.solution(), at::kDouble).to(b.options());
    if (k > 0) {
      const at::Tensor step = at::mv((options.keep ? kept : basis).narrow(0, 0, k).t(), y);
      out.x = out.x + (options.keep ? step : conditioned(step));
    }
    out.residual = triangle.residual() / size;
    out.converged = out.residual <= options.tolerance;
    if (out.converged || k < options.restart || out.iterations >= options.most_iterations) return out;
    residual = b - a(out.x);
    beta = product.norm(residual);
    if (!(beta > 0)) return out;
  }
}

}  // namespace cotan

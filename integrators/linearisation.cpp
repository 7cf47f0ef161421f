#include "integrators/linearisation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace cotan {
namespace {

constexpr std::int64_t kMatrix = 256;       // unknowns at most whose given Jacobian is made a matrix
constexpr std::int64_t kDifferences = 128;  // likewise where each column costs an evaluation
constexpr double kLinear = 1e-3;            // of the residual: as well as a simplified Newton iteration converges
constexpr double kSlow = 1e-3;              // a rate of convergence at which a Jacobian is not made anew

}  // namespace

Linearisation::Linearisation(const RatePart& part, double t, const State& u, const Packing& packing,
                             const InnerProduct& product)
    : part_(part), t_(t), u_(detached(u)), packing_(packing), product_(product), packed_(packing.pack(u_)) {
  const at::NoGradGuard none;
  size_ = product_.norm(packed_);
  if (part_.jacobian) {
    jacobian_ = part_.jacobian(t, u_);
  } else {
    slope_ = packing_.pack(part_.f(t, u_));
  }
  const bool given = part_.jacobian || !part_.shifted_inverse;
  if (packing_.comm().size() == 1 && given && packing_.size() <= (jacobian_ ? kMatrix : kDifferences)) make_matrix();
}

at::Tensor Linearisation::multiply(const at::Tensor& v) const {
  if (jacobian_) return packing_.pack(jacobian_(packing_.unpack(v)));
  const double size = product_.norm(v);
  if (!(size > 0)) return at::zeros_like(v);
  const double step = std::sqrt(round_off(v)) * std::max(size_, 1e-30) / size;
  return (packing_.pack(part_.f(t_, packing_.unpack(packed_ + step * v))) - slope_) / step;
}

void Linearisation::make_matrix() {
  const at::Tensor unit = at::eye(packed_.size(0), packed_.options());
  std::vector<at::Tensor> columns;
  for (std::int64_t k = 0; k < unit.size(0); ++k) columns.push_back(multiply(unit[k]));
  matrix_ = columns.empty() ? unit : at::stack(columns, 1);
}

const Linearisation::Factors& Linearisation::factors(Factors& kept, std::complex<double> gamma, bool real) {
  if (kept.gamma == gamma && (kept.lu.defined() || !matrix_.defined())) return kept;
  kept = {gamma, {}, {}, {}};
  if (matrix_.defined()) {
    const at::Tensor one = at::eye(matrix_.size(0), matrix_.options());
    const at::Tensor shifted =
        real ? one - gamma.real() * matrix_ : at::complex(one - gamma.real() * matrix_, -gamma.imag() * matrix_);
    std::tie(kept.lu, kept.pivots, std::ignore) = at::linalg_lu_factor_ex(shifted);
  } else if (part_.shifted_inverse) {
    kept.preconditioner = part_.shifted_inverse(t_, u_, std::copysign(std::abs(gamma), gamma.real()));
  }
  return kept;
}

at::Tensor Linearisation::krylov(const VectorMap& a, const at::Tensor& b, const VectorMap& preconditioner,
                                 const InnerProduct& product) const {
  KrylovOptions options;
  options.tolerance = kLinear;
  const KrylovResult found = gmres(a, b, options, preconditioner, product);
  // no progress: f is not finite near here, and 0 would pass for convergence
  return found.residual < 0.9 ? found.x : at::full_like(b, NAN);
}

at::Tensor Linearisation::solve(double gamma, const at::Tensor& b) {
  const at::NoGradGuard none;
  const Factors& kept = factors(real_, gamma, true);
  if (matrix_.defined()) return at::linalg_lu_solve(kept.lu, kept.pivots, b.unsqueeze(1)).squeeze(1);
  const VectorMap conditioned = [&](const at::Tensor& v) {
    return packing_.pack(kept.preconditioner(packing_.unpack(v)));
  };
  return krylov([&](const at::Tensor& v) { return v - gamma * multiply(v); }, b,
                kept.preconditioner ? conditioned : VectorMap(), product_);
}

at::Tensor Linearisation::solve(std::complex<double> gamma, const at::Tensor& b) {
  const at::NoGradGuard none;
  const Factors& kept = factors(complex_, gamma, false);
  if (matrix_.defined()) {
    const at::Tensor x = at::linalg_lu_solve(kept.lu, kept.pivots, at::complex(b[0], b[1]).unsqueeze(1)).squeeze(1);
    return at::stack({at::real(x), at::imag(x)});
  }
  const double p = gamma.real(), q = gamma.imag();
  const VectorMap a = [&](const at::Tensor& v) {
    const at::Tensor x = v.view({2, -1}), jx = multiply(x[0]), jy = multiply(x[1]);
    return at::cat({x[0] - p * jx + q * jy, x[1] - p * jy - q * jx});
  };
  // (1 - gamma z) / (1 - |gamma| z) goes from 1 to gamma / |gamma| as z becomes stiff: turned back by half of the angle
  const double angle = -std::arg(gamma * std::copysign(1.0, p)) / 2, c = std::cos(angle), s = std::sin(angle);
  const VectorMap conditioned = [&](const at::Tensor& v) {
    const at::Tensor y = v.view({2, -1});
    const auto inverse = [&](const at::Tensor& w) { return packing_.pack(kept.preconditioner(packing_.unpack(w))); };
    const at::Tensor re = inverse(y[0]), im = inverse(y[1]);
    return at::cat({c * re - s * im, s * re + c * im});
  };
  return krylov(a, b.reshape({-1}), kept.preconditioner ? conditioned : VectorMap(), repeated(product_, 2))
      .view({2, -1});
}

at::Tensor KeptJacobian::solve(const RatePart& part, double t, const State& u, const Packing& packing,
                               const InnerProduct& product,
                               const std::function<at::Tensor(Linearisation&, Convergence&)>& iterate,
                               Convergence convergence) {
  if (kept_ && kept_->t() != t && stale_) kept_ = nullptr;
  while (true) {
    const bool fresh = !kept_ || kept_->t() == t;
    if (!kept_) {
      kept_ = std::make_unique<Linearisation>(part, t, u, packing, product);
      stale_ = false;
      left_ = INFINITY;
    }
    Convergence judged = convergence;
    judged.expect(std::pow(std::max(left_, 1e-16), 0.8));  // \cite hairer1996, IV.8
    const at::Tensor found = iterate(*kept_, judged);
    stale_ = stale_ || !found.defined() || (judged.iterations() > 2 && judged.rate() > kSlow);
    iterations_ = judged.iterations();
    left_ = found.defined() ? std::max(judged.left(), 1e-16) : INFINITY;
    if (found.defined() || fresh) return found;
    kept_ = nullptr;
  }
}

State KeptJacobian::solve(double gamma, const State& b, const Norm& norm) {
  const Packing packing(b, norm);
  return packing.unpack(kept_->solve(gamma, packing.pack(detached(b))));
}

}  // namespace cotan

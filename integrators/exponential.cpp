#include "integrators/exponential.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <deque>

#include "core/check.h"
#include "integrators/methods.h"
#include "integrators/packing.h"

namespace cotan {
namespace {

constexpr int kPhis = 4;

// (n, n) phi_0 … phi_3 of a matrix: the first row of blocks of one exponential.
std::array<at::Tensor, kPhis> phis_of(const at::Tensor& a) {
  const std::int64_t n = a.size(0);
  at::Tensor block = at::zeros({kPhis * n, kPhis * n}, a.options());
  block.narrow(0, 0, n).narrow(1, 0, n).copy_(a);
  for (int k = 1; k < kPhis; ++k) block.narrow(0, (k - 1) * n, n).narrow(1, k * n, n).copy_(at::eye(n, a.options()));
  const at::Tensor power = at::linalg_matrix_exp(block);
  std::array<at::Tensor, kPhis> out;
  for (int k = 0; k < kPhis; ++k) out[k] = power.narrow(0, 0, n).narrow(1, k * n, n).contiguous();
  return out;
}

// The matrices of the last few lengths of step: a method uses two, the step and its half.
class PhiMatrices {
 public:
  explicit PhiMatrices(at::Tensor matrix) : matrix_(std::move(matrix)) {}
  const at::Tensor& operator()(int k, double h) {
    for (const auto& [length, phis] : recent_) {
      if (length == h) return phis[k];
    }
    if (recent_.size() == 4) recent_.pop_back();
    recent_.push_front({h, phis_of(h * matrix_)});
    return recent_.front().second[k];
  }

 private:
  at::Tensor matrix_;
  std::deque<std::pair<double, std::array<at::Tensor, kPhis>>> recent_;
};

LinearPart over_vectors(const State& like, std::function<at::Tensor(const at::Tensor&)> apply,
                        std::function<at::Tensor(int, double, const at::Tensor&)> phi_times) {
  const auto packing = std::make_shared<const Packing>(like);
  return {[packing, apply](const State& v) { return packing->unpack(apply(packing->pack(v))); },
          [packing, phi_times](int k, double h, const State& v) {
            return packing->unpack(phi_times(k, h, packing->pack(v)));
          }};
}

// L u by its exponential, the rest of the rate by values at stages.
class Exponential : public Integrator {
 protected:
  static const LinearPart& linear(const Rate& f) {
    COTAN_REQUIRE(f.linear, "an exponential method needs the linear part of the rate, and this system does not say it");
    return *f.linear;
  }
  static State rest(const Rate& f, double t, const State& u) { return axpy(f(t, u), -1, f.linear->apply(u)); }
};

class Etdrk2 final : public Exponential {
 public:
  int order() const override { return 2; }
  Step step(const Rate& f, double t, double dt, const State& u, const Known&) const override {
    const LinearPart& l = linear(f);
    const State first = rest(f, t, u), a = axpy(l.phi(0, dt, u), dt, l.phi(1, dt, first));
    return {axpy(a, dt, l.phi(2, dt, axpy(rest(f, t + dt, a), -1, first)))};
  }
};

class Etdrk4 final : public Exponential {
 public:
  int order() const override { return 4; }
  Step step(const Rate& f, double t, double dt, const State& u, const Known&) const override {
    const LinearPart& l = linear(f);
    const double half = dt / 2;
    const State moved = l.phi(0, half, u), at_u = rest(f, t, u);
    const State a = axpy(moved, half, l.phi(1, half, at_u)), at_a = rest(f, t + half, a);
    const State b = axpy(moved, half, l.phi(1, half, at_a)), at_b = rest(f, t + half, b);
    const State c = axpy(l.phi(0, half, a), half, l.phi(1, half, axpy(scaled(at_b, 2), -1, at_u)));
    const State at_c = rest(f, t + dt, c), middle = axpy(at_a, 1, at_b), none = scaled(u, 0);
    const State one = at_u;
    const State two = combine(none, {-3, 2, -1}, {at_u, middle, at_c});
    const State three = combine(none, {4, -4, 4}, {at_u, middle, at_c});
    return {combine(l.phi(0, dt, u), {dt, dt, dt}, {l.phi(1, dt, one), l.phi(2, dt, two), l.phi(3, dt, three)})};
  }
};

}  // namespace

at::Tensor phi(int k, const at::Tensor& z) {
  if (k == 0) return z.exp();
  double factorial = 1;
  for (int i = 2; i <= k; ++i) factorial *= i;
  constexpr int kTerms = 20;  // 1 / 20! is below round-off
  at::Tensor series = at::zeros_like(z);
  for (int j = kTerms; j >= 0; --j) series = series * z / (j + k + 1) + 1;
  const at::Tensor small = z.abs() < 1, safe = at::where(small, at::ones_like(z), z);
  at::Tensor closed = at::expm1(safe) / safe;
  double reciprocal = 1;  // 1 / i!
  for (int i = 1; i < k; ++i) {
    reciprocal /= i;
    closed = (closed - reciprocal) / safe;
  }
  return at::where(small, series / factorial, closed);
}

LinearPart diagonal_part(const State& rates) {
  const at::Tensor diagonal = Packing(rates).pack(rates);
  return over_vectors(
      rates, [diagonal](const at::Tensor& v) { return diagonal * v; },
      [diagonal](int k, double h, const at::Tensor& v) { return phi(k, h * diagonal) * v; });
}

LinearPart matrix_part(const at::Tensor& matrix, const State& like) {
  const std::int64_t n = Packing(like).size();
  check_shape(matrix.sizes(), {n, n}, "linear part");
  const auto apply = [matrix](const at::Tensor& v) { return at::mv(matrix, v); };
  if (at::equal(matrix, matrix.t())) {
    const auto [values, vectors] = at::linalg_eigh(matrix);
    return over_vectors(like, apply, [values = values, vectors = vectors](int k, double h, const at::Tensor& v) {
      return at::mv(vectors, phi(k, h * values) * at::mv(vectors.t(), v));
    });
  }
  const auto matrices = std::make_shared<PhiMatrices>(matrix);
  return over_vectors(like, apply,
                      [matrices](int k, double h, const at::Tensor& v) { return at::mv((*matrices)(k, h), v); });
}

std::vector<Method> exponential_methods() {
  constexpr Family family = Family::exponential;
  constexpr double kAlways = std::numeric_limits<double>::infinity();
  return {{"etdrk2", "Cox and Matthews's exponential method of two stages", "cox2002", family, 2, kAlways, true,
           std::make_shared<Etdrk2>()},
          {"etdrk4", "Cox and Matthews's exponential method of four stages", "cox2002", family, 4, kAlways, true,
           std::make_shared<Etdrk4>()}};
}

}  // namespace cotan

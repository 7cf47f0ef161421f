#include "integrators/linearisation.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "integrators/solve.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::near;
using testing_checks::random_tensor;

State points(const at::Tensor& x) {
  return State({{"x", On::points, x}});
}

// Diffusion along a path with a reaction, not symmetric.
at::Tensor matrix_of(std::int64_t n) {
  const at::Tensor one = at::eye(n, at::kDouble);
  return 50 * (1.2 * at::roll(one, 1, 0) + 0.8 * at::roll(one, -1, 0) - 2 * one);
}

RatePart linear(const at::Tensor& matrix) {
  return {[=](double, const State& u) { return points(at::mm(matrix, u["x"])); }};
}

RatePart with_jacobian(const at::Tensor& matrix) {
  RatePart part = linear(matrix);
  part.jacobian = [=](double, const State&) -> StateMap {
    return [=](const State& v) { return points(at::mm(matrix, v["x"])); };
  };
  return part;
}

RatePart with_inverse(const at::Tensor& matrix) {
  RatePart part = linear(matrix);
  part.shifted_inverse = [=](double, const State&, double gamma) -> StateMap {
    const at::Tensor inverse = at::linalg_inv(at::eye(matrix.size(0), at::kDouble) - gamma * matrix);
    return [=](const State& b) { return points(at::mm(inverse, b["x"])); };
  };
  return part;
}

// Residuals of a real and of a complex system, relative to their right sides.
std::pair<double, double> residuals(const RatePart& part, const at::Tensor& matrix, double sign) {
  const std::int64_t n = matrix.size(0);
  const State u = points(random_tensor({n, 1}, 3));
  const Packing packing(u);
  Linearisation jacobian(part, 0.2, u, packing, {});
  const at::Tensor b = random_tensor({n}, 4), pair = random_tensor({2, n}, 5);
  const at::Tensor x = jacobian.solve(sign * 0.3, b);
  const double real = ((x - sign * 0.3 * at::mv(matrix, x) - b).norm() / b.norm()).item<double>();
  const std::complex<double> gamma = sign * std::complex<double>(0.16, 0.18);
  const at::Tensor y = jacobian.solve(gamma, pair), jy = at::mm(y, matrix.t());
  const double p = gamma.real(), q = gamma.imag();
  const at::Tensor left = at::stack({y[0] - p * jy[0] + q * jy[1], y[1] - p * jy[1] - q * jy[0]});
  return {real, ((left - pair).norm() / pair.norm()).item<double>()};
}

TEST(Linearisation, SolvesSmallSystemsExactly) {
  const at::Tensor a = matrix_of(20);
  for (const double sign : {1.0, -0.01}) {
    const auto [real, complex] = residuals(with_jacobian(a), a, sign);
    EXPECT_LT(std::max(real, complex), 1e-12);
    const auto [real_by_differences, complex_by_differences] = residuals(linear(a), a, sign);
    EXPECT_LT(std::max(real_by_differences, complex_by_differences), 1e-5);
  }
}

TEST(Linearisation, SolvesLargeOnesByKrylovIterations) {
  const at::Tensor a = matrix_of(300);
  for (const RatePart& part : {linear(a), with_jacobian(a), with_inverse(a)}) {
    const auto [real, complex] = residuals(part, a, 1);
    EXPECT_LT(std::max(real, complex), 2e-3);
    EXPECT_GT(complex, 1e-9) << "not a matrix";
  }
}

// An exact inverse of the real system serves the complex one: a factor of tan(angle / 4) or so an iteration.
TEST(Linearisation, ThePreconditionerServesComplexSystemsToo) {
  const at::Tensor a = 1e3 * matrix_of(300);
  std::int64_t calls = 0;
  RatePart part = with_inverse(a);
  part.f = [&, f = part.f](double t, const State& u) { return ++calls, f(t, u); };
  const auto [real, complex] = residuals(part, a, 1);
  EXPECT_LT(std::max(real, complex), 2e-3);
  EXPECT_LT(calls, 30);
}

struct Counts {
  Solution solution;
  std::int64_t jacobians = 0;
};

Counts solved(const std::string& method, double cubic) {
  const at::Tensor a = matrix_of(30);
  Counts out;
  Rate rate = [=](double, const State& u) { return points(at::mm(a, u["x"]) - cubic * u["x"].pow(3)); };
  rate.whole.jacobian = [&, a, cubic](double, const State& u) -> StateMap {
    ++out.jacobians;
    return [=, x = u["x"]](const State& v) { return points(at::mm(a, v["x"]) - 3 * cubic * x.square() * v["x"]); };
  };
  SolveOptions options;
  options.relative = options.absolute = 1e-6;
  out.solution =
      solve(*make_integrator(method), rate, points(random_tensor({30, 1}, 6)), std::vector<double>{0, 1}, options);
  return out;
}

TEST(KeptJacobian, ServesAsLongAsItDoes) {
  for (const std::string method : {"sdirk2", "sdirk4", "radau5"}) {
    EXPECT_EQ(solved(method, 0).jacobians, 1) << method;
    const Counts bent = solved(method, 400);
    EXPECT_GT(bent.jacobians, 1) << method;
    EXPECT_LT(bent.jacobians, (bent.solution.accepted + bent.solution.rejected) / 2) << method;
  }
}

}  // namespace
}  // namespace cotan

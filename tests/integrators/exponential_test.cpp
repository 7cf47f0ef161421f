#include "integrators/exponential.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "integrators/integrator.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::measured_order;
using testing_checks::near;
using testing_checks::random_tensor;

State points(const at::Tensor& x) {
  return State({{"x", On::points, x}});
}

// Against the integral phi_k(z) = int_0^1 e^((1 - s) z) s^(k - 1) / (k - 1)! ds, by Gauss and Legendre's 5 points on
// 200 intervals; near 0, where the closed form loses all digits, too.
double phi_by_quadrature(int k, double z) {
  const double x[] = {0, 0.5384693101056831, 0.9061798459386640},
               w[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
  double sum = 0;
  constexpr int kIntervals = 200;
  for (int i = 0; i < kIntervals; ++i) {
    for (int j = -2; j <= 2; ++j) {
      const double s = (i + 0.5 + (j < 0 ? -0.5 : 0.5) * x[std::abs(j)]) / kIntervals;
      sum += w[std::abs(j)] / 2 / kIntervals * std::exp((1 - s) * z) * std::pow(s, k - 1) / std::tgamma(k);
    }
  }
  return sum;
}

TEST(Phi, IsItsIntegral) {
  for (const double z : {-50.0, -3.0, -1.0001, -0.9999, -1e-3, -1e-9, 0.0, 1e-12, 0.5, 2.0}) {
    for (int k = 1; k <= 3; ++k) {
      const double found = phi(k, at::full({1}, z, at::kDouble)).item<double>(), expected = phi_by_quadrature(k, z);
      EXPECT_NEAR(found, expected, 2e-13 * expected) << "phi_" << k << "(" << z << ")";
    }
  }
}

// The matrix functions of a symmetric, of a general and of a singular matrix: by phi_k+1 = (phi_k - 1 / k!) / A and at
// 0.
TEST(MatrixPart, MeetsTheRecurrence) {
  const State v = points(random_tensor({5, 2}));
  const at::Tensor a = random_tensor({10, 10}, 2);
  const at::Tensor singular = at::eye(10, at::kDouble).roll(1, 0).triu(1);  // nilpotent: not diagonalisable
  for (const at::Tensor& matrix : {a, a + a.t(), singular}) {
    const LinearPart part = matrix_part(matrix, v);
    double factorial = 1;
    for (int k = 0; k < 3; ++k) {
      factorial *= std::max(k, 1);
      const State left = axpy(part.phi(k, 0.3, v), -1 / factorial, v);
      const State right = scaled(part.apply(part.phi(k + 1, 0.3, v)), 0.3);
      EXPECT_TRUE(at::allclose(left["x"], right["x"], 1e-12, 1e-13)) << k;
      EXPECT_TRUE(near(part.phi(k, 1e-9, v)["x"], v["x"] / factorial, 1e-7)) << k;
    }
  }
}

TEST(MatrixPart, ADiagonalIsAMatrix) {
  const State rates = points(-random_tensor({5, 2}).square() * 30), v = points(random_tensor({5, 2}, 3));
  const LinearPart diagonal = diagonal_part(rates), matrix = matrix_part(at::diag(rates["x"].reshape({-1})), v);
  for (int k = 0; k <= 3; ++k) EXPECT_TRUE(near(diagonal.phi(k, 0.7, v)["x"], matrix.phi(k, 0.7, v)["x"], 1e-13)) << k;
}

// A reaction with diffusion on a ring, at rates up to 200 / s and steps up to 1/10 s, which no explicit method bears:
// the linear part costs no order, and where there is nothing else a step is exact.
TEST(Etd, StiffDiffusionCostsNoOrder) {
  const at::Tensor one = at::eye(32, at::kDouble),
                   laplacian = 50 * (at::roll(one, 1, 0) + at::roll(one, -1, 0) - 2 * one);
  const at::Tensor start = 0.5 + 0.3 * at::cos(at::arange(32, at::kDouble) * (2 * M_PI / 32)).unsqueeze(1);
  Rate rate = [=](double, const State& u) {
    return points(at::mm(laplacian, u["x"]) + u["x"] * (1 - u["x"].square()));
  };
  rate.linear = matrix_part(laplacian, points(start));
  const auto run = [&](const std::string& name, int steps) {
    State u = points(start);
    for (int k = 0; k < steps; ++k) u = make_integrator(name)->step(rate, 1.0 * k / steps, 1.0 / steps, u).u;
    return u["x"];
  };
  const at::Tensor truth = run("etdrk4", 640);
  for (const auto& [name, order] : {std::pair("etdrk2", 2.0), std::pair("etdrk4", 4.0)}) {
    std::vector<double> h, error;
    for (const int steps : {10, 20, 40}) {
      h.push_back(1.0 / steps);
      error.push_back((run(name, steps) - truth).abs().max().item<double>());
    }
    EXPECT_GT(measured_order(h, error), order - 0.3) << name;
    rate.whole.f = [=](double, const State& u) { return points(at::mm(laplacian, u["x"])); };
    EXPECT_TRUE(near(run(name, 1), at::mm(at::linalg_matrix_exp(laplacian), start), 1e-10)) << name;
    rate.whole.f = [=](double, const State& u) {
      return points(at::mm(laplacian, u["x"]) + u["x"] * (1 - u["x"].square()));
    };
  }
}

}  // namespace
}  // namespace cotan

// advection_diffusion against an independent dense reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using test::advance;
using test::input_from;

// A second implementation, as plain as can be: dense matrices, gradients of triangles by their edges, mass by the
// formula for linear triangles, constant coefficients, Gaussian elimination.
struct DenseReference {
  std::size_t n;
  std::vector<double> mass, stiffness, load;

  DenseReference(const Mesh& mesh, double bx, double by, double kappa, double sigma, double f)
      : n(mesh.num_points()), mass(n * n), stiffness(n * n), load(n) {
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      const auto nodes = mesh.cell(c);
      double gx[3], gy[3], along[3], turned = 0;
      const auto x = [&](int a, int k) { return mesh.point(nodes[a % 3])[k]; };
      const double twice = (x(1, 0) - x(0, 0)) * (x(2, 1) - x(0, 1)) - (x(2, 0) - x(0, 0)) * (x(1, 1) - x(0, 1));
      for (int a = 0; a < 3; ++a) {
        gx[a] = (x(a + 1, 1) - x(a + 2, 1)) / twice;
        gy[a] = (x(a + 2, 0) - x(a + 1, 0)) / twice;
        along[a] = bx * gx[a] + by * gy[a];
        turned += std::abs(along[a]);
      }
      const double speed = std::sqrt(bx * bx + by * by), h = 2 * speed / turned, area = twice / 2;
      const double rate = 2 * speed / h, spread = 12 * kappa / (h * h);
      const double tau = speed * h / 2 / kappa > 1 ? 1 / std::sqrt(rate * rate + spread * spread + sigma * sigma) : 0;
      for (int a = 0; a < 3; ++a) {
        load[nodes[a]] += f * area * (1.0 / 3 + tau * along[a]);
        for (int b = 0; b < 3; ++b) {
          const std::size_t k = nodes[a] * n + nodes[b];
          const double product = area / 12 * (a == b ? 2 : 1) + tau * along[a] * area / 3;  // (w + tau b.grad w, phi)
          mass[k] += product;
          stiffness[k] += area / 3 * along[b] + tau * along[a] * along[b] * area + sigma * product +
                          kappa * area * (gx[a] * gx[b] + gy[a] * gy[b]);
        }
      }
    }
  }

  std::vector<double> step(double dt, const std::vector<double>& u, const std::vector<char>& fixed) const {
    std::vector<double> a(n * n), right(n);
    for (std::size_t i = 0; i < n; ++i) {
      right[i] = load[i];
      for (std::size_t j = 0; j < n; ++j) {
        a[i * n + j] = mass[i * n + j] / dt + stiffness[i * n + j] / 2;
        right[i] += (mass[i * n + j] / dt - stiffness[i * n + j] / 2) * u[j];
      }
      if (fixed[i]) {
        for (std::size_t j = 0; j < n; ++j) a[i * n + j] = i == j;
        right[i] = u[i];
      }
    }
    return eliminate(std::move(a), std::move(right));
  }

  std::vector<double> eliminate(std::vector<double> a, std::vector<double> b) const {
    for (std::size_t k = 0; k < n; ++k) {
      std::size_t pivot = k;
      for (std::size_t i = k; i < n; ++i) {
        if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
      }
      std::swap(b[k], b[pivot]);
      std::swap_ranges(&a[k * n], &a[k * n] + n, &a[pivot * n]);
      for (std::size_t i = k + 1; i < n; ++i) {
        const double factor = a[i * n + k] / a[k * n + k];
        for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
        b[i] -= factor * b[k];
      }
    }
    for (std::size_t k = n; k-- > 0;) {
      for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
      b[k] /= a[k * n + k];
    }
    return b;
  }
};

TEST(Transport, AgreesWithADenseReferencePointByPoint) {
  const Mesh mesh = jiggled(rectangle(9, 7), 0.25, 6);
  for (const double kappa : {0.2, 0.004}) {
    std::ostringstream text;
    text << "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: " << kappa
         << "}\noptions: {velocity: [0.8, -0.5], reaction: 0.3, source: 1.7}\n"
         << "initial: {u: \"sin(3*x) + y\"}\nboundary: {left: {u: \"sin(3*x) + y\"}}";
    const auto setup = make_advection_diffusion(input_from(mesh, text.str()));
    const DenseReference reference(mesh, 0.8, -0.5, kappa, 0.3, 1.7);
    std::vector<char> fixed(mesh.num_points(), 0);
    for (const Index p : mesh.points_of("left")) fixed[p] = 1;
    auto u = test::point_values(mesh, "sin(3*x) + y", 0);
    for (int k = 0; k < 5; ++k) u = reference.step(0.03, u, fixed);
    EXPECT_LT(test::largest_difference(advance(setup, 0.03, 5), u), 1e-12) << "diffusivity " << kappa;
  }
}

}  // namespace
}  // namespace cotan

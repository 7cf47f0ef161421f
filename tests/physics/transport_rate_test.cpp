#include "physics/transport_rate.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "integrators/integrator.h"
#include "mesh/generate.h"
#include "tests/checks.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using testing_checks::measured_order;

// Flow through a square with a moving inflow value, a Robin side and a source that depends on time.
const std::string kCase =
    "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 0.05}\ntime: {step: 0.05, end: 1}\n"
    "options: {velocity: [0.5, '0.2'], source: 'sin(3*t)*x', reaction: 0.3, supg: 'off'}\ninitial: {u: 'cos(2*x)*y'}\n"
    "boundary:\n  left: {u: 'y + 0.5*sin(2*t)'}\n  right: {robin_coefficient: 0.5, robin_ambient: 'cos(t)'}\n";

ProblemSetup setup() {
  return make_advection_diffusion(test::input_from(rectangle(5, 5), kCase));
}

std::vector<double> by(const std::string& method, int steps) {
  return test::advance_by(setup(), method, steps);
}

// The rate is the theta method's equation: both tend to one solution, each at its order.
TEST(TransportRate, IsTheEquationThatTheThetaMethodSolves) {
  const auto truth = by("rk4", 1280);
  EXPECT_LT(test::largest_difference(test::advance(setup(), 1.0 / 640, 640), truth), 1e-5);
  for (const auto& [method, order] : {std::pair("backward_euler", 1.0), std::pair("crank_nicolson", 2.0),
                                      std::pair("sdirk2", 2.0), std::pair("ars222", 2.0), std::pair("bdf2", 2.0)}) {
    std::vector<double> h, error;
    for (const int steps : {20, 40, 80}) {
      h.push_back(1.0 / steps);
      error.push_back(test::largest_difference(by(method, steps), truth));
    }
    EXPECT_GT(measured_order(h, error), order - 0.3) << method;
    EXPECT_LT(error.back(), 0.02) << method;
  }
}

TEST(TransportRate, HoldsWhatIsPrescribed) {
  const Mesh mesh = rectangle(5, 5);
  const auto u = by("sdirk2", 20);
  for (Index p = 0; p < mesh.num_points(); ++p) {
    const auto x = mesh.point(p);
    if (x[0] == 0) {
      EXPECT_NEAR(u[p], x[1] + 0.5 * std::sin(2), 1e-13);
    }
  }
}

}  // namespace
}  // namespace cotan

// Systems of reactions and diffusion by other integrators than their own pair.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "integrators/integrator.h"
#include "mesh/generate.h"
#include "physics/problem.h"
#include "tests/checks.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using testing_checks::measured_order;

// Two fields that react and are carried by one another, a moving value, a Robin side, a flux and glued sides.
const std::string kCase =
    "mesh: none\nproblem: reaction_diffusion\ntime: {step: 0.05, end: 1}\ninitial: {u: 'cos(2*pi*x)*y', b: '1 + y'}\n"
    "options: {velocity: ['0.2*b', '0.1'], fields: {u: {diffusivity: 0.05, reaction: 'u - u^3 - b'}, "
    "b: {diffusivity: 0.02, capacity: 2, reaction: '0.3*(u - b) + sin(3*t)'}}}\n"
    "boundary:\n  left: {periodic: right}\n  bottom: {u: '0.5*sin(2*t)', b_flux: 'cos(t)'}\n"
    "  top: {b_robin_coefficient: 0.5, b_robin_ambient: 1}\n";

ProblemSetup setup() {
  return set_up_problem(test::input_from(rectangle(5, 5), kCase));
}

std::vector<double> by(const std::string& method, int steps) {
  return test::advance_by(setup(), method, steps);
}

// The rate is the equation that the pair solves: all tend to one solution, each at its order.
TEST(ReactionRate, IsTheEquationThatThePairSolves) {
  const auto truth = by("rk4", 640);
  EXPECT_LT(test::largest_difference(test::advance(setup(), 1.0 / 640, 640), truth), 1e-5);
  for (const auto& [method, order] : {std::pair("backward_euler", 1.0), std::pair("crank_nicolson", 2.0),
                                      std::pair("sdirk2", 2.0), std::pair("ars222", 2.0)}) {
    std::vector<double> h, error;
    for (const int steps : {20, 40, 80}) {
      h.push_back(1.0 / steps);
      error.push_back(test::largest_difference(by(method, steps), truth));
    }
    EXPECT_GT(measured_order(h, error), order - 0.3) << method;
    EXPECT_LT(error.back(), 0.02) << method;
  }
}

TEST(ReactionRate, HoldsWhatIsPrescribedAndGluesSides) {
  const Mesh mesh = rectangle(5, 5);
  ProblemSetup problem = setup();
  const RatedProblem rated = problem.rated();
  const System system = method_of_lines(make_integrator("sdirk2"), rated.rate, rated.prescribed);
  State state = system.lift({{problem.initial}});
  for (int k = 0; k < 10; ++k) state = system.step(0.05 * k, 0.05, state);
  const at::Tensor a = system.view(state)["u"], b = system.view(state)["b"];
  for (Index p = 0; p < mesh.num_points(); ++p) {
    const auto x = mesh.point(p);
    if (x[1] == 0) {
      EXPECT_NEAR(a[p].item<double>(), 0.5 * std::sin(1), 1e-13);
    }
    for (Index q = 0; q < mesh.num_points(); ++q) {
      const auto y = mesh.point(q);
      if (x[0] == 0 && y[0] == 1 && x[1] == y[1]) {
        EXPECT_EQ(b[p].item<double>(), b[q].item<double>());
      }
    }
  }
}

}  // namespace
}  // namespace cotan

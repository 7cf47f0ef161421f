#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "integrators/integrator.h"
#include "tests/checks.h"
#include "tests/mechanics.h"

namespace cotan {
namespace {

using mechanics::energy_errors;
using mechanics::Mechanics;
using mechanics::pendulum;
using mechanics::springs;
using mechanics::state;
using testing_checks::near;
using testing_checks::random_tensor;

// The energy errs, but its error does not grow; that of RK4, small at first, does, step by step.
TEST(Symplectic, TheEnergysErrorDoesNotGrow) {
  for (const Mechanics& m : {pendulum(), springs(6)}) {
    for (const std::string method : {"symplectic_euler", "stormer_verlet", "yoshida4", "suzuki4"}) {
      const auto [first, last] = energy_errors(method, m, 0.1, 3000);
      EXPECT_LT(last, 1.5 * first) << method;
      EXPECT_LT(first, method == "symplectic_euler" ? 0.5 : 0.05) << method;
    }
    const auto [first, last] = energy_errors("rk4", m, 0.1, 3000);
    EXPECT_GT(last, 5 * first);
  }
}

// q' = S p, p' = -S q with S symmetric keeps |q|^2 + |p|^2: the implicit midpoint rule too, to round-off; others not.
TEST(Symplectic, TheImplicitMidpointRuleKeepsQuadraticInvariants) {
  const at::Tensor half = random_tensor({4, 4}), s = half + half.t();
  const Rhs f = [s](double t, const State& u) {
    const double w = 1 + 0.5 * std::sin(t);
    return u.with("q", w * at::mm(s, u["p"])).with("p", -w * at::mm(s, u["q"]));
  };
  const auto drift = [&](const std::string& method) {
    State u = state(random_tensor({4, 2}, 3), random_tensor({4, 2}, 4));
    const auto size = [](const State& v) { return (v["q"].square().sum() + v["p"].square().sum()).item<double>(); };
    const double start = size(u);
    for (int k = 0; k < 200; ++k) u = make_integrator(method)->step(f, 0.05 * k, 0.05, u).u;
    return std::abs(size(u) / start - 1);
  };
  EXPECT_LT(drift("implicit_midpoint"), 2e-13);
  EXPECT_GT(drift("crank_nicolson"), 1e-5);  // conjugate to the midpoint rule: near, not equal
  EXPECT_GT(drift("rk4"), 1e-5);
}

// A step there and one back is the identity, for the symmetric ones.
TEST(Symplectic, SymmetricMethodsGoBackWhereTheyCameFrom) {
  const Mechanics m = springs(6);
  for (const std::string method : {"stormer_verlet", "yoshida4", "suzuki4", "implicit_midpoint"}) {
    const auto integrator = make_integrator(method);
    const State back = integrator->step(m.rate, 0.1, -0.1, integrator->step(m.rate, 0, 0.1, m.start).u).u;
    EXPECT_TRUE(near(back["q"], m.start["q"], 1e-13)) << method;
    EXPECT_TRUE(near(back["p"], m.start["p"], 1e-13)) << method;
  }
}

// M' J M = J for the derivative M of a step.
TEST(Symplectic, StepsAreSymplecticMaps) {
  const Mechanics m = springs(6);
  const at::Tensor start = random_tensor({2, 2, 2}, 7);
  for (const std::string method :
       {"symplectic_euler", "stormer_verlet", "yoshida4", "suzuki4", "implicit_midpoint", "rk4"}) {
    const at::Tensor x = start.reshape({-1}).clone().requires_grad_(true);
    const State end =
        make_integrator(method)
            ->step(m.rate, 0, 0.2, state(x.narrow(0, 0, 4).reshape({2, 2, 1}), x.narrow(0, 4, 4).reshape({2, 2, 1})))
            .u;
    const at::Tensor y = at::cat({end["q"].reshape({-1}), end["p"].reshape({-1})});
    std::vector<at::Tensor> rows;
    for (int i = 0; i < 8; ++i) rows.push_back(torch::autograd::grad({y[i]}, {x}, {}, true)[0]);
    const at::Tensor map = at::stack(rows), one = at::eye(4, at::kDouble), none = at::zeros({4, 4}, at::kDouble);
    const at::Tensor j = at::cat({at::cat({none, one}, 1), at::cat({-one, none}, 1)});
    const double difference = (at::mm(map.t(), at::mm(j, map)) - j).abs().max().item<double>();
    EXPECT_EQ(difference < 1e-10, method != "rk4") << method << ": " << difference;
  }
}

// Damping alone is exact, whatever the step; each component has its own.
TEST(Symplectic, DampingIsExact) {
  Rate rate = [](double, const State& u) {
    return u.with("q", at::zeros_like(u["q"])).with("p", -at::tensor({0.5, 3.0}, at::kDouble) * u["p"]);
  };
  rate.conjugate = Conjugate{{{"q", "p"}}, {{"p", at::tensor({0.5, 3.0}, at::kDouble)}}};
  const State start = state(at::zeros({3, 2}, at::kDouble), at::ones({3, 2}, at::kDouble));
  const at::Tensor expected = at::exp(-2 * at::tensor({0.5, 3.0}, at::kDouble)).expand({3, 2});
  for (const std::string method : {"symplectic_euler", "stormer_verlet", "yoshida4"}) {
    EXPECT_TRUE(near(make_integrator(method)->step(rate, 0, 2, start).u["p"], expected, 1e-14)) << method;
  }
}

// One force a step where the last one is handed on and the drift is given apart.
TEST(Symplectic, TheForceAtTheEndServesTheNextStep) {
  Mechanics m = pendulum();
  const auto forces = std::make_shared<std::int64_t>(0);
  m.rate.conjugate->kick = [forces](double, const State& u) { return ++*forces, u.with("p", -at::sin(u["q"])); };
  energy_errors("stormer_verlet", m, 0.1, 50);
  EXPECT_EQ(*forces, 51);
  State u = m.start;
  for (int k = 0; k < 50; ++k) u = make_integrator("stormer_verlet")->step(m.rate, 0.1 * k, 0.1, u).u;
  EXPECT_EQ(*forces, 151);
}

TEST(Symplectic, EntriesOutsideOfThePairsAreRefused) {
  const Mechanics m = pendulum();
  const State more = m.start.with("temperature", On::points, at::ones({1, 1}, at::kDouble));
  EXPECT_THROW(make_integrator("stormer_verlet")->step(m.rate, 0, 0.1, more), InputError);
  const State carried = m.start.with("role", On::points, at::ones({1, 1}, at::kLong));
  EXPECT_NO_THROW(make_integrator("stormer_verlet")->step(m.rate, 0, 0.1, carried));
}

}  // namespace
}  // namespace cotan

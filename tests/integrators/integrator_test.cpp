#include "integrators/integrator.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/check.h"
#include "integrators/tableaux.h"
#include "tests/checks.h"

namespace cotan {

static void PrintTo(const Tableau& tableau, std::ostream* out) {
  *out << tableau.name;
}

namespace {

using testing_checks::measured_order;

at::Tensor row(std::initializer_list<double> values) {
  return at::tensor(std::vector<double>(values), at::kDouble).unsqueeze(0);
}

// Two entries that feed each other and the time: x' = -x y + sin t, y' = x - y cos t.
State coupled(double t, const State& u) {
  const at::Tensor &x = u["x"], &y = u["y"];
  return u.with("x", -x * y + std::sin(t)).with("y", x - y * std::cos(t));
}

State coupled_start() {
  return State({{"x", On::points, row({1})}, {"y", On::whole, row({0.5})}});
}

class Tableaux : public testing::TestWithParam<Tableau> {};

std::string name_of(const testing::TestParamInfo<Tableau>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(EveryRow, Tableaux, testing::ValuesIn(tableaux().begin(), tableaux().end()), name_of);

// A coefficient (i, j) of the lower triangle.
double coefficient(const Tableau& tableau, int i, int j) {
  if (i == j && tableau.implicit()) return tableau.diagonal[i];
  return i > j ? tableau.a[i * (i - 1) / 2 + j] : 0;
}

TEST_P(Tableaux, HaveConsistentShapesAndRowSums) {
  const Tableau& tableau = GetParam();
  const auto s = static_cast<std::size_t>(tableau.stages);
  ASSERT_EQ(tableau.a.size(), s * (s - 1) / 2);
  ASSERT_EQ(tableau.b.size(), s);
  ASSERT_EQ(tableau.c.size(), s);
  ASSERT_TRUE(tableau.b_low.empty() || tableau.b_low.size() == s);
  ASSERT_TRUE(tableau.diagonal.empty() || tableau.diagonal.size() == s);
  for (int i = 0; i < tableau.stages; ++i) {
    double sum = 0;
    for (int j = 0; j <= i; ++j) sum += coefficient(tableau, i, j);
    EXPECT_NEAR(sum, tableau.c[i], 1e-14) << "row " << i;
  }
}

// Quadrature and chain conditions: sum b c^(k-1) = 1/k, and b A^(k-2) c = 1/k!, for k up to the order.
TEST_P(Tableaux, MeetOrderConditions) {
  const Tableau& tableau = GetParam();
  const auto check = [&](std::span<const double> b, int order) {
    std::vector<double> chain(tableau.stages, 1.0);  // A^(k-1) times ones
    double factorial = 1;
    for (int k = 1; k <= order; ++k) {
      factorial *= k;
      double quadrature = 0, chained = 0;
      for (int i = 0; i < tableau.stages; ++i) {
        quadrature += b[i] * std::pow(tableau.c[i], k - 1);
        chained += b[i] * chain[i];
      }
      EXPECT_NEAR(quadrature, 1.0 / k, 1e-13) << "sum b c^" << k - 1;
      EXPECT_NEAR(chained, 1 / factorial, 1e-13) << "b A^" << k - 1 << " 1";
      std::vector<double> next(tableau.stages, 0.0);
      for (int i = 0; i < tableau.stages; ++i) {
        for (int j = 0; j <= i; ++j) next[i] += coefficient(tableau, i, j) * chain[j];
      }
      chain = next;
    }
  };
  check(tableau.b, tableau.order);
  if (!tableau.b_low.empty()) check(tableau.b_low, tableau.order - 1);
}

// Between the ends: sum b(theta) c^(k-1) = theta^k / k up to the order there, and the step itself at theta = 1.
TEST_P(Tableaux, MeetOrderConditionsBetweenTheEnds) {
  const Tableau& tableau = GetParam();
  if (tableau.dense.empty()) return;
  const auto stages = static_cast<std::size_t>(tableau.stages), degree = tableau.dense.size() / stages;
  ASSERT_EQ(tableau.dense.size(), stages * degree);
  const auto weight = [&](std::size_t i, double theta) {
    double sum = 0;
    for (std::size_t k = 0; k < degree; ++k) sum += tableau.dense[i * degree + k] * std::pow(theta, k + 1);
    return sum;
  };
  for (const double theta : {0.2, 0.5, 0.9, 1.0}) {
    for (int k = 1; k <= tableau.dense_order; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < stages; ++i) sum += weight(i, theta) * std::pow(tableau.c[i], k - 1);
      EXPECT_NEAR(sum, std::pow(theta, k) / k, 1e-13) << "theta " << theta << ", power " << k - 1;
    }
  }
  for (std::size_t i = 0; i < stages; ++i) EXPECT_NEAR(weight(i, 1), tableau.b[i], 1e-13) << i;
}

// The last stage is the slope at the end, and a given first slope changes nothing.
TEST_P(Tableaux, HandOnTheirSlope) {
  const auto method = make_integrator(GetParam().name);
  const State start = coupled_start(), slope = coupled(0.3, start);
  const Step whole = method->step(coupled, 0.3, 0.1, start),
             given = method->step(coupled, 0.3, 0.1, start, {.slope = &slope});
  EXPECT_TRUE(at::equal(whole.u["x"], given.u["x"]));
  EXPECT_EQ(whole.slope.has_value(), GetParam().first_same_as_last());
  if (!whole.slope) return;
  const double tolerance = GetParam().implicit() ? 1e-8 : 1e-14;  // implicit ones: what Newton's method left
  EXPECT_TRUE(testing_checks::near((*whole.slope)["y"], coupled(0.4, whole.u)["y"], tolerance));
}

// One step's estimate is the difference to a method of one order less: C h^order (1 + c h + ...), in which halving h
// measures the order to within c h / 2. The norm of the whole state is taken: one entry alone may have a C near 0 (x
// has, with Bogacki and Shampine's pair: C = -0.004 beside -0.04 for y, so that c = -13, and the estimate of x even
// changes its sign at h = 0.08). For the norm |c| is below 4 in every row.
TEST_P(Tableaux, EstimateTheirErrorAtItsOrder) {
  const Tableau& tableau = GetParam();
  const auto method = make_integrator(tableau.name);
  std::vector<double> h, estimate;
  for (const double dt : {0.02, 0.01, 0.005}) {
    const Step step = method->step(coupled, 0.3, dt, coupled_start());
    ASSERT_EQ(step.error.has_value(), !tableau.b_low.empty());
    if (!step.error) return;
    h.push_back(dt);
    estimate.push_back(std::hypot((*step.error)["x"].item<double>(), (*step.error)["y"].item<double>()));
  }
  EXPECT_NEAR(measured_order(h, estimate), tableau.order, 0.04);
}

// The derivative of a step in its start, through every stage.
TEST_P(Tableaux, PassGradients) {
  const auto method = make_integrator(GetParam().name);
  const auto step = [&](const at::Tensor& x) {
    const Rhs f = [](double t, const State& u) { return u.with("x", at::sin(u["x"]) * (1 + t)); };
    return method->step(f, 0.2, 0.3, State({{"x", On::points, x}})).u["x"];
  };
  EXPECT_TRUE(testing_checks::check_gradient(step, testing_checks::random_tensor({3, 2})));
}

TEST(Integrators, AnUnknownNameListsThem) {
  try {
    make_integrator("rk5");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("unknown integrator 'rk5'"), testing::HasSubstr("did you mean 'rk4'"),
                               testing::HasSubstr("euler, heun, ssprk3, midpoint")));
  }
}

// Entries that are not floating are carried along; entries of different row counts move together.
TEST(Integrators, MixedStates) {
  const State u({{"velocity", On::dofs, at::ones({5, 2}, at::kDouble)},
                 {"pressure", On::dofs, at::zeros({3, 1}, at::kDouble)},
                 {"cell", On::cells, at::zeros({4}, at::kDouble)},
                 {"material", On::cells, at::arange(4)}});
  const Rhs f = [](double, const State& s) {
    return s.with("velocity", -s["velocity"])
        .with("pressure", s["velocity"].slice(0, 0, 3).sum(1, true))
        .with("cell", at::ones({4}, at::kDouble))
        .with("material", at::zeros({4}, at::kLong));
  };
  const State next = make_integrator("rk4")->step(f, 0, 0.1, u).u;
  EXPECT_TRUE(testing_checks::near(next["velocity"], at::full({5, 2}, std::exp(-0.1), at::kDouble), 1e-7));
  EXPECT_TRUE(testing_checks::near(next["pressure"], at::full({3, 1}, 2 * (1 - std::exp(-0.1)), at::kDouble), 1e-6));
  EXPECT_TRUE(testing_checks::near(next["cell"], at::full({4}, 0.1, at::kDouble), 1e-14));
  EXPECT_TRUE(at::equal(next["material"], at::arange(4)));
}

}  // namespace
}  // namespace cotan

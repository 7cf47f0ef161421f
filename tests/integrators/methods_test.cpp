#include "integrators/methods.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/check.h"
#include "integrators/exponential.h"
#include "source_dir.h"
#include "tests/checks.h"

namespace cotan {

static void PrintTo(const Method& method, std::ostream* out) {
  *out << method.name;
}

namespace {

using testing_checks::measured_order;

at::Tensor row(std::initializer_list<double> values) {
  return at::tensor(std::vector<double>(values), at::kDouble).unsqueeze(0);
}

State conjugate_state(const at::Tensor& q, const at::Tensor& p) {
  return State({{"q", On::points, q}, {"p", On::points, p}});
}

constexpr std::int64_t kOscillators = 3;

// A driven and damped pendulum with a spring, in all the parts that methods ask for.
Rate pendulum() {
  Rate rate = [](double t, const State& u) {
    return u.with("q", u["p"]).with("p", -2 * u["q"] - at::sin(u["q"]) + std::cos(t) - 0.3 * u["p"]);
  };
  rate.conjugate = Conjugate{{{"q", "p"}}, {{"p", at::tensor({0.3}, at::kDouble)}}};
  rate.stiff =
      RatePart{[](double, const State& u) { return u.with("q", u["p"]).with("p", -2 * u["q"] - 0.3 * u["p"]); }};
  const at::Tensor one = at::eye(kOscillators, at::kDouble), none = at::zeros_like(one);
  rate.linear = matrix_part(
      at::cat({at::cat({none, one}, 1), at::cat({-2 * one, -0.3 * one}, 1)}),
      conjugate_state(at::zeros({1, kOscillators}, at::kDouble), at::zeros({1, kOscillators}, at::kDouble)));
  rate.noise = [](double, const State& u) { return scaled(u, 0); };
  rate.wiener = [](double, double dt, const State& u) { return axpy(scaled(u, 0), std::sqrt(dt), u); };
  return rate;
}
State pendulum_start() {
  return conjugate_state(row({1, -0.5, 0.1}), row({0.2, 0.7, 0}));
}

State solved(const Integrator& method, const Rate& f, State u, double end, int steps) {
  for (int k = 0; k < steps; ++k) u = method.step(f, k * end / steps, end / steps, u).u;
  return u;
}

class Methods : public testing::TestWithParam<Method> {};
std::string name_of(const testing::TestParamInfo<Method>& info) {
  return std::string(info.param.name);
}
INSTANTIATE_TEST_SUITE_P(EveryRow, Methods, testing::ValuesIn(methods().begin(), methods().end()), name_of);

TEST_P(Methods, ConvergeAtTheirOrder) {
  const Method& method = GetParam();
  EXPECT_EQ(method.integrator->order(), std::ceil(method.order));
  static const State truth = solved(*make_integrator("dormand_prince"), pendulum(), pendulum_start(), 2, 2000);
  std::vector<double> h, error;
  for (const int steps : {32, 64, 128}) {
    const State u = solved(*method.integrator, pendulum(), pendulum_start(), 2, steps);
    h.push_back(2.0 / steps);
    error.push_back(
        std::max((u["q"] - truth["q"]).abs().max().item<double>(), (u["p"] - truth["p"]).abs().max().item<double>()));
  }
  // without noise Euler and Maruyama's method is Euler's
  EXPECT_NEAR(measured_order(h, error), std::ceil(method.order), 0.15);
}

// On u' = -u up to the length of step that the row states, or however long.
double growth(const Method& method, double h) {
  Rate decay = [](double, const State& u) { return scaled(u, -1); };
  const State start({{"x", On::points, at::ones({1, 1}, at::kDouble)}});
  decay.stiff = decay.whole;
  decay.linear = diagonal_part(scaled(start, -1));
  decay.noise = decay.mild = [](double, const State& u) { return scaled(u, 0); };
  decay.wiener = [](double, double, const State& like) { return like; };
  return std::abs(method.integrator->step(decay, 0, h, start).u["x"].item<double>());
}

// An oscillator of frequency 1 after many steps.
double amplitude(const Method& method, double h) {
  Rate oscillator = [](double, const State& u) { return u.with("q", u["p"]).with("p", -u["q"]); };
  oscillator.conjugate = Conjugate{{{"q", "p"}}};
  const State end = solved(*method.integrator, oscillator, conjugate_state(row({1}), row({0})), h * 1000, 1000);
  return std::hypot(end["q"].item<double>(), end["p"].item<double>());
}

TEST_P(Methods, AreStableAsFarAsTheySay) {
  const Method& method = GetParam();
  if (method.family == Family::symplectic) {
    EXPECT_LT(amplitude(method, 0.99 * method.stable_to), 30);
    EXPECT_GT(amplitude(method, 1.01 * method.stable_to), 1e6);
  } else if (std::isinf(method.stable_to)) {
    for (const double h : {0.1, 3.0, 1e3, 1e6}) EXPECT_LE(growth(method, h), 1 + 1e-7) << h;
    EXPECT_EQ(growth(method, 1e6) < 1e-3, method.damps);
  } else {
    EXPECT_LE(growth(method, 0.999 * method.stable_to), 1);
    EXPECT_GT(growth(method, 1.001 * method.stable_to), 1);
    EXPECT_FALSE(method.damps);
  }
}

TEST_P(Methods, PassGradients) {
  const auto step = [&](const at::Tensor& x) {
    const State start = conjugate_state(x, at::cos(x));
    const State end = GetParam().integrator->step(pendulum(), 0.2, 0.3, start).u;
    return at::cat({end["q"], end["p"]});
  };
  EXPECT_TRUE(testing_checks::check_gradient(step, testing_checks::random_tensor({1, 3})));
}

std::string text_of(const std::string& path) {
  std::ifstream file(COTAN_SOURCE_DIR "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_P(Methods, StandInTheReferencesAndInTheirPage) {
  EXPECT_THAT(text_of("docs/references.bib"), testing::HasSubstr("{" + std::string(GetParam().cite) + ","));
  EXPECT_THAT(text_of("docs/integrators.md"), testing::HasSubstr("| `" + std::string(GetParam().name) + "` |"));
  EXPECT_FALSE(GetParam().about.empty());
}

TEST(MethodsTable, RefuseARateWithoutThePartsTheyNeed) {
  const Rate plain = [](double, const State& u) { return u; };
  for (const Method& method : methods()) {
    if (method.family == Family::explicit_stages || method.family == Family::implicit) continue;
    EXPECT_THROW(method.integrator->step(plain, 0, 0.1, pendulum_start()), InputError) << method.name;
  }
}

}  // namespace
}  // namespace cotan

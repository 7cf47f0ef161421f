// poisson and helmholtz against what is known: orders of convergence with a tensor and a scalar coefficient, exactness
// on linear functions, what balances, and an eigenvalue's resonance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/check.h"
#include "mesh/generate.h"
#include "physics/steady.h"
#include "tests/checks.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using test::input_from;
using testing_checks::measured_order;

std::vector<double> solution(const ProblemSetup& setup) {
  return test::column(setup.steady(direct_solver()));
}

std::string with(std::string text, const std::map<std::string, std::string, std::greater<>>& names) {
  for (const auto& [name, value] : names) {  // UXX before UX
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size() + 2)) {
      text.replace(at, name.size(), "(" + value + ")");
    }
  }
  return text;
}

// u = sin(2 x + 0.3) cos(2 y - 0.2) [cos z]; sides with a value, a flux, and a Robin condition.
const std::map<std::string, std::string, std::greater<>> kWave2 = {{"U0", "sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                                   {"UX", "2*cos(2*x + 0.3)*cos(2*y - 0.2)"},
                                                                   {"UY", "-2*sin(2*x + 0.3)*sin(2*y - 0.2)"},
                                                                   {"UXX", "-4*sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                                   {"UXY", "-4*cos(2*x + 0.3)*sin(2*y - 0.2)"}};
const std::map<std::string, std::string, std::greater<>> kWave3 = {{"U0", "sin(2*x + 0.3)*cos(2*y - 0.2)*cos(z)"},
                                                                   {"UX", "2*cos(2*x + 0.3)*cos(2*y - 0.2)*cos(z)"},
                                                                   {"UY", "-2*sin(2*x + 0.3)*sin(2*y - 0.2)*cos(z)"},
                                                                   {"UZ", "-sin(2*x + 0.3)*cos(2*y - 0.2)*sin(z)"}};

// k = [[2 + x, 0.5], [0.5, 1 + y]] in the plane: div(k grad u) = ux + (2 + x) uxx + uxy + uy + (1 + y) uyy, uyy = uxx
const std::string kTensor = R"yaml(
mesh: none
problem: poisson
options:
  k: [["2 + x", "0.5"], ["0.5", "1 + y"]]
  f: "-(UX + (2 + x)*UXX + UXY + UY + (1 + y)*UXX)"
boundary:
  left: {u: "U0"}
  bottom: {u: "U0"}
  top: {flux: "0.5*UX + (1 + y)*UY"}
  right: {robin_coefficient: "2 + y", robin_ambient: "U0 + ((2 + x)*UX + 0.5*UY)/(2 + y)"}
)yaml";
// k = 1 + x in space: div(k grad u) = ux - 9 (1 + x) u
const std::string kScalar = R"yaml(
mesh: none
problem: PROBLEM
options:
  k: "1 + x"
  f: "-UX + 9*(1 + x)*U0 - KAPPA^2*U0"
boundary:
  left: {u: "U0"}
  bottom: {u: "U0"}
  back: {u: "U0"}
  front: {flux: "(1 + x)*UZ"}
  top: {flux: "(1 + x)*UY"}
  right: {robin_coefficient: "2 + y", robin_ambient: "U0 + (1 + x)*UX/(2 + y)"}
)yaml";

void expect_second_order(const char* name, const std::function<Mesh(int)>& mesh, int coarse, const std::string& text,
                         const std::string& exact, ProblemSetup (*make)(const ProblemInput&)) {
  std::vector<double> h, error;
  for (int n = coarse; n <= 4 * coarse; n *= 2) {
    const Mesh cells = mesh(n);
    h.push_back(1.0 / n);
    error.push_back(test::l2_error(cells, solution(make(input_from(cells, text))), exact, 0));
  }
  EXPECT_NEAR(measured_order(h, error), 2, 0.15) << name << ": " << error[0] << " " << error[1] << " " << error[2];
  EXPECT_LT(error.back(), 0.005) << name;
}

TEST(Steady, IsOfSecondOrderInThePlane) {
  const std::string text = with(kTensor, kWave2);
  const std::string& exact = kWave2.at("U0");
  expect_second_order(
      "triangles", [](int n) { return jiggled(rectangle(n, n), 0.15, 3); }, 8, text, exact, make_poisson);
  expect_second_order(
      "quads",
      [](int n) {
        return rectangle(n, n, {1, 1}, CellType::quad);
      },
      8, text, exact, make_poisson);
  expect_second_order(
      "mixed", [](int n) { return jiggled(mixed_rectangle(n, n), 0.15, 3); }, 8, text, exact, make_poisson);
}

TEST(Steady, IsOfSecondOrderInSpace) {
  const std::string& exact = kWave3.at("U0");
  for (const bool waves : {false, true}) {
    std::string text = with(kScalar, kWave3);
    text = with(text, {{"KAPPA", waves ? "1.5" : "0"}});
    text.replace(text.find("PROBLEM"), 7, waves ? "helmholtz" : "poisson");
    if (waves) text.replace(text.find("options:"), 8, "options:\n  kappa: 1.5");
    const auto make = waves ? make_helmholtz : make_poisson;
    expect_second_order(
        "tetrahedra", [](int n) { return box(n, n, n); }, 4, text, exact, make);
    expect_second_order(
        "hexahedra",
        [](int n) {
          return box(n, n, n, {1, 1, 1}, CellType::hexa);
        },
        4, text, exact, make);
  }
}

TEST(Steady, IsExactOnLinearFunctions) {
  const std::string text =
      "mesh: none\nproblem: poisson\noptions: {k: [[2, 1], [0, 3]]}\n"
      "boundary:\n  left: {u: '1 + 2*x - y'}\n  bottom: {u: '1 + 2*x - y'}\n"
      "  right: {flux: 2*2 - 1}\n  top: {flux: -3}\n";
  const Mesh mesh = jiggled(mixed_rectangle(6, 5), 0.2, 1);
  const auto u = solution(make_poisson(input_from(mesh, text)));
  EXPECT_LT(test::largest_difference(u, test::point_values(mesh, "1 + 2*x - y", 0)), 1e-13);
}

// The mean picks one of the solutions with fluxes all around.
TEST(Steady, FixesTheMeanWhereNoSideDoes) {
  std::string text =
      "mesh: none\nproblem: poisson\noptions: {f: 'pi^2*cos(pi*x)', mean: 3}\nboundary:\n  left: {flux: 0}\n";
  std::vector<double> h, error;
  for (const int n : {8, 16, 32}) {
    const Mesh mesh = rectangle(n, n);
    const auto u = solution(make_poisson(input_from(mesh, text)));
    EXPECT_NEAR(test::integral(mesh, u), 3, 1e-12);
    h.push_back(1.0 / n);
    error.push_back(test::l2_error(mesh, u, "3 + cos(pi*x)", 0));
  }
  EXPECT_NEAR(measured_order(h, error), 2, 0.1);
  text.replace(text.find("pi^2"), 4, "1 + pi^2");
  EXPECT_THROW(solution(make_poisson(input_from(rectangle(8, 8), text))), InputError);
}

// All that sources bring goes out through the sides: the reactions there sum to the integral of f.
TEST(Steady, BalancesSourcesByRobinSides) {
  const std::string text =
      "mesh: none\nproblem: poisson\noptions: {k: '1 + x*y', f: 'exp(x)'}\n"
      "boundary:\n  left: {robin_coefficient: 2, robin_ambient: 0.5}\n  top: {robin_coefficient: y, robin_ambient: "
      "x}\n";
  const Mesh mesh = jiggled(rectangle(7, 9), 0.2, 2);
  const ProblemInput input = input_from(mesh, text);
  const auto u = solution(make_poisson(input));
  std::vector<double> inflow(u.size(), 0.0);
  std::vector<std::string> notes;
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  const Elliptic problem = read_elliptic(input, boundary, false, notes);
  Elliptic sides = problem;
  sides.k = {1e-300};
  sides.source = 0;
  const LinearSystem robin = assemble(mesh, point_matrix(mesh), sides);
  const auto out = multiply(robin.matrix, u);
  double sum = 0;
  for (std::size_t p = 0; p < u.size(); ++p) sum += out[p] - robin.right[p];
  double source = 0;
  Elliptic bare;
  bare.k = {1};
  bare.source = problem.source;
  for (const double value : assemble(mesh, point_matrix(mesh), bare).right) source += value;
  EXPECT_NEAR(sum, source, 1e-11);
}

// -u'' - kappa^2 u = 0 on a line, u = 0 and 1 at its ends: sin(kappa x) / sin(kappa), which grows without bound towards
// kappa = pi, where the exact problem has no solution.
TEST(Steady, GrowsTowardsAResonance) {
  const auto solve = [](double kappa, int n) {
    const std::string text = "mesh: none\nproblem: helmholtz\noptions: {kappa: " + std::to_string(kappa) +
                             "}\nboundary:\n  left: {u: 0}\n  right: {u: 1}\n";
    const Mesh mesh = rectangle(n, 1, {1, 1.0 / n}, CellType::quad);
    const auto u = solution(make_helmholtz(input_from(mesh, text)));
    return *std::max_element(u.begin(), u.end());
  };
  for (const double kappa : {3.0, 3.1}) EXPECT_NEAR(solve(kappa, 200) * std::sin(kappa), 1, 0.01) << kappa;
  EXPECT_GT(solve(3.14, 200), 100);
}

// At an eigenvalue of the discrete equation: insulated all around, a source that feeds its mode.
TEST(Steady, RefusesAResonance) {
  // linear elements on a line of n equal cells: kappa^2 = 6 / h^2 (1 - cos(pi h)) / (2 + cos(pi h))
  const int n = 4;
  const double c = std::cos(M_PI / n), kappa = std::sqrt(6.0 * n * n * (1 - c) / (2 + c));
  std::ostringstream text;
  text.precision(17);
  text << "mesh: none\nproblem: helmholtz\noptions: {kappa: " << kappa << ", f: 'cos(pi*x)'}\n"
       << "boundary:\n  left: {flux: 0}\n";
  const Mesh mesh = rectangle(n, 1, {1, 0.25}, CellType::quad);
  EXPECT_THROW(solution(make_helmholtz(input_from(mesh, text.str()))), NumericsError);
}

}  // namespace
}  // namespace cotan

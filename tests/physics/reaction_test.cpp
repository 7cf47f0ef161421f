// What systems of reaction and diffusion are made of, one piece at a time, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/check.h"
#include "core/random.h"
#include "mesh/generate.h"
#include "physics/convection.h"
#include "physics/spd_solver.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using ::testing::HasSubstr;

// mass + factor stiffness of linear elements, with the unknowns of a doubly periodic square.
struct Square {
  Mesh mesh = jiggled(rectangle(12, 12), 0.2, 4);
  std::vector<PeriodicPair> periodic = {{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};
  Unknowns unknowns = unknowns_of(mesh, periodic);

  SparseMatrix matrix(double factor) const {
    SparseMatrix at_points = point_matrix(mesh);
    for_each_cell(mesh, 2, [&](std::span<const Index> nodes, const CellValues& v) {
      std::vector<double> block(nodes.size() * nodes.size());
      for (int q = 0; q < v.num_points; ++q) {
        for (int a = 0; a < v.num_nodes; ++a) {
          for (int b = 0; b < v.num_nodes; ++b) {
            double slopes = 0;
            for (int k = 0; k < v.dim; ++k) slopes += v.gradient(q, a)[k] * v.gradient(q, b)[k];
            block[a * v.num_nodes + b] += v.weights[q] * (v.value(q, a) * v.value(q, b) + factor * slopes);
          }
        }
      }
      add_block(at_points, nodes, block);
    });
    return summed(unknowns, at_points);
  }
};

std::vector<double> numbers(std::size_t n, std::uint64_t seed) {
  const Random random(seed, purpose::test);
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = random.normal(i);
  return out;
}

TEST(Periodic, MatricesOfGluedSidesKeepConstantsAndVolume) {
  const Square square;
  const std::vector<double> ones(square.unknowns.size(), 1.0);
  const auto mass = multiply(square.matrix(0), ones), both = multiply(square.matrix(3), ones);
  double volume = 0;
  for (const double m : mass) volume += m;
  EXPECT_NEAR(volume, 1, 1e-13);
  EXPECT_LT(test::largest_difference(mass, both), 1e-13);  // no gradient of a constant, and no border
}

// By gradients while the matrix is near a mass matrix, by factors where it is not: the same solution, fixed rows kept.
TEST(SpdSolver, SolvesByEitherWay) {
  const Square square;
  const auto n = static_cast<std::size_t>(square.unknowns.size());
  std::vector<char> fixed(n, 0);
  fixed[3] = fixed[40] = 1;
  for (const double factor : {1e-4, 10.0}) {
    const SparseMatrix a = square.matrix(factor);
    SpdSolver solver(a, fixed);
    const auto b = numbers(n, 1);
    auto x = numbers(n, 2);
    const auto before = x;
    solver.solve(b, x);
    EXPECT_EQ(solver.has_factors(), factor > 1);
    const auto product = multiply(a, x);
    for (std::size_t i = 0; i < n; ++i) {
      if (fixed[i]) {
        EXPECT_EQ(x[i], before[i]);
      } else {
        EXPECT_NEAR(product[i], b[i], 1e-9);
      }
    }
    const int iterations = solver.iterations();
    solver.solve(b, x);  // nothing is left to do
    EXPECT_EQ(solver.iterations(), iterations);
  }
}

// Against the integral by a rule of high degree, on every kind of cell.
TEST(Convection, IsTheIntegralOverTheCells) {
  const std::vector<Mesh> meshes = {interval(7),
                                    jiggled(rectangle(5, 4), 0.3, 1),
                                    jiggled(mixed_rectangle(6, 4), 0.2, 3),
                                    jiggled(box(3, 3, 2), 0.2, 4),
                                    saddle_surface(4),
                                    jiggled(box(2, 2, 2, {1, 1, 1}, CellType::hexa), 0.15, 5)};
  for (const Mesh& mesh : meshes) {
    const auto n = static_cast<std::size_t>(mesh.num_points());
    std::vector<std::vector<double>> b, u = {numbers(n, 10), numbers(n, 11)}, out(2, std::vector<double>(n, 0.0));
    for (int k = 0; k < mesh.dim(); ++k) b.push_back(numbers(n, k));
    Convection(mesh, unknowns_of(mesh)).add(-2, b, u, out);
    std::vector<std::vector<double>> expected(2, std::vector<double>(n, 0.0));
    for_each_cell(mesh, 5, [&](std::span<const Index> nodes, const CellValues& v) {
      for (int q = 0; q < v.num_points; ++q) {
        for (int f = 0; f < 2; ++f) {
          double carried = 0;
          for (int k = 0; k < v.dim; ++k) {
            double speed = 0, slope = 0;
            for (int a = 0; a < v.num_nodes; ++a) {
              speed += v.value(q, a) * b[k][nodes[a]];
              slope += v.gradient(q, a)[k] * u[f][nodes[a]];
            }
            carried += speed * slope;
          }
          for (int a = 0; a < v.num_nodes; ++a) expected[f][nodes[a]] -= 2 * v.weights[q] * carried * v.value(q, a);
        }
      }
    });
    // distorted bricks: the rule is not exact there
    const double allowed = mesh.type(0) == CellType::hexa ? 0.02 : 1e-12;
    for (int f = 0; f < 2; ++f) EXPECT_LT(test::largest_difference(out[f], expected[f]), allowed);
  }
}

std::string refusal(const std::string& yaml) {
  try {
    set_up_problem(test::input_from(rectangle(3, 3), yaml));
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(Reaction, SaysWhatIsWrong) {
  const std::string gray = "mesh: none\nproblem: gray_scott\nparameters: {diffusivity_u: 1, diffusivity_v: 1, feed: 1";
  EXPECT_THAT(refusal(gray + "}"), HasSubstr("gray_scott needs kill"));
  EXPECT_THAT(refusal(gray + ", kill: 1, u: 2}"), HasSubstr("'u' is a field and a parameter"));
  EXPECT_THAT(refusal(gray + ", kill: 1}\nboundary: {left: {flux: 1}}"), HasSubstr("u_flux"));
  EXPECT_THAT(refusal(gray + ", kill: 1}\nboundary: {left: {u: 1, u_flux: 1}}"), HasSubstr("no effect"));
  EXPECT_THAT(refusal(gray + ", kill: 1}\nboundary: {left: {u_robin_ambient: 1}}"), HasSubstr("go together"));
  EXPECT_THAT(refusal(gray + ", kill: 1}\noptions: {sorce: {u: 1}}"), HasSubstr("source"));
  EXPECT_THAT(refusal(gray + ", kill: 1}\ninitial: {w: 1}"), HasSubstr("'w'"));
  EXPECT_THAT(refusal(gray + ", kill: 1}\ninitial: {u: \"1/(x - x)\"}"), HasSubstr("1/(x - x)"));
  EXPECT_THAT(refusal("mesh: none\nproblem: reaction_diffusion"), HasSubstr("options.fields"));
  const std::string general = "mesh: none\nproblem: reaction_diffusion\noptions: {fields: {u: {";
  EXPECT_THAT(refusal(general + "reaction: \"w\"}}}"), HasSubstr("reaction of u"));
  EXPECT_THAT(refusal(general + "reaction: \"log(u)\"}}}"), HasSubstr("where u = 0"));
  EXPECT_THAT(refusal(general + "diffusivity: \"t\"}}}"), HasSubstr("depends on t"));
  EXPECT_THAT(refusal(general + "diffusivity: \"-1\"}}}"), HasSubstr("at least 0"));
  EXPECT_THAT(refusal(general + "capacity: 0}}}"), HasSubstr("at least"));
  EXPECT_THAT(refusal(general + "diffusivity: 1}}, velocity: [1]}"),
              HasSubstr("1 formulas, expected one for each of 2"));
  EXPECT_THAT(refusal("mesh: none\nproblem: burgers\nparameters: {viscosity: 1}\nboundary: {left: {velocity: 1}}"),
              HasSubstr("2 expected"));
}

// A parameter of a named problem may be a formula; sources add to the reactions.
TEST(Reaction, TakesFormulasForParametersAndSources) {
  const Mesh mesh = rectangle(6, 6);
  const auto after = [&](const std::string& yaml) {
    return test::advance(set_up_problem(test::input_from(mesh, "mesh: none\n" + yaml)), 0.01, 5);
  };
  const auto named = after(
      "problem: allen_cahn\nparameters: {rate: 2, k: 0.1}\noptions: {width: \"k*(1 + x)\", source: {u: \"sin(y) + "
      "t\"}}\n"
      "initial: {u: \"x - y\"}");
  const auto general = after(
      "problem: reaction_diffusion\nparameters: {k: 0.1}\noptions: {fields: {u: {diffusivity: \"2*(k*(1 + x))^2\", "
      "reaction: \"2*(u - u^3) + sin(y) + t\"}}}\ninitial: {u: \"x - y\"}");
  EXPECT_LT(test::largest_difference(named, general), 1e-12);
}

}  // namespace
}  // namespace cotan

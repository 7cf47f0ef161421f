#include "physics/steady.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using test::input_from;
using ::testing::HasSubstr;

std::string of(const std::string& options, const std::string& boundary = "  left: {u: 0}\n",
               const std::string& problem = "poisson") {
  return "mesh: none\nproblem: " + problem + "\noptions: " + options + "\nboundary:\n" + boundary;
}

std::string refusal(const std::string& text) {
  try {
    const ProblemInput input = input_from(rectangle(3, 3), text);
    find_problem(input.spec.problem).make(input).steady(direct_solver());
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Steady, RefusesCasesThatItCannotSolve) {
  EXPECT_THAT(refusal(of("{}", "  left: {flux: 1}\n")), HasSubstr("say options.mean"));
  EXPECT_THAT(refusal(of("{mean: 0, f: 1}", "  left: {flux: 1}\n")), HasSubstr("bring 2 in all"));
  EXPECT_THAT(refusal(of("{mean: 0}")), HasSubstr("case.yaml:3: options.mean: the sides fix u already"));
  EXPECT_THAT(refusal(of("{k: '0.5 - x'}")),
              HasSubstr("gives -0.166667 at (0.666667, 0); expected a finite number, at least 0"));
  EXPECT_THAT(refusal(of("{k: [[1, 2], [2, 1]]}")), HasSubstr("options.k is not positive definite at ("));
  EXPECT_THAT(refusal(of("{k: [1, 2]}")), HasSubstr("expected one formula, or a tensor: 2 lists of 2"));
  EXPECT_THAT(refusal(of("{kappa: 1}")), HasSubstr("unknown key 'kappa'"));
  EXPECT_THAT(refusal(of("{}", "  left: {u: 0}\n", "helmholtz")), HasSubstr("kappa"));
  EXPECT_THAT(refusal(of("{k: 'g'}")), HasSubstr("g"));
  EXPECT_THAT(refusal("parameters: {g: 1}\n" + of("{random: {g: {random_fourier: {}}}, k: 'g'}")),
              HasSubstr("'g' is a parameter or coordinate already"));
  EXPECT_THAT(refusal("initial: {u: 1}\n" + of("{}")), HasSubstr("poisson is steady"));
  EXPECT_EQ(refusal(of("{}")), "");
}

// A coefficient by a formula in a random field: the same numbers to the solver and to the network.
TEST(Steady, DrawsCoefficientsFromRandomFields) {
  const std::string text = of("{random: {g: {random_fourier: {modes: 3}}}, k: 'exp(0.5*g)', f: 'a*x'}") +
                           "parameters: {a: {uniform: [1, 2]}}\n";
  const Mesh mesh = rectangle(8, 8);
  const ProblemSetup one = make_poisson(input_from(mesh, text, 1)), two = make_poisson(input_from(mesh, text, 2));
  ASSERT_EQ(one.static_fields.size(), 2u);
  EXPECT_EQ(one.static_fields[0].spec, (FieldSpec{"k", 1, On::points, ""}));
  EXPECT_EQ(one.static_fields[1].spec.name, "f");
  EXPECT_NE(one.static_fields[0].values, two.static_fields[0].values);
  EXPECT_EQ(one.static_fields[0].values, make_poisson(input_from(mesh, text, 1)).static_fields[0].values);
  double mean = 0, square = 0;
  for (const double k : one.static_fields[0].values) {
    mean += std::log(k) / 0.5 / 81;
    square += std::pow(std::log(k) / 0.5, 2) / 81;
  }
  EXPECT_LT(std::abs(mean), 0.5);
  EXPECT_NEAR(square, 1, 0.7);
  EXPECT_EQ(one.likeness.size(), 82u);
  EXPECT_NE(test::column(one.steady(direct_solver())), test::column(two.steady(direct_solver())));
}

// A formula in a field that is linear in x is the formula in x.
TEST(Steady, FieldsAreLinearWithinCells) {
  const Mesh mesh = jiggled(rectangle(4, 4), 0.2, 1);
  auto fields = std::make_shared<NodalFields>();
  (*fields)["g"] = test::point_values(mesh, "2*x - y", 0);
  const std::map<std::string, double> names = {{"a", 3}, {"g", 0}};
  const FieldCoefficient by_field(Expression::parse("a*g^2", case_variables(names)), {{"a", 3}}, fields, "here"),
      by_place(Expression::parse("3*(2*x - y)^2", case_variables({})), {}, nullptr, "here");
  std::vector<double> one, other;
  for_each_cell(mesh, 3, [&](std::span<const Index> nodes, const CellValues& v) {
    by_field.in_cell(nodes, v, one);
    by_place.in_cell(nodes, v, other);
    EXPECT_LT(test::largest_difference(one, other), 1e-13);
  });
}

TEST(Steady, SaysWhereWavesHaveFewPoints) {
  const auto notes = [](const std::string& kappa) {
    return make_helmholtz(input_from(rectangle(4, 4), of("{kappa: " + kappa + "}", "  left: {u: 0}\n", "helmholtz")))
        .notes;
  };
  EXPECT_THAT(notes("20"), ::testing::Contains(HasSubstr("only 0.889 points a wavelength")));
  EXPECT_THAT(notes("0.1"), ::testing::Not(::testing::Contains(HasSubstr("wavelength"))));
}

}  // namespace
}  // namespace cotan

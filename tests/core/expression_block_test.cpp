#include "core/expression_block.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace cotan {
namespace {

// Every operation, on arrays and single values mixed, over more than one block: the values of the scalar evaluation.
TEST(ExpressionBlock, GivesWhatOnePointAtATimeGives) {
  const std::vector<std::string> names = {"u", "v", "a"};
  const std::vector<std::string> formulas = {
      "u*v^2 - a*(1 - u)",
      "-u + v/a - 3",
      "u^3 + v^a + 2^u",
      "if(u < v, u, a) + if(a > 0, v, u)",
      "(u <= v) + (u >= v)*2 + (u == v) + (u != v) + (u > 0.5 && v > 0.5) + !(u > 0.2 || v < 0.1)",
      "sin(u) + cos(v)*tan(u) + asin(u/2) + acos(v/2) + atan(u) + atan2(u, v)",
      "sinh(u) + cosh(v) + tanh(a) + exp(-u) + log(1 + u) + log10(1 + v) + sqrt(v)",
      "abs(u - v) + sign(u - v) + floor(3*u) + min(u, v) + max(u, a) + step(u - 0.5) + pow(u, v)",
      "a^2 + 1",
      "7"};
  const Random random(3, purpose::test);
  constexpr std::size_t kPoints = 700;
  std::vector<double> u(kPoints), v(kPoints), out(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) u[i] = random.uniform(i), v[i] = random.uniform(kPoints + i);
  for (const auto& text : formulas) {
    const auto formula = Expression::parse(text, names);
    const std::vector<BlockValues> values = {u, v, 1.7};
    evaluate_block(formula, values, out);
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double expected = formula(std::vector<double>{u[i], v[i], 1.7});
      ASSERT_NEAR(out[i], expected, 1e-15 * (1 + std::abs(expected))) << text << " at " << i;
    }
  }
}

TEST(ExpressionBlock, NeedsNoVariablesForANumber) {
  std::vector<double> out(3);
  evaluate_block(Expression(2.5), {}, out);
  EXPECT_EQ(out, std::vector<double>(3, 2.5));
}

}  // namespace
}  // namespace cotan

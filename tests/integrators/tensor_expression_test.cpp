#include "integrators/tensor_expression.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::check_gradient;
using testing_checks::random_tensor;

const std::vector<std::string> kNames = {"x", "y", "t"};

/// Draws formulas of a given depth; every draw moves the index on.
class Formulas {
 public:
  explicit Formulas(std::uint64_t number) : random_(11, purpose::test, number) {}

  std::string any(int depth) {
    if (depth == 0) return leaf();
    switch (below(8)) {
      case 0:
        return "(" + any(depth - 1) + pick({" + ", " - ", "*", "/", "^"}) + any(depth - 1) + ")";
      case 1:
        return "(" + any(depth - 1) + pick({" < ", " <= ", " > ", " >= ", " == ", " != "}) + any(depth - 1) + ")";
      case 2:
        return "(" + any(depth - 1) + pick({" && ", " || "}) + any(depth - 1) + ")";
      case 3:
        return pick({"-", "!"}) + any(depth - 1);
      case 4:
        return "if(" + any(depth - 1) + ", " + any(depth - 1) + ", " + any(depth - 1) + ")";
      case 5:
        return pick({"atan2", "min", "max", "pow"}) + "(" + any(depth - 1) + ", " + any(depth - 1) + ")";
      default:
        return function() + "(" + any(depth - 1) + ")";
    }
  }

  /// Without kinks and singular points: what differences can check.
  std::string smooth(int depth) {
    if (depth == 0) return leaf();
    switch (below(4)) {
      case 0:
        return "(" + smooth(depth - 1) + pick({" + ", " - ", "*"}) + smooth(depth - 1) + ")";
      case 1:
        return pick({"sin", "cos", "tanh", "atan"}) + "(" + smooth(depth - 1) + ")";
      case 2:
        return "(" + smooth(depth - 1) + ")/(2 + cos(" + smooth(depth - 1) + "))";
      default:
        return "if(" + pick({"x", "y", "t"}) + " > 0.1, " + smooth(depth - 1) + ", " + smooth(depth - 1) + ")";
    }
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_.below(n, index_++); }
  std::string pick(const std::vector<std::string>& words) { return words[below(words.size())]; }
  std::string leaf() { return pick({"x", "y", "t", "0", "1", "2", "0.3", "pi"}); }
  std::string function() {
    return pick({"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log10", "sqrt",
                 "abs", "sign", "floor", "step"});
  }

  Random random_;
  std::uint64_t index_ = 0;
};

// Equal where both are finite, and the same infinity or not-a-number elsewhere.
void expect_same(const std::string& text, const std::vector<at::Tensor>& variables) {
  const Expression formula = Expression::parse(text, kNames);
  const at::Tensor found = evaluate(formula, variables);
  const std::int64_t n = variables[0].size(0);
  ASSERT_EQ(found.sizes(), at::IntArrayRef({n})) << text;
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> values;
    for (const auto& v : variables) values.push_back((v.dim() ? v[i] : v).item<double>());
    const double expected = formula(values), value = found[i].item<double>();
    if (std::isfinite(expected)) {
      EXPECT_NEAR(value, expected, 1e-12 * std::max(1.0, std::abs(expected))) << text << " at row " << i;
    } else {
      EXPECT_TRUE(value == expected || (std::isnan(value) && std::isnan(expected)))
          << text << " at row " << i << ": " << value << ", expected " << expected;
    }
  }
}

TEST(TensorExpression, EqualsDoublesOnRandomFormulas) {
  at::Tensor x = random_tensor({12}, 1), y = random_tensor({12}, 2), t = at::full({}, 0.7, at::kDouble);
  x[0] = 0;  // where signs, steps and divisions show
  y[0] = 0;
  y[1] = x[1];
  x[2] = 1;
  for (int number = 0; number < 400; ++number) expect_same(Formulas(number).any(number % 5), {x, y, t});
}

TEST(TensorExpression, IsTheSameWhereGradientsAreRecorded) {
  const at::Tensor x = random_tensor({12}, 1), y = random_tensor({12}, 2), t = at::full({}, 0.7, at::kDouble);
  for (int number = 0; number < 200; ++number) {
    const Expression formula = Expression::parse(Formulas(number).any(3), kNames);
    const at::Tensor plain = evaluate(formula, {x, y, t});
    const at::Tensor recorded = evaluate(formula, {x.clone().requires_grad_(true), y, t}).detach();
    EXPECT_TRUE(at::allclose(plain, recorded, 1e-14, 0, /*equal_nan=*/true)) << formula.text();
  }
}

TEST(TensorExpression, GradientsMeetDifferences) {
  const at::Tensor x = random_tensor({5}, 1), y = random_tensor({5}, 2), t = at::full({}, 0.7, at::kDouble);
  for (int number = 0; number < 60; ++number) {
    const Expression formula = Expression::parse(Formulas(number).smooth(3), kNames);
    const auto in_x = [&](const at::Tensor& v) { return evaluate(formula, {v, y, t}) + 0 * v; };
    const auto in_t = [&](const at::Tensor& v) { return evaluate(formula, {x, y, v}) + 0 * v; };
    EXPECT_TRUE(!formula.uses("x") || check_gradient(in_x, x)) << formula.text();
    EXPECT_TRUE(!formula.uses("t") || check_gradient(in_t, t)) << formula.text();
  }
  for (const char* text :
       {"x^3", "x^y", "2^x", "sqrt(x)", "log(x)", "log10(x)", "exp(x)*tan(x)", "asin(x/9)", "acos(x/9)", "sinh(x)",
        "cosh(x)", "atan2(x, y)", "abs(x)", "min(x, y)", "max(x, y)", "x/y"}) {
    const Expression formula = Expression::parse(text, kNames);
    const auto in_x = [&](const at::Tensor& v) { return evaluate(formula, {v, y.abs() + 0.1, t}); };
    EXPECT_TRUE(check_gradient(in_x, x.abs() + 0.2)) << text;
  }
}

at::Tensor gradient(const char* text, const at::Tensor& at_x) {
  const at::Tensor x = at_x.clone().requires_grad_(true);
  const std::vector<std::string> names = {"x"};
  return testing_checks::weighted_gradient(
      [&](const at::Tensor& v) { return evaluate(Expression::parse(text, names), {v}); }, x, at::ones_like(at_x));
}

// The textbook trap: sin(x)/x guarded at 0. The other branch's infinite derivative must not come through.
TEST(TensorExpression, TheBranchNotTakenLeavesNoTrace) {
  const at::Tensor x = at::tensor({0.0, 2.0, -1.0}, at::kDouble);
  const at::Tensor sinc = (x.cos() * x - x.sin()) / (x * x);
  EXPECT_TRUE(testing_checks::near(gradient("if(x == 0, 1, sin(x)/x)", x), at::where(x == 0, 0.0, sinc), 1e-14));
  EXPECT_TRUE(at::equal(gradient("if(x > 0, sqrt(x), 0)", x), at::where(x > 0, 0.5 / x.abs().sqrt(), 0.0)));
  EXPECT_TRUE(at::equal(gradient("if(x > 0, if(x > 1, log(x), 0), 3*x)", x), at::tensor({3.0, 0.5, 3.0}, at::kDouble)));
  EXPECT_TRUE(at::equal(gradient("if(if(x < 0, 1, 0), x^2, x)", x), at::tensor({1.0, 1.0, -2.0}, at::kDouble)));
  EXPECT_TRUE(at::equal(gradient("2*if(x > 5, 1/(x-x), x) + 1", x), at::full({3}, 2.0, at::kDouble)));
}

TEST(TensorExpression, BroadcastsAndKeepsTypeAndShape) {
  const at::Tensor x = random_tensor({4, 1}).to(at::kFloat), y = random_tensor({3}).to(at::kFloat);
  const at::Tensor t = at::full({}, 2.0, at::kDouble);
  const at::Tensor sum = evaluate(Expression::parse("x + t*y", kNames), {x, y, t});
  EXPECT_TRUE(testing_checks::near(sum, x + 2 * y, 1e-6));
  EXPECT_EQ(sum.scalar_type(), at::kFloat);
  for (const char* text : {"1", "t", "x < y", "if(t, 1, 2)"}) {
    for (const bool record : {false, true}) {
      const at::Tensor value = evaluate(Expression::parse(text, kNames), {x.clone().requires_grad_(record), y, t});
      EXPECT_EQ(value.sizes(), at::IntArrayRef({4, 3})) << text;
      EXPECT_EQ(value.scalar_type(), at::kFloat) << text;
    }
  }
  EXPECT_EQ(evaluate(Expression(3.0), {}).item<double>(), 3);
  EXPECT_EQ(evaluate(Expression::parse("if(x > 0, x, 1/x)", kNames), {x.slice(0, 0, 0), y.slice(0, 0, 1), t}).numel(),
            0);
}

}  // namespace
}  // namespace cotan

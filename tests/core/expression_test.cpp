#include "core/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "core/check.h"

namespace cotan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::vector<std::string> kNames = {"x", "y", "t"};

double at(const std::string& text, double x = 0, double y = 0, double t = 0) {
  return Expression::parse(text, kNames)(std::vector{x, y, t});
}

std::string message_of(const std::string& text, const std::vector<std::string>& names = kNames) {
  try {
    Expression::parse(text, names);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Expression, RanksOperatorsAsMathematicsDoes) {
  EXPECT_EQ(at("1 + 2*3"), 7);
  EXPECT_EQ(at("8 - 3 - 2"), 3);
  EXPECT_EQ(at("8 / 4 / 2"), 1);
  EXPECT_EQ(at("2^3^2"), 512);
  EXPECT_EQ(at("-x^2", 3), -9);
  EXPECT_EQ(at("(-x)^2", 3), 9);
  EXPECT_EQ(at("2^-1"), 0.5);
  EXPECT_EQ(at("-2^-x^2", 1), -0.5);
  EXPECT_EQ(at("2*-3 - -4 + +1"), -1);
  EXPECT_EQ(at("1 < 2 && 2 < 1 || 3 >= 3"), 1);
  EXPECT_EQ(at("1 || 0 && 0"), 1);
  EXPECT_EQ(at("!0 == 1"), 1);
  EXPECT_EQ(at("!x != 0", 5), 0);
  EXPECT_EQ(at("1 + 1 == 2"), 1);
  EXPECT_EQ(at("\t1\n+ 2 "), 3);
}

TEST(Expression, EveryFunctionIsThatOfTheLibrary) {
  const double x = 0.3, y = -1.7;
  EXPECT_EQ(at("sin(x)", x), std::sin(x));
  EXPECT_EQ(at("cos(x)", x), std::cos(x));
  EXPECT_EQ(at("tan(x)", x), std::tan(x));
  EXPECT_EQ(at("asin(x)", x), std::asin(x));
  EXPECT_EQ(at("acos(x)", x), std::acos(x));
  EXPECT_EQ(at("atan(x)", x), std::atan(x));
  EXPECT_EQ(at("atan2(y, x)", x, y), std::atan2(y, x));
  EXPECT_EQ(at("sinh(x)", x), std::sinh(x));
  EXPECT_EQ(at("cosh(x)", x), std::cosh(x));
  EXPECT_EQ(at("tanh(x)", x), std::tanh(x));
  EXPECT_EQ(at("exp(x)", x), std::exp(x));
  EXPECT_EQ(at("log(x)", x), std::log(x));
  EXPECT_EQ(at("log10(x)", x), std::log10(x));
  EXPECT_EQ(at("sqrt(x)", x), std::sqrt(x));
  EXPECT_EQ(at("abs(y)", x, y), 1.7);
  EXPECT_EQ(at("floor(y)", x, y), -2);
  EXPECT_EQ(at("min(x, y)", x, y), y);
  EXPECT_EQ(at("max(x, y)", x, y), x);
  EXPECT_EQ(at("pow(x, y)", x, y), std::pow(x, y));
  EXPECT_EQ(at("sign(x)", -3), -1);
  EXPECT_EQ(at("sign(x)", 0), 0);
  EXPECT_EQ(at("step(x)", 0), 1);
  EXPECT_EQ(at("step(x)", -1e-300), 0);
  EXPECT_EQ(at("if(x > y, 10, 20)", 1, 2), 20);
  EXPECT_EQ(at("cos(pi) + log(e)"), 0);
}

// The branch not taken may be anything, what is not a number never gets lost.
TEST(Expression, NotANumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(at("if(x == 0, 1, sin(x)/x)", 0), 1);
  for (const char* text : {"min(x, 1)", "min(1, x)", "max(x, 1)", "max(1, x)", "sign(x)", "abs(x)", "floor(x)"}) {
    EXPECT_TRUE(std::isnan(at(text, nan))) << text;
  }
}

TEST(Expression, ThePoiseuilleProfileOfTheHandbook) {
  const std::vector<std::string> names = {"x", "y", "z", "t", "H"};
  const auto inlet = Expression::parse("4*1.5*y*(H-y)/H^2", names);
  EXPECT_DOUBLE_EQ(inlet(std::vector{0., 0.205, 0., 0., 0.41}), 1.5);
  EXPECT_TRUE(inlet.uses("y") && inlet.uses("H"));
  EXPECT_FALSE(inlet.uses("x") || inlet.uses("no such"));
  EXPECT_FALSE(inlet.is_constant());
  EXPECT_EQ(inlet.text(), "4*1.5*y*(H-y)/H^2");
}

TEST(Expression, ConstantPartsAreComputedOnce) {
  EXPECT_EQ(Expression::parse("-2*sin(pi/6)^2 + if(1, 2, 3)", {}).program().size(), 1);
  EXPECT_EQ(Expression::parse("x*(2*pi)", kNames).program().size(), 3);
  EXPECT_EQ(Expression::parse("x + 1 + 2", kNames).program().size(), 5) << "left to right: rounding is the user's";
  EXPECT_TRUE(Expression::parse("1/3", kNames).is_constant());
  EXPECT_EQ(Expression(0.1)({}), 0.1);
  EXPECT_EQ(Expression::parse(Expression(0.1).text(), {})({}), 0.1);
  EXPECT_EQ(Expression()({}), 0);
}

TEST(Expression, AVariableHidesAConstantAndNamesOfFunctionsAreFree) {
  const std::vector<std::string> names = {"e", "step"};
  EXPECT_EQ(Expression::parse("e + step(-1) + step", names)(std::vector{5., 7.}), 12);
}

TEST(Expression, MessagesNameTheColumnAndWhatWasExpected) {
  EXPECT_THAT(message_of("1 + "), AllOf(HasSubstr("'1 + '"), HasSubstr("column 5"), HasSubstr("found the end")));
  EXPECT_THAT(message_of(""), AllOf(HasSubstr("column 1"), HasSubstr("a number, a name or '('")));
  EXPECT_THAT(message_of("2x"), AllOf(HasSubstr("column 2"), HasSubstr("an operator"), HasSubstr("'x'")));
  EXPECT_THAT(message_of("sin(x"), AllOf(HasSubstr("column 6"), HasSubstr("')', ','")));
  EXPECT_THAT(message_of("(x"), AllOf(HasSubstr("column 3"), HasSubstr("')'")));
  EXPECT_THAT(message_of("x) + 1"), AllOf(HasSubstr("column 2"), HasSubstr("found ')'")));
  EXPECT_THAT(message_of("x ** 2"), AllOf(HasSubstr("column 4"), HasSubstr("found '*'")));
  EXPECT_THAT(message_of("x = 1"), AllOf(HasSubstr("column 3"), HasSubstr("found '='")));
  EXPECT_THAT(message_of("1..2"), AllOf(HasSubstr("column 3"), HasSubstr("found '.'")));
  EXPECT_THAT(message_of("1e999"), AllOf(HasSubstr("column 1"), HasSubstr("a double")));
  EXPECT_THAT(message_of("x × 2"), AllOf(HasSubstr("column 3"), HasSubstr("found '×'")));
  EXPECT_THAT(message_of("0 < x < 1"), AllOf(HasSubstr("column 7"), HasSubstr("&&")));
}

TEST(Expression, UnknownNamesListWhatThereIs) {
  EXPECT_THAT(message_of("x + tt"), AllOf(HasSubstr("column 5"), HasSubstr("unknown variable 'tt'"),
                                          HasSubstr("did you mean 't'"), HasSubstr("x, y, t, pi, e")));
  EXPECT_THAT(message_of("sine(x)"), AllOf(HasSubstr("column 1"), HasSubstr("unknown function 'sine'"),
                                           HasSubstr("did you mean 'sin'"), HasSubstr("atan2")));
  EXPECT_THAT(message_of("2*sin"), AllOf(HasSubstr("column 3"), HasSubstr("sin is a function: write sin(")));
  EXPECT_THAT(message_of("atan2(x)"), AllOf(HasSubstr("column 1"), HasSubstr("takes 2 arguments, found 1")));
  EXPECT_THAT(message_of("sin()"), HasSubstr("takes 1 argument, found 0"));
  EXPECT_THAT(message_of("if(x, 1)"), HasSubstr("takes 3 arguments, found 2"));
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// At the limit the stack of the evaluation is as deep as it can get; beyond it the text is refused.
TEST(Expression, DeepNestingIsBounded) {
  const int deep = Expression::kMaxDepth - 1;
  const std::string level = "0||1&&0<1+1*2^(";
  EXPECT_EQ(at(repeated("(", deep) + "x" + repeated(")", deep), 4), 4);
  EXPECT_EQ(at(repeated("if(x,x,", deep) + "x" + repeated(")", deep), 0), 0);
  EXPECT_EQ(at(repeated("x||x&&x<x+x*x^(", deep / 2) + "x" + repeated(")", deep / 2), 0), 0);
  EXPECT_EQ(at(repeated("-", deep) + "x", 1), deep % 2 ? -1 : 1);
  for (const char* open : {"(", "-", "!", "sin(", "x^", "if(x,x,", "x||x&&x<x+x*x^("}) {
    EXPECT_THAT(message_of(repeated(open, 500)), HasSubstr("at most 100 levels")) << open;
  }
  EXPECT_EQ(at("0" + repeated("+1", 4000)), 4000) << "long is not deep";
  EXPECT_THAT(message_of(repeated("+1", 50000)), HasSubstr("100000 characters (at most 10000)"));
}

}  // namespace
}  // namespace cotan

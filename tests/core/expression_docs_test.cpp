// docs/expressions.md is run: its examples, its refusals, and that it names every function.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <regex>
#include <sstream>

#include "core/check.h"
#include "core/expression.h"
#include "core/files.h"
#include "source_dir.h"

namespace cotan {
namespace {

const std::vector<std::string> kNames = {"x", "y", "z", "t"};

std::string page() {
  return read_file(COTAN_SOURCE_DIR "/docs/expressions.md");
}

struct Line {
  std::string formula, says;
};

// Rows "| `formula` | text |" of the table under a heading of two columns.
std::vector<Line> rows_under(const std::string& heading) {
  std::istringstream text(page());
  std::vector<Line> rows;
  const std::regex row("\\| `(.*)` \\| (.*) \\|");
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    std::smatch match;
    if (line == heading) inside = true;
    if (line.empty()) inside = false;
    if (inside && std::regex_match(line, match, row)) rows.push_back({match[1], match[2]});
  }
  return rows;
}

TEST(ExpressionPage, ExamplesHaveTheirValues) {
  const auto rows = rows_under("| formula | value |");
  ASSERT_GE(rows.size(), 12);
  for (const auto& [formula, says] : rows) {
    double expected = 0;
    ASSERT_EQ(std::from_chars(says.data(), says.data() + says.size(), expected).ec, std::errc{}) << says;
    EXPECT_DOUBLE_EQ(Expression::parse(formula, kNames)(std::vector{0.5, 0.2, 0.0, 2.0}), expected) << formula;
  }
}

TEST(ExpressionPage, RefusalsHaveTheirReasons) {
  const auto rows = rows_under("| formula | because |");
  ASSERT_GE(rows.size(), 6);
  for (const auto& [formula, says] : rows) {
    try {
      Expression::parse(formula, kNames);
      ADD_FAILURE() << formula << " is taken";
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(says)) << formula;
    }
  }
}

TEST(ExpressionPage, NamesEveryFunctionAndConstant) {
  const std::string text = page();
  for (const auto& names : {expression_functions(), expression_constants()}) {
    for (const std::string& name : names) {
      EXPECT_TRUE(std::regex_search(text, std::regex("[` ]" + name + "[(` ]"))) << name;
    }
  }
}

}  // namespace
}  // namespace cotan

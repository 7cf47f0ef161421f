// A few thousand mutations of a small corpus, the same ones in each run: out of a parser comes a value or an
// InputError.
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "core/config.h"
#include "core/expression.h"
#include "core/random.h"

namespace cotan {
namespace {

const std::vector<std::string> kFormulas = {"4*1.5*y*(0.41-y)/0.41^2",
                                            "if(x > 0 && y <= 1 || !t, sin(pi*x), -e^-t)",
                                            "atan2(y, x) + min(x, max(y, 1e-3))",
                                            "((((x))))",
                                            "2^3^-x",
                                            "step(x - 0.5)*pow(abs(sign(y)), 0.5)"};

const std::vector<std::string> kTexts = {
    "mesh: channel.msh\nboundary:\n  inlet: {role: inflow, velocity: [\"4*y\", '0']}\n  walls:\n    role: wall\n",
    "a: &a {x: 1}\nb: *a\nc: [*a, ~, null, 'null', \"\\x41\\n\"]\n", "- 1\n- - 2\n  - 3\n- {a: b}\n",
    "text: |\n  two\n   lines\nfold: >-\n  one\n  two\n# comment\n? key\n: value\n",
    "%YAML 1.2\n---\na: !!str 1\n...\n"};

const std::vector<std::string> kPieces = {"(",
                                          ")",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          ":",
                                          ": ",
                                          ",",
                                          "\"",
                                          "'",
                                          "\n",
                                          "\n  ",
                                          "\t",
                                          "&a ",
                                          "*a",
                                          "- ",
                                          "? ",
                                          "!",
                                          "!!int ",
                                          "|",
                                          ">",
                                          "#",
                                          "%",
                                          "@",
                                          "---\n",
                                          "...\n",
                                          "<<: *a",
                                          "1e999",
                                          "if(",
                                          "^",
                                          "-",
                                          "&&",
                                          "==",
                                          "x",
                                          "\xff",
                                          "\xc3",
                                          "\xe2\x82\xac",
                                          "\xef\xbb\xbf",
                                          "\\",
                                          std::string(1, '\0'),
                                          "\x7f",
                                          "\r\n"};

/// Deletes, doubles, inserts and overwrites pieces of a text.
class Mutator {
 public:
  explicit Mutator(std::uint64_t number) : random_(2026, purpose::test, number) {}

  std::string from(const std::vector<std::string>& corpus) {
    std::string text = corpus[below(corpus.size())];
    for (std::uint64_t k = 1 + below(6); k > 0; --k) mutate(text, corpus);
    return text;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_.below(n, index_++); }

  void mutate(std::string& text, const std::vector<std::string>& corpus) {
    const std::size_t at = below(text.size() + 1);
    const std::string& other = corpus[below(corpus.size())];
    switch (below(6)) {
      case 0:
        text.erase(at, 1 + below(8));
        break;
      case 1:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size() + 1), 1 + below(20)));
        break;
      case 3:
        text.replace(at, below(4), kPieces[below(kPieces.size())]);
        break;
      case 4:
        text.insert(at, other.substr(below(other.size())));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
    }
  }

  Random random_;
  std::uint64_t index_ = 0;
};

TEST(Fuzz, ExpressionsEvaluateOrAreRefused) {
  const std::vector<std::string> names = {"x", "y", "t"};
  const std::vector<double> values = {0.3, -0.7, 1.5};
  int parsed = 0, refused = 0;
  for (int number = 0; number < 8000; ++number) {
    const std::string text = Mutator(number).from(kFormulas);
    try {
      const Expression formula = Expression::parse(text, names);
      const double value = formula(values);
      const double again = Expression::parse(formula.text(), names)(values);
      EXPECT_TRUE(value == again || (std::isnan(value) && std::isnan(again))) << text;
      ++parsed;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("column"), std::string::npos) << text;
      ++refused;
    }
  }
  EXPECT_GT(parsed, 200);
  EXPECT_GT(refused, 1000);
}

// What is read is also written and read again.
TEST(Fuzz, ConfigurationsReadBackOrAreRefused) {
  int parsed = 0, refused = 0;
  for (int number = 0; number < 4000; ++number) {
    const std::string text = Mutator(number).from(kTexts);
    try {
      const std::string echo = Config::parse_text(text).to_yaml();
      ++parsed;
      EXPECT_EQ(Config::parse_text(echo).to_yaml(), echo) << text;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("<text>"), std::string::npos) << text;
      ++refused;
    }
  }
  EXPECT_GT(parsed, 200);
  EXPECT_GT(refused, 1000);
}

TEST(Fuzz, OverridesAreTakenOrRefused) {
  const Config config = Config::parse_text(kTexts[0], "case.yaml");
  for (int number = 0; number < 1000; ++number) {
    Mutator mutator(number + 50000);
    const std::string key = mutator.from({"boundary.inlet.velocity.1", "mesh", "a.b.c"}), value = mutator.from(kTexts);
    try {
      Config::parse_text(config.with(key, value).to_yaml());
    } catch (const InputError&) {
    }
  }
}

}  // namespace
}  // namespace cotan

// Parameters that a case draws.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/mesh/case_text.h"

namespace cotan {
namespace {

using namespace testing_case;
using testing::HasSubstr;

// Ends whose difference or quotient is beyond a double.
TEST(Case, DrawsFromRangesAsWideAsDoublesAre) {
  const Case spec =
      parse("mesh: a\nparameters: {rate: {log_uniform: [1e-200, 1e200]}, shift: {uniform: [-1.5e308, 1.5e308]}}\n");
  double mean = 0;
  constexpr int draws = 400;
  for (int k = 0; k < draws; ++k) {
    const auto values = draw_parameters(spec, 3, k);
    EXPECT_TRUE(values.at("rate") >= 1e-200 && values.at("rate") <= 1e200) << values.at("rate");
    EXPECT_TRUE(std::abs(values.at("shift")) <= 1.5e308) << values.at("shift");
    mean += std::log10(values.at("rate")) / draws;
  }
  EXPECT_NEAR(mean, 0, 4 * 400 / std::sqrt(12.0 * draws));  // four standard errors of a uniform exponent
}

// Quantiles: of the normal distribution against its integral, of a choice in equal parts.
TEST(Case, DrawsFromDistributions) {
  const Case spec = parse("mesh: a\nparameters: {n: {normal: [3, 2]}, c: {choice: [5, 7, 7, 1]}, k: {choice: [4]}}\n");
  EXPECT_TRUE(spec.parameters.at("k").fixed());
  const auto& normal = spec.parameters.at("n");
  for (const double u : {1e-12, 1e-3, 0.2, 0.5, 0.7, 0.999, 1 - 1e-12}) {
    const double x = (normal.at(u) - 3) / 2;
    EXPECT_NEAR(0.5 * std::erfc(-x / std::sqrt(2.0)), u, 1e-14) << u;
  }
  EXPECT_TRUE(std::isfinite(normal.at(0)));
  std::map<double, int> counts;
  double mean = 0, square = 0;
  constexpr int kDraws = 4000;
  for (int k = 0; k < kDraws; ++k) {
    const auto values = draw_parameters(spec, 1, k);
    ++counts[values.at("c")];
    mean += values.at("n") / kDraws;
    square += std::pow(values.at("n") - 3, 2) / kDraws;
    EXPECT_EQ(values.at("k"), 4);
  }
  EXPECT_NEAR(mean, 3, 5 * 2 / std::sqrt(kDraws));
  EXPECT_NEAR(square, 4, 5 * 4 * std::sqrt(2.0 / kDraws));
  EXPECT_EQ(counts.size(), 3u);
  EXPECT_NEAR(counts[7], kDraws / 2, 160);
}

// Values in the order of the list, which change no draw of another parameter.
TEST(Case, TakesValuesInTurn) {
  const std::string drawn = "mesh: a\nparameters: {b: {uniform: [0, 1]}";
  const Case spec = parse(drawn + ", a: {in_turn: [3, 1, 4]}}\n"), without = parse(drawn + "}\n");
  const std::vector<double> expected = {3, 1, 4, 3, 1, 4, 3};
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const auto values = draw_parameters(spec, 5, k);
    EXPECT_EQ(values.at("a"), expected[k]) << k;
    EXPECT_EQ(values.at("b"), draw_parameters(without, 5, k).at("b")) << k;
  }
}

const std::string kThree = "mesh: a\nparameters: {a: {uniform: [0, 1]}, b: {uniform: [0, 1]}, c: {uniform: [0, 1]}}\n";

// Each part of each range once, in every block of N draws; each draw alone by seed and number.
TEST(Case, AHypercubeIsInEveryPartOnce) {
  const Case spec = parse(kThree + "draws: {latin_hypercube: 10}\n");
  for (const int block : {0, 1}) {
    std::map<std::string, std::set<int>> parts;
    for (int k = 0; k < 10; ++k) {
      for (const auto& [name, value] : draw_parameters(spec, 5, 10 * block + k)) parts[name].insert(int(10 * value));
    }
    for (const auto& [name, met] : parts) EXPECT_EQ(met.size(), 10u) << name;
  }
  const auto first = draw_parameters(spec, 5, 0);
  EXPECT_NE(first.at("a"), draw_parameters(spec, 6, 0).at("a"));
  EXPECT_NE(int(10 * first.at("a")) == int(10 * draw_parameters(spec, 5, 10).at("a")) &&
                int(10 * first.at("b")) == int(10 * draw_parameters(spec, 5, 10).at("b")) &&
                int(10 * first.at("c")) == int(10 * draw_parameters(spec, 5, 10).at("c")),
            true);
}

// The first 2^k points have one in each of 2^k parts of every range, and the first two ranges in each of the boxes of
// area 2^-k.
TEST(Case, SobolsSequenceIsANet) {
  const Case spec = parse(kThree + "draws: sobol\n");
  std::vector<std::map<std::string, double>> points;
  for (int k = 0; k < 64; ++k) points.push_back(draw_parameters(spec, 9, k));
  for (const char* name : {"a", "b", "c"}) {
    std::set<int> parts;
    for (const auto& point : points) parts.insert(int(64 * point.at(name)));
    EXPECT_EQ(parts.size(), 64u) << name;
  }
  for (int across = 0; across <= 6; ++across) {
    std::set<std::pair<int, int>> boxes;
    for (const auto& point : points)
      boxes.emplace(int((1 << across) * point.at("a")), int((64 >> across) * point.at("b")));
    EXPECT_EQ(boxes.size(), 64u) << across;
  }
}

TEST(Case, RefusesWrongDraws) {
  EXPECT_THAT(refusal(kThree + "draws: sobl\n"), HasSubstr("did you mean 'sobol'"));
  EXPECT_THAT(refusal(kThree + "draws: {latin_hypercube: 0}\n"), HasSubstr("at least 1"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {a: {normal: [0, -1]}}\n"), HasSubstr("deviation"));
  for (const std::string kind : {"choice", "in_turn"})
    EXPECT_THAT(refusal("mesh: a\nparameters: {a: {" + kind + ": []}}\n"), HasSubstr("a list of numbers"));
}

TEST(Parameters, AreDrawnBySeedAndDrawWithinTheirRanges) {
  const Case spec =
      parse("mesh: a\nparameters: {viscosity: 1.0e-3, speed: {uniform: [1, 2]}, rate: {log_uniform: [1e-4, 1e-2]}}\n");
  std::set<double> seen;
  double mean = 0, mean_log = 0;
  constexpr int n = 2000;
  for (int draw = 0; draw < n; ++draw) {
    const auto values = draw_parameters(spec, 7, draw);
    EXPECT_EQ(values, draw_parameters(spec, 7, draw));
    EXPECT_EQ(values.at("viscosity"), 1e-3);
    EXPECT_GE(values.at("speed"), 1);
    EXPECT_LE(values.at("speed"), 2);
    EXPECT_GE(values.at("rate"), 1e-4);
    EXPECT_LE(values.at("rate"), 1e-2);
    seen.insert(values.at("speed"));
    mean += values.at("speed") / n;
    mean_log += std::log10(values.at("rate")) / n;
  }
  EXPECT_EQ(seen.size(), n);
  EXPECT_NEAR(mean, 1.5, 4 / std::sqrt(12.0 * n));  // four deviations of the mean of uniform numbers
  EXPECT_NEAR(mean_log, -3, 4 * 2 / std::sqrt(12.0 * n));
  EXPECT_NE(draw_parameters(spec, 7, 0), draw_parameters(spec, 8, 0));
}

TEST(Parameters, AFixedOneMoreChangesNoDraw) {
  const Case one = parse("mesh: a\nparameters: {speed: {uniform: [0, 1]}}\n");
  const Case two = parse("mesh: a\nparameters: {speed: {uniform: [0, 1]}, alpha: 3}\n");
  EXPECT_EQ(draw_parameters(one, 1, 5).at("speed"), draw_parameters(two, 1, 5).at("speed"));
}

}  // namespace
}  // namespace cotan

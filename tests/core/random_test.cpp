#include "core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace cotan {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers that Random123 ships with (kat_vectors, philox4x32 10).
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, IsAFunctionOfKeyAndIndex) {
  const Random a(7, purpose::noise, 3, 5), b(7, purpose::noise, 3, 5);
  for (std::uint64_t i : {0ull, 1ull, 1ull << 40}) {
    EXPECT_EQ(a.bits(i), b.bits(i));
    EXPECT_EQ(a.normal(i), b.normal(i));
  }
}

TEST(Random, EveryPartOfTheKeyMakesAnotherStream) {
  std::set<std::uint64_t> first;
  int streams = 0;
  for (const std::uint64_t seed : {0ull, 1ull, 1ull << 32}) {
    for (const std::uint32_t use : {purpose::weights, purpose::noise}) {
      for (const std::uint64_t a : {0ull, 1ull, 1ull << 32}) {
        for (const std::uint64_t b : {0ull, 1ull, 1ull << 32}) {
          first.insert(Random(seed, use, a, b).bits(0));
          ++streams;
        }
      }
    }
  }
  EXPECT_EQ(first.size(), streams);
}

// Written down once: archives and trainings of earlier versions depend on these bits.
TEST(Random, StreamsDoNotChangeBetweenVersions) {
  EXPECT_EQ(Random(1, purpose::test, 2, 3).bits(4), 5045584083859507443ull);
}

TEST(Random, UniformHasTheMomentsAndNeverReachesOne) {
  const Random random(1, purpose::test);
  const int n = 100000;
  double mean = 0, square = 0, largest = 0, least = 1;
  for (int i = 0; i < n; ++i) {
    const double x = random.uniform(i);
    mean += x / n;
    square += x * x / n;
    largest = std::max(largest, x);
    least = std::min(least, x);
  }
  EXPECT_NEAR(mean, 0.5, 4 * std::sqrt(1.0 / 12 / n));  // four standard errors
  EXPECT_NEAR(square, 1.0 / 3, 4 * std::sqrt(4.0 / 45 / n));
  EXPECT_GE(least, 0);
  EXPECT_LT(largest, 1);
}

TEST(Random, NormalHasTheMoments) {
  const Random random(2, purpose::test);
  const int n = 100000;
  std::vector<double> moment(5, 0);
  for (int i = 0; i < n; ++i) {
    const double x = random.normal(i);
    ASSERT_TRUE(std::isfinite(x));
    for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k) / n;
  }
  EXPECT_NEAR(moment[1], 0, 4 * std::sqrt(1.0 / n));
  EXPECT_NEAR(moment[2], 1, 4 * std::sqrt(2.0 / n));
  EXPECT_NEAR(moment[3], 0, 4 * std::sqrt(15.0 / n));
  EXPECT_NEAR(moment[4], 3, 4 * std::sqrt(96.0 / n));
}

TEST(Random, NeighbouringDrawsAreUncorrelated) {
  const Random random(3, purpose::test);
  const int n = 100000;
  double product = 0;
  for (int i = 0; i < n; ++i) product += random.normal(i) * random.normal(i + 1) / n;
  EXPECT_NEAR(product, 0, 4 / std::sqrt(n));
}

TEST(Random, BelowCoversItsRangeEvenly) {
  const Random random(4, purpose::test);
  const int n = 60000, sides = 6;
  std::vector<int> count(sides, 0);
  for (int i = 0; i < n; ++i) ++count.at(random.below(sides, i));
  double chi_squared = 0;
  for (const int c : count) chi_squared += std::pow(c - n / sides, 2) * sides / n;
  EXPECT_LT(chi_squared, 20.5);  // 0.1 % point of chi-squared with 5 degrees of freedom
  EXPECT_EQ(random.below(1, 0), 0);
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_LT(random.below(largest, 1), largest);
}

}  // namespace
}  // namespace cotan

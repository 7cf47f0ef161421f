#include "mesh/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/check.h"
#include "core/random.h"

namespace cotan {
namespace {

// Three frames, two rows, one component.
constexpr std::array<double, 6> kTruth = {1, 2, 3, 4, 5, 6};

TEST(Metrics, RmseLeavesOutTheGivenFrameAndStopsAtTheHorizon) {
  const std::array<double, 6> predicted = {9, 9, 3 + 1, 4 - 3, 5 + 4, 6 + 2};
  EXPECT_DOUBLE_EQ(rmse(predicted, kTruth, 3, 2, 1, 1), std::sqrt((1 + 9) / 2.0));
  EXPECT_DOUBLE_EQ(rmse(predicted, kTruth, 3, 2, 1, 2), std::sqrt((1 + 9 + 16 + 4) / 4.0));
}

TEST(Metrics, RmseOverFreeRowsOnly) {
  const std::array<double, 6> predicted = {9, 9, 4, 100, 9, 100};
  const std::array<char, 2> free = {1, 0};
  EXPECT_DOUBLE_EQ(rmse(predicted, kTruth, 3, 2, 1, 2, free), std::sqrt((1 + 16) / 2.0));
}

TEST(Metrics, RmseMeansOverComponents) {
  // the same six numbers as one row of two components
  const std::array<double, 6> predicted = {0, 0, 3 + 2, 4, 5, 6 - 4};
  EXPECT_DOUBLE_EQ(rmse(predicted, kTruth, 3, 1, 2, 2), std::sqrt((4 + 16) / 4.0));
}

TEST(Metrics, RelativeErrorByHand) {
  const std::array<double, 6> predicted = {9, 9, 3, 4, 5, 7};
  EXPECT_DOUBLE_EQ(relative_l2(predicted, kTruth, 3, 2, 1), std::sqrt(1.0 / (9 + 16 + 25 + 36)));
  const std::array<double, 2> weights = {1, 3};
  EXPECT_DOUBLE_EQ(relative_l2(predicted, kTruth, 3, 2, 1, weights), std::sqrt(3.0 / (9 + 48 + 25 + 108)));
  const std::array<char, 2> free = {1, 0};
  EXPECT_EQ(relative_l2(predicted, kTruth, 3, 2, 1, {}, free), 0);
}

TEST(Metrics, RelativeErrorDoesNotDependOnTheUnit) {
  std::array<double, 6> predicted = {1, 2, 2.5, 4.5, 5.5, 5}, truth = kTruth;
  const double error = relative_l2(predicted, truth, 3, 2, 1);
  for (auto& x : predicted) x *= 1000;
  for (auto& x : truth) x *= 1000;
  EXPECT_NEAR(relative_l2(predicted, truth, 3, 2, 1), error, 1e-15);
}

TEST(Metrics, RelativeErrorOfAVanishingTruth) {
  const std::array<double, 2> zero = {0, 0}, one = {0, 1};
  EXPECT_EQ(relative_l2(zero, zero, 2, 1, 1), 0);
  EXPECT_TRUE(std::isinf(relative_l2(one, zero, 2, 1, 1)));
}

TEST(Metrics, TrivialPredictorsByHand) {
  const std::array<double, 5> truth = {1, 3, 4, 8, 6};  // five frames of one number; frames 0 and 1 are given
  using V = std::vector<double>;
  EXPECT_EQ(trivial_prediction(Trivial::nothing_changes, truth, 5, 1, 1, 1), (V{1, 3, 3, 3, 3}));
  EXPECT_EQ(trivial_prediction(Trivial::last_change_goes_on, truth, 5, 1, 1, 1), (V{1, 3, 5, 7, 9}));
  EXPECT_EQ(trivial_prediction(Trivial::mean_over_time, truth, 5, 1, 1, 1), (V{1, 3, 6, 6, 6}));
  EXPECT_EQ(trivial_prediction(Trivial::last_change_goes_on, truth, 5, 1, 1, 0), (V{1, 1, 1, 1, 1}));
}

TEST(Metrics, LastChangeIsExactOnLinearMotionAndTheMeanIsTheBestConstant) {
  std::vector<double> line, noise;
  const Random random(1, purpose::test);
  for (int k = 0; k < 20; ++k) {
    for (int i = 0; i < 3; ++i) {
      line.push_back(0.5 * k * (i + 1) - i);
      noise.push_back(random.normal(3 * k + i));
    }
  }
  EXPECT_LT(relative_l2(trivial_prediction(Trivial::last_change_goes_on, line, 20, 3, 1, 1), line, 20, 3, 1), 1e-14);
  auto constant = trivial_prediction(Trivial::mean_over_time, noise, 20, 3, 1);
  const double best = rmse(constant, noise, 20, 3, 1, 19);
  for (const double shift : {-0.1, 0.1}) {
    auto other = constant;
    for (auto& x : other) x += shift;
    EXPECT_GT(rmse(other, noise, 20, 3, 1, 19), best);
  }
}

TEST(Metrics, RefusesWhatDoesNotFit) {
  EXPECT_THROW(rmse(kTruth, kTruth, 3, 3, 1, 1), Error);
  EXPECT_THROW(rmse(kTruth, kTruth, 3, 2, 1, 3), Error);
  EXPECT_THROW(rmse(kTruth, kTruth, 3, 2, 1, 0), Error);
  EXPECT_THROW(rmse(kTruth, kTruth, 3, 2, 1, 1, std::array<char, 2>{0, 0}), Error);
  EXPECT_THROW(relative_l2(kTruth, kTruth, 3, 2, 1, std::array<double, 1>{1}), Error);
  EXPECT_THROW(trivial_prediction(Trivial::nothing_changes, kTruth, 3, 2, 1, 3), Error);
}

TEST(Welford, MeanAndVarianceFarFromZero) {
  // variance of 1e9 + {4, 7, 13, 16} is 22.5: the textbook case that a sum of squares loses
  Welford w;
  for (const double x : {4.0, 7.0, 13.0, 16.0}) w.add(1e9 + x);
  EXPECT_EQ(w.count, 4);
  EXPECT_DOUBLE_EQ(w.mean, 1e9 + 10);
  EXPECT_NEAR(w.variance(), 22.5, 1e-6);
}

TEST(Welford, MergingEqualsAddingOneByOne) {
  const Random random(2, purpose::test);
  Welford all, left, right;
  for (int i = 0; i < 1000; ++i) {
    const double x = 5 + random.normal(i);
    all.add(x);
    (i < 300 ? left : right).add(x);
  }
  left.merge(right);
  left.merge(Welford{});
  EXPECT_EQ(left.count, all.count);
  EXPECT_NEAR(left.mean, all.mean, 1e-13);
  EXPECT_NEAR(left.m2, all.m2, 1e-10);
  Welford empty;
  empty.merge(all);
  EXPECT_EQ(empty.mean, all.mean);
}

TEST(Welford, NothingYet) {
  EXPECT_EQ(Welford{}.variance(), 0);
}

TEST(Correlation, KnowsNoOffsetAndNoScale) {
  const std::vector<double> truth{1, 5, 2, -1, 0, 7}, other{2, 2, 1, 0, 5, 1};  // (3, 2)
  std::vector<double> moved, mirrored;
  for (const double x : truth) {
    moved.push_back(3 * x - 4);
    mirrored.push_back(1 - 0.1 * x);
  }
  EXPECT_DOUBLE_EQ(correlation(moved, truth, 2), 1);
  EXPECT_DOUBLE_EQ(correlation(mirrored, truth, 2), -1);
  // By hand over the rows that count, 0 and 2: deviations (-2.25, 1.75, -3.25, 3.75) and (-0.5, -0.5, 2.5, -1.5).
  const std::vector<char> use{1, 0, 1};
  EXPECT_NEAR(correlation(other, truth, 2, use), -13.5 / std::sqrt(32.75 * 9.0), 1e-15);
  const std::vector<double> constant(6, 2.0);
  EXPECT_EQ(correlation(constant, constant, 2), 1);
  EXPECT_EQ(correlation(constant, truth, 2), 0);
  EXPECT_TRUE(std::isnan(correlation(std::vector<double>(6, INFINITY), truth, 2)));
}

}  // namespace
}  // namespace cotan

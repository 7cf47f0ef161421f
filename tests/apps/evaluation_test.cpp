#include "apps/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "tests/apps/small_trajectory.h"
#include "tests/given_model.h"

namespace cotan {
namespace {

using namespace testing_apps;
using testing_checks::GivenModel;

// Point 0 is given. From frame 1 on, points 1 and 2 start at (2, 2) and go to (4, 0), then to (5, 6).
at::Tensor truth() {
  return at::tensor({1.0, 0.0, 2.0, 1.0, 2.0, 2.0, 3.0, 4.0, 0.0, 5.0, 5.0, 6.0}, at::kDouble).reshape({4, 3});
}

Comparison compared(const GivenModel::Increment& increment, const at::Tensor& frames = truth()) {
  ModelShape shape;
  shape.state = {{"u", 1}};
  return compare(std::make_shared<GivenModel>(shape, increment), 1.0, scalar_config(), small_trajectory(frames), 0,
                 frames.size(0));
}

at::Tensor no_increment(const ModelInput& input) {
  return at::zeros_like(input.state);
}

/// Knows the next frame; whole numbers, so that u + (next - u) is next, exactly.
GivenModel::Increment oracle(const at::Tensor& frames) {
  return [frames](const ModelInput& input) { return frames[std::llround(input.t) + 1].unsqueeze(1) - input.state; };
}

FieldErrors errors_of(const std::vector<Comparison>& comparisons) {
  ErrorTable table;
  for (const auto& comparison : comparisons) table.add(comparison);
  return table.fields().front();
}

TEST(Compare, AModelThatKnowsTheTruthHasNoError) {
  const Comparison result = compared(oracle(truth()));
  EXPECT_EQ(result.fields[0].predicted, result.fields[0].truth);
  EXPECT_EQ(result.end, RolloutEnd::done);
  EXPECT_EQ(result.steps, 2);
  EXPECT_EQ(mean_relative_l2(result), 0);
  const FieldErrors errors = errors_of({result});
  for (int h = 0; h < 3; ++h) {
    EXPECT_EQ(errors.rows[0].rmse[h], 0);
    EXPECT_EQ(errors.rows[0].rmse_free[h], 0);
  }
  EXPECT_EQ(errors.rows[0].relative_l2, 0);
  EXPECT_EQ(errors.rows[0].curve, (std::vector<double>{0, 0}));
}

TEST(Compare, StartsAtTheSecondFrameAndImposesWhatIsGiven) {
  const Comparison result = compared(no_increment);
  EXPECT_EQ(result.fields[0].truth, (std::vector<double>{1, 0, 2, 1, 2, 2, 3, 4, 0, 5, 5, 6}));
  EXPECT_EQ(result.fields[0].predicted, (std::vector<double>{1, 0, 2, 1, 2, 2, 3, 2, 2, 5, 2, 2}));
  EXPECT_EQ(result.fields[0].free, (std::vector<char>{0, 1, 1}));
  EXPECT_EQ(result.times, (std::vector<double>{0, 1, 2, 3}));
}

// Errors of "nothing changes" at the free points: (-2, 2), then (-3, -4). The given point has none, and counts among
// all points only. The truth's squares at free points: 16 + 0 + 25 + 36 = 77.
TEST(Errors, OfThreePointsAndFourFramesByHand) {
  const FieldErrors errors = errors_of({compared(no_increment)});
  ASSERT_EQ(errors.rows.size(), 4u);
  const Errors& model = errors.rows[0];
  EXPECT_EQ(model.predictor, "model");
  EXPECT_DOUBLE_EQ(model.rmse_free[0], 2);                    // one step: (4 + 4) / 2
  EXPECT_DOUBLE_EQ(model.rmse[0], std::sqrt(8.0 / 3));        // over three points
  EXPECT_DOUBLE_EQ(model.rmse_free[1], std::sqrt(33.0 / 4));  // 50 steps, or as many as there are
  EXPECT_DOUBLE_EQ(model.rmse_free[2], std::sqrt(33.0 / 4));
  EXPECT_DOUBLE_EQ(model.rmse[2], std::sqrt(33.0 / 6));
  EXPECT_DOUBLE_EQ(model.relative_l2, std::sqrt(33.0 / 77));
  EXPECT_EQ(model.relative_l2_spread, 0);
  ASSERT_EQ(errors.rows[0].curve.size(), 2u);
  EXPECT_DOUBLE_EQ(errors.rows[0].curve[0], 2);
  EXPECT_DOUBLE_EQ(errors.rows[0].curve[1], std::sqrt(25.0 / 2));
}

TEST(Errors, OfTrivialPredictorsByHand) {
  const auto rows = errors_of({compared(oracle(truth()))}).rows;
  EXPECT_EQ(rows[1].predictor, "nothing changes");
  EXPECT_DOUBLE_EQ(rows[1].relative_l2, std::sqrt(33.0 / 77));
  EXPECT_DOUBLE_EQ(rows[1].rmse[2], std::sqrt(33.0 / 6));  // the given point is imposed on predictors too
  // The change from frame 0 to 1 is (2, 0): (4, 2), then (6, 2); errors (0, 2), then (1, -4).
  EXPECT_EQ(rows[2].predictor, "last change goes on");
  EXPECT_DOUBLE_EQ(rows[2].relative_l2, std::sqrt(21.0 / 77));
  EXPECT_DOUBLE_EQ(rows[2].rmse_free[0], std::sqrt(2.0));
  // The mean of the two frames is (4.5, 3): errors (0.5, 3), then (-0.5, -3).
  EXPECT_EQ(rows[3].predictor, "mean over time");
  EXPECT_DOUBLE_EQ(rows[3].relative_l2, std::sqrt(18.5 / 77));
  EXPECT_DOUBLE_EQ(rows[3].rmse_free[0], std::sqrt(9.25 / 2));
}

TEST(Errors, OverTrajectoriesAreRootsOfMeanSquares) {
  const FieldErrors errors = errors_of({compared(no_increment), compared(oracle(truth()))});
  const double relative = std::sqrt(33.0 / 77);
  EXPECT_DOUBLE_EQ(errors.rows[0].rmse_free[2], std::sqrt(33.0 / 4 / 2));
  EXPECT_DOUBLE_EQ(errors.rows[0].rmse[0], std::sqrt(8.0 / 3 / 2));
  EXPECT_DOUBLE_EQ(errors.rows[0].relative_l2, relative / 2);
  EXPECT_DOUBLE_EQ(errors.rows[0].relative_l2_spread, relative / 2);  // of (relative, 0)
}

// The free point falls behind by 1 a step: the mean square up to step n is (n + 1) (2 n + 1) / 6.
TEST(Errors, AtOneFiftyAndAllSteps) {
  at::Tensor frames = at::zeros({61, 3}, at::kDouble);
  frames.select(1, 1).copy_(at::arange(61) - 1);
  const FieldErrors errors = errors_of({compared(no_increment, frames)});
  const auto mean_square = [](double n) { return (n + 1) * (2 * n + 1) / 6; };
  EXPECT_DOUBLE_EQ(errors.rows[0].rmse_free[0], std::sqrt(mean_square(1) / 2));  // two free points, one without error
  EXPECT_DOUBLE_EQ(errors.rows[0].rmse_free[1], std::sqrt(mean_square(50) / 2));
  EXPECT_DOUBLE_EQ(errors.rows[0].rmse_free[2], std::sqrt(mean_square(59) / 2));
  EXPECT_EQ(errors.rows[0].curve.size(), 59u);
}

TEST(Errors, OfABlowUpAreInfiniteAndCounted) {
  const auto blows_up = [](const ModelInput& input) {
    return at::full_like(input.state, input.t > 1.5 ? INFINITY : 0.0);
  };
  const Comparison result = compared(blows_up);
  EXPECT_EQ(result.end, RolloutEnd::not_finite);
  EXPECT_EQ(result.steps, 1);
  EXPECT_TRUE(std::isinf(mean_relative_l2(result)));
  ErrorTable table;
  table.add(compared(no_increment));
  table.add(result);
  EXPECT_EQ(table.blown_up, 1u);
  const auto rows = table.fields().front().rows;
  EXPECT_DOUBLE_EQ(rows[0].rmse_free[0], 2) << "the first step stayed finite in both";
  EXPECT_TRUE(std::isinf(rows[0].rmse_free[2]));
  EXPECT_TRUE(std::isinf(rows[0].relative_l2));
  EXPECT_TRUE(std::isfinite(rows[1].relative_l2));
}

TEST(Compare, WantsThreeFrames) {
  EXPECT_THROW(compared(no_increment, truth().slice(0, 0, 2)), InputError);
}

}  // namespace
}  // namespace cotan

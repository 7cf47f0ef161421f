#include "gnn/dataset.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

#include "gnn/loss.h"
#include "tests/gnn/small_data.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;
using testing::HasSubstr;

TEST(Windows, CutEveryWindowOfEachTrajectory) {
  WindowOptions options;
  options.history = 1;
  options.future = 2;
  options.stride = 2;
  options.first = 1;
  options.last = 9;  // eight frames, a window spans seven
  const auto data = windows({small_trajectory(12, 1), small_trajectory(12, 2)}, options);
  ASSERT_EQ(data->size(), 4);
  const Sample sample = data->get(3);
  EXPECT_EQ(sample.trajectory, "trajectory 2");
  EXPECT_EQ(sample.frame, 4);
  EXPECT_EQ(sample.present, 1);
  const auto expected = small_trajectory(12, 2).read(0, 12);
  const at::Tensor which = at::tensor({2, 4, 6, 8}, at::kLong);
  EXPECT_TRUE(near(sample.frames, expected.first.index_select(0, which), 0));
  EXPECT_TRUE(near(sample.inputs, expected.second.index_select(0, which), 0));
  EXPECT_THAT(sample.times, testing::ElementsAre(0.2, 0.4, testing::DoubleEq(0.1 * 6), testing::DoubleEq(0.1 * 8)));
}

TEST(Windows, AreTheSameFromMemoryAndFromReads) {
  std::int64_t cached_reads = 0, direct_reads = 0;
  WindowOptions direct;
  direct.cache_bytes = 0;
  const auto a = windows({small_trajectory(10, 1, &cached_reads)}, {});
  const auto b = windows({small_trajectory(10, 1, &direct_reads)}, direct);
  for (int pass = 0; pass < 2; ++pass) {
    for (std::int64_t i = 0; i < a->size(); ++i) {
      EXPECT_TRUE(at::equal(a->get(i).frames, b->get(i).frames));
      EXPECT_TRUE(at::equal(a->get(i).inputs, b->get(i).inputs));
    }
  }
  EXPECT_EQ(cached_reads, 2);  // a window to learn its size, then everything
  EXPECT_EQ(direct_reads, 4 * 9);
}

TEST(Windows, RefuseShortAndUnevenTrajectories) {
  WindowOptions options;
  options.future = 5;
  try {
    windows({small_trajectory(9, 1), small_trajectory(5, 2)}, options);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("trajectory 2"), HasSubstr("5 frames"), HasSubstr("takes 6")));
  }
  auto uneven = small_trajectory(9, 3);
  uneven.times[4] += 0.01;
  try {
    windows({uneven}, {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("trajectory 3"), HasSubstr("frame 4"), HasSubstr("0.11")));
  }
  EXPECT_THROW(windows({}, {}), InputError);
}

TEST(EpochOrder, IsAPermutationByEpoch) {
  const auto order = epoch_order(100, 1, 0);
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 100u);
  EXPECT_EQ(order, epoch_order(100, 1, 0));
  EXPECT_NE(order, epoch_order(100, 1, 1));
  EXPECT_NE(order, epoch_order(100, 2, 0));
  // No place keeps its own: the mean distance of a random permutation is n / 3.
  double distance = 0;
  for (std::int64_t i = 0; i < 100; ++i) distance += std::abs(static_cast<double>(order[i] - i));
  EXPECT_NEAR(distance / 100, 100.0 / 3, 10);
}

TEST(Batch, GivesWhatItsPartsGive) {
  const auto model = small_model();
  const auto data = windows({small_trajectory(5, 1), small_trajectory(5, 2)}, {});
  const std::vector<Sample> parts{data->get(0), data->get(6), data->get(3)};
  const Sample joined = batch(parts);
  std::vector<at::Tensor> expected;
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (const auto& part : parts) {
    expected.push_back(model->forward(model_input(*model, part, 0, part.frames[0])));
    sum = sum + squared_error(*model, part, 1);
  }
  EXPECT_TRUE(near(model->forward(model_input(*model, joined, 0, joined.frames[0])), at::cat(expected), 1e-13));
  EXPECT_TRUE(near(squared_error(*model, joined, 1), sum, 1e-13));
}

}  // namespace
}  // namespace cotan

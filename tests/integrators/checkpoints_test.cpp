#include "integrators/checkpoints.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cotan {
namespace {

State numbered(std::int64_t k) {
  return State({{"k", On::whole, at::full({1}, k, at::kLong)}});
}
std::int64_t number(const State& u) {
  return u["k"].item<std::int64_t>();
}

// Each step once, from the last to the first, with the state before it; in the slots and repeats that are said.
void check_visit(std::int64_t steps, std::int64_t slots) {
  std::int64_t next = steps, repeats = 0;
  const auto advance = [&](std::int64_t k, const State& u) {
    EXPECT_EQ(number(u), k);
    ++repeats;
    return numbered(k + 1);
  };
  const auto visit = [&](std::int64_t k, const State& u) {
    EXPECT_EQ(k, --next);
    EXPECT_EQ(number(u), k);
  };
  const CheckpointCounts counts = visit_backwards(steps, slots, numbered(0), advance, visit);
  EXPECT_EQ(next, 0);
  EXPECT_LE(counts.most_stored, slots);
  EXPECT_EQ(counts.repeats, repeats);
  EXPECT_EQ(repeats, fewest_repeats(steps, slots)) << steps << " steps, " << slots << " slots";
}

TEST(Checkpoints, VisitEachStepOnceBackwards) {
  for (std::int64_t steps = 1; steps < 40; ++steps) {
    for (std::int64_t slots = 1; slots < 8; ++slots) check_visit(steps, slots);
  }
  EXPECT_EQ(visit_backwards(0, 3, numbered(0), {}, {}).most_stored, 0);
}

// Dynamic programming over where the first state is stored: no schedule repeats fewer steps.
TEST(Checkpoints, RepeatAsFewStepsAsAnyScheduleCan) {
  constexpr int kSteps = 60, kSlots = 6;
  std::vector<std::vector<std::int64_t>> best(kSlots + 1, std::vector<std::int64_t>(kSteps + 1, 0));
  for (std::int64_t l = 2; l <= kSteps; ++l) best[1][l] = l * (l - 1) / 2;
  for (int s = 2; s <= kSlots; ++s) {
    for (int l = 2; l <= kSteps; ++l) {
      best[s][l] = best[1][l];
      for (int m = 1; m < l; ++m) best[s][l] = std::min(best[s][l], m + best[s - 1][l - m] + best[s][m]);
    }
  }
  for (int s = 1; s <= kSlots; ++s) {
    for (int l = 1; l <= kSteps; ++l) EXPECT_EQ(fewest_repeats(l, s), best[s][l]) << l << " steps, " << s << " slots";
  }
}

TEST(Checkpoints, StoreALogarithmOfTheSteps) {
  EXPECT_EQ(most_steps(8, 8), 12870);
  EXPECT_EQ(balanced_slots(10000), 8);
  EXPECT_EQ(balanced_slots(1), 1);
  for (std::int64_t steps = 2; steps < (std::int64_t{1} << 40); steps = steps * 3 / 2 + 1) {
    EXPECT_LE(static_cast<double>(balanced_slots(steps)), std::ceil(std::log2(steps))) << steps;
  }
  EXPECT_EQ(most_steps(200, 200), std::int64_t{1} << 62);  // no overflow
  check_visit(10000, 8);
}

}  // namespace
}  // namespace cotan

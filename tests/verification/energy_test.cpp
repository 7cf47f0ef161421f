// A hundred thousand steps: the energy's error of Stormer and Verlet's method is bounded. That of RK4 grows, which a
// tenth of them shows.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/mechanics.h"

namespace cotan {
namespace {

struct LongRun {
  const char* name;
  mechanics::Mechanics system;
  double dt;
};

TEST(Energy, IsBoundedOverAHundredThousandSteps) {
  const at::NoGradGuard none;
  const std::vector<LongRun> runs = {{"pendulum", mechanics::pendulum(), 0.1},
                                     {"kepler", mechanics::kepler(), 0.05},
                                     {"springs", mechanics::springs(4), 0.05}};
  for (const LongRun& run : runs) {
    const auto [first, last] = mechanics::energy_errors("stormer_verlet", run.system, run.dt, 100000);
    const auto [rk_first, rk_last] = mechanics::energy_errors("rk4", run.system, run.dt, 10000);
    std::printf("%-10s stormer_verlet %.2e %.2e   rk4 %.2e %.2e\n", run.name, first, last, rk_first, rk_last);
    EXPECT_LT(last, 1.5 * first) << run.name;
    EXPECT_GT(rk_last, 4 * rk_first) << run.name;
  }
}

}  // namespace
}  // namespace cotan

// What one rank cannot write ends a series on every rank.
#include <gtest/gtest.h>

#include "build_config.h"
#include "core/check.h"
#include "io/vtk.h"
#include "mesh/generate.h"

#if COTAN_HAS_VTK
namespace cotan {
namespace {

TEST(VtkSeries, AListThatRankZeroCannotWriteEndsOnAllRanks) {
  const Comm comm = Comm::world();
  const auto folder = std::filesystem::path(testing::TempDir()) / ("series_" + std::to_string(comm.size()));
  if (comm.rank() == 0) std::filesystem::create_directories(folder / "run.pvd");  // where the list would stand
  comm.barrier();
  VtkSeries series(folder / "run", rectangle(2, 2), comm);
  EXPECT_THROW(series.write(0, {}), InputError);
  EXPECT_EQ(comm.sum(1.0), comm.size());  // in step
  comm.barrier();
  if (comm.rank() == 0) std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cotan
#endif

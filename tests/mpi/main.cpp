// Tests under mpirun: every rank runs all of them; a failure on any rank fails the run. Rank 0 alone prints progress.
#include <gtest/gtest.h>

#include <iostream>

#include "core/comm.h"

namespace {

// Ranks other than 0 say only what failed.
class Failures : public testing::EmptyTestEventListener {
 public:
  explicit Failures(int rank) : rank_(rank) {}
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed()) std::cerr << "rank " << rank_ << ": " << result << std::endl;
  }

 private:
  int rank_;
};

}  // namespace

int main(int argc, char** argv) {
  const cotan::MpiSession session(&argc, &argv);
  testing::InitGoogleTest(&argc, argv);
  const cotan::Comm comm = cotan::Comm::world();
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (comm.rank() != 0) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new Failures(comm.rank()));
  }
  const int failed = RUN_ALL_TESTS();
  return comm.max(failed) > 0;
}

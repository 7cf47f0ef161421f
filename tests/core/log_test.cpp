#include "core/log.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace cotan {
namespace {

std::string said(const std::function<void()>& talk) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  talk();
  const std::string error = testing::internal::GetCapturedStderr();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "") << "results only go to standard output";
  return error;
}

class Log : public testing::Test {
 protected:
  void TearDown() override {
    set_log_level(LogLevel::normal);
    set_log_rank(0);
  }
  static void both() {
    log_info("step {} of {}");  // braces are text
    log_warning("slow");
  }
};

TEST_F(Log, NormalSaysBothOnStandardError) {
  EXPECT_EQ(said(both), "step {} of {}\nwarning: slow\n");
}

TEST_F(Log, LevelsLeaveOut) {
  set_log_level(LogLevel::warnings);
  EXPECT_EQ(said(both), "warning: slow\n");
  set_log_level(LogLevel::quiet);
  EXPECT_EQ(said(both), "");
}

TEST_F(Log, OtherRanksSayNothing) {
  set_log_rank(2);
  EXPECT_EQ(said(both), "");
  set_log_level(LogLevel::quiet);
  EXPECT_EQ(said(both), "");
}

}  // namespace
}  // namespace cotan

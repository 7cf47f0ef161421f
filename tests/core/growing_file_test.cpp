#include "core/growing_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHead = "<list>\n";
constexpr const char* kTail = "</list>\nthe end\n";

std::string line(int k) {
  return "  entry " + std::to_string(k) + "\n";
}

std::string whole(int count) {
  std::string text = kHead;
  for (int k = 0; k < count; ++k) text += line(k);
  return text + kTail;
}

class Growing : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("cotan_growing_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    file_ = folder_ / "a.pvd";
  }
  void TearDown() override { fs::remove_all(folder_); }
  auto names() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  fs::path folder_, file_;
};

// What the process has handed to write() so far [bytes].
long written_bytes() {
  std::ifstream io("/proc/self/io");
  for (std::string key; io >> key;) {
    if (key == "wchar:") return io >> key, std::stol(key);
  }
  return -1;
}

TEST_F(Growing, IsWholeAfterEveryAppendAndAlone) {
  {
    GrowingFile list(file_, kHead, kTail);
    for (int k = 0; k < 20; ++k) {
      list.append(line(k));
      ASSERT_EQ(read_file(file_), whole(k + 1));
    }
  }
  EXPECT_EQ(names(), 1);
}

// Whole rewrites would take count / 2 times the bytes.
TEST_F(Growing, CostsWhatIsAdded) {
  if (written_bytes() < 0) GTEST_SKIP() << "no /proc/self/io";
  GrowingFile list(file_, kHead, kTail);
  const int count = 2000;
  const long before = written_bytes();
  for (int k = 0; k < count; ++k) list.append(line(k));
  const long added = static_cast<long>(whole(count).size()) + count * static_cast<long>(std::string(kTail).size());
  EXPECT_LT(written_bytes() - before, 3 * added) << "the file system of " << folder_ << " may not exchange names";
  EXPECT_EQ(read_file(file_), whole(count));
}

TEST_F(Growing, IsWholeAfterAKill) {
  int most = 0;
  for (int attempt = 0; attempt < 20; ++attempt) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      GrowingFile list(file_, kHead, kTail);
      for (int k = 0;; ++k) list.append(line(k));
    }
    while (!fs::exists(file_)) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(500 * attempt));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const std::string text = read_file(file_);
    const int count = static_cast<int>(std::count(text.begin(), text.end(), '\n')) - 3;
    ASSERT_EQ(text, whole(count));
    most = std::max(most, count);
  }
  EXPECT_GT(most, 1);
}

// A full disk, by the limit on the size of files, which the next append finds lifted.
TEST_F(Growing, StaysAsItWasWhereAnAppendFails) {
  GrowingFile list(file_, kHead, kTail);
  for (int k = 0; k < 5; ++k) list.append(line(k));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{whole(5).size() + 2, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    list.append(line(5));
  } catch (const InputError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, "cannot write " + file_.string() + ": File too large");
  EXPECT_EQ(read_file(file_), whole(5));
  EXPECT_EQ(names(), 1);
  list.append(line(5));
  list.append(line(6));
  EXPECT_EQ(read_file(file_), whole(7));
}

TEST_F(Growing, LeavesOtherNamesOfItAlone) {
  GrowingFile list(file_, kHead, kTail);
  for (int k = 0; k < 3; ++k) list.append(line(k));
  fs::create_hard_link(file_, folder_ / "kept");
  for (int k = 3; k < 6; ++k) list.append(line(k));
  EXPECT_EQ(read_file(folder_ / "kept"), whole(3));
  EXPECT_EQ(read_file(file_), whole(6));
}

// Somebody removes the list, or puts something in its place, during the run.
TEST_F(Growing, ComesBackWhole) {
  write_file(file_, "of an earlier run");
  GrowingFile list(file_, kHead, kTail);
  int k = 0;
  const auto go_on = [&] {
    for (int i = 0; i < 3; ++i) {
      list.append(line(k++));
      ASSERT_EQ(read_file(file_), whole(k));
    }
  };
  go_on();
  fs::remove(file_);
  go_on();
  write_file(file_, "something else");
  go_on();
  fs::remove(folder_ / ".part-a.pvd");
  go_on();
}

TEST_F(Growing, FollowsALink) {
  fs::create_directories(folder_ / "there");
  write_file(folder_ / "there" / "b.pvd", "old");
  fs::create_symlink("there/b.pvd", file_);
  {
    GrowingFile list(file_, kHead, kTail);
    for (int k = 0; k < 3; ++k) list.append(line(k));
  }
  EXPECT_TRUE(fs::is_symlink(file_));
  EXPECT_EQ(read_file(folder_ / "there" / "b.pvd"), whole(3));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "there"), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace cotan

#include "core/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <set>

#include "core/check.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// The reason is the system's, whatever keeps a path from being read.
TEST(RequireReadable, NamesPathAndReason) {
  const auto reason = [](const fs::path& path) -> std::string {
    try {
      require_readable(path);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(reason(testing::TempDir()), "");
  EXPECT_EQ(reason("/nowhere/a.msh"), "/nowhere/a.msh: no such file");
  const std::string name(300, 'a');
  EXPECT_EQ(reason(name), name + ": cannot be read: File name too long");
}

TEST(LowerExtension, IsThatOfTheFile) {
  EXPECT_EQ(lower_extension("a.b/part.STEP"), ".step");
  EXPECT_EQ(lower_extension("a.b/part"), "");
}

TEST(StagedFile, SaysTheSystemsReasonForAFolderThatIsNotThere) {
  try {
    const StagedFile staged("/nowhere/at/all/a.safetensors");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "cannot write /nowhere/at/all/a.safetensors: No such file or directory");
  }
}

TEST(ReadFile, RefusesDevicesThatNeverEnd) {
  try {
    read_file("/dev/zero");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("/dev/zero"), HasSubstr("device")));
  }
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("cotan_files_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.insert(entry.path().filename().string());
    return found;
  }

  fs::path folder_;
};

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(Files, WhatIsWrittenIsRead) {
  std::string bytes(3 << 20, '\0');  // more than one chunk, with zero bytes
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
  write_file(folder_ / "a.bin", bytes);
  EXPECT_EQ(read_file(folder_ / "a.bin"), bytes);
  write_file(folder_ / "a.bin", "");
  EXPECT_EQ(read_file(folder_ / "a.bin"), "");
  EXPECT_EQ(names(), std::set<std::string>{"a.bin"});
}

TEST_F(Files, AStagedFileAppearsWholeOrNotAtAll) {
  write_file(folder_ / "run.yaml", "old");
  {
    StagedFile staged(folder_ / "run.yaml");
    std::ofstream(staged.path()) << "half";
    EXPECT_EQ(staged.path().extension(), ".yaml") << "writers pick a format by the suffix";
    EXPECT_EQ(staged.path().parent_path(), folder_) << "rename is atomic within a folder only";
    EXPECT_EQ(read_file(folder_ / "run.yaml"), "old");
  }
  EXPECT_EQ(read_file(folder_ / "run.yaml"), "old");
  EXPECT_EQ(names(), std::set<std::string>{"run.yaml"});
  StagedFile staged(folder_ / "run.yaml");
  std::ofstream(staged.path()) << "new";
  staged.commit();
  EXPECT_EQ(read_file(folder_ / "run.yaml"), "new");
}

TEST_F(Files, CommitWithoutAFileSaysSo) {
  StagedFile staged(folder_ / "a.vtu");
  EXPECT_THAT(message_of([&] { staged.commit(); }), AllOf(HasSubstr("a.vtu"), HasSubstr("No such file")));
}

TEST_F(Files, ALinkIsWrittenThrough) {
  write_file(folder_ / "there.txt", "old");
  fs::create_symlink("there.txt", folder_ / "link.txt");
  write_file(folder_ / "link.txt", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.txt"));
  EXPECT_EQ(read_file(folder_ / "there.txt"), "new");
}

TEST_F(Files, WhatIsNoFileIsNeverReplaced) {
  EXPECT_THAT(message_of([&] { write_file(folder_, "x"); }), HasSubstr("is a folder"));
  EXPECT_THAT(message_of([] { write_file("/dev/full", "x"); }), AllOf(HasSubstr("/dev/full"), HasSubstr("regular")));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  EXPECT_THAT(message_of([&] { write_file(folder_ / "none" / "a", "x"); }),
              AllOf(HasSubstr("none/a"), HasSubstr("No such file or directory")));
}

// A full disk, by the limit on the size of files: the same path through the code as ENOSPC. In a child, since the
// limit cannot be raised again.
TEST_F(Files, AFullDiskIsReportedAndLeavesNothingHalf) {
  const fs::path target = folder_ / "big.bin";
  write_file(target, "old");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit limit{1 << 16, 1 << 16};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
    const std::string message = message_of([&] { write_file(target, std::string(1 << 20, 'x')); });
    const bool told = message.find("big.bin") != message.npos && message.find("File too large") != message.npos;
    _exit(told ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(read_file(target), "old");
  EXPECT_EQ(names(), std::set<std::string>{"big.bin"});
}

TEST_F(Files, ReadingNamesFileAndReason) {
  EXPECT_THAT(message_of([&] { read_file(folder_ / "no.msh"); }),
              AllOf(HasSubstr("no.msh"), HasSubstr("No such file")));
  EXPECT_THAT(message_of([&] { read_file(folder_); }), HasSubstr("is a folder"));
}

TEST_F(Files, AnOutputThatExistsIsRefused) {
  check_output(folder_ / "new" / "deep" / "a.pvd", false);
  EXPECT_FALSE(fs::exists(folder_ / "new"));  // inputs are looked at first
  make_parent(folder_ / "new" / "deep" / "a.pvd");
  EXPECT_TRUE(fs::is_directory(folder_ / "new" / "deep"));
  write_file(folder_ / "a.pvd", "x");
  EXPECT_THAT(message_of([&] { check_output(folder_ / "a.pvd", false); }),
              AllOf(HasSubstr("a.pvd exists"), HasSubstr("--overwrite")));
  EXPECT_NO_THROW(check_output(folder_ / "a.pvd", true));
  EXPECT_THAT(message_of([&] { check_output(folder_ / "a.pvd" / "b", true); }), HasSubstr("is no folder"));
  EXPECT_THAT(message_of([&] { make_parent(folder_ / "a.pvd" / "b"); }), HasSubstr("cannot make the folder"));
}

}  // namespace
}  // namespace cotan

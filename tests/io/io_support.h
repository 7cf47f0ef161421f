#pragma once
// What tests of files share: a folder of their own, and what was said of a bad file.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "core/check.h"

namespace cotan::testing_io {

/// An empty folder of this test suite's.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string suite = test ? test->test_suite_name() : "suite";
  const auto folder = std::filesystem::path(testing::TempDir()) / ("io_" + suite + "_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

/// The message of the InputError that f() throws, or "no error".
inline std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace cotan::testing_io

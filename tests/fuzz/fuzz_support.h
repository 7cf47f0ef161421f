#pragma once
// What the libFuzzer targets share.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "core/check.h"

namespace cotan {

/// A refusal is what bad input is to end in; whatever else comes out ends the target.
template <class Read>
int read_or_refuse(Read read) {
  try {
    read();
  } catch (const InputError&) {
  }
  return 0;
}

/// A folder of this process in memory, for readers that take a path; with one file of these bytes.
inline std::filesystem::path fuzz_file(const std::string& name, std::span<const std::uint8_t> bytes) {
  static const std::filesystem::path folder = [] {
    const std::filesystem::path base = std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp";
    const auto path = base / ("cotan_fuzz_" + std::to_string(getpid()));
    std::filesystem::create_directories(path);
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    });
    return path;
  }();
  std::ofstream(folder / name, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  return folder / name;
}

}  // namespace cotan

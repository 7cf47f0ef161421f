#pragma once
#include <cstdint>

namespace cotan {

/// The most bytes that are taken from `packed` ones: 256 MiB and 64 times as many (fields and meshes pack some 3 to 20
/// to 1, while deflate packs zeros 1032 to 1), so that a small file fills neither the memory nor the time.
constexpr std::uint64_t most_unpacked(std::uint64_t packed) {
  return (std::uint64_t{256} << 20) + 64 * packed;
}

}  // namespace cotan

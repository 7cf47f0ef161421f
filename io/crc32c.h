#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace cotan {

/// CRC-32C (Castagnoli, RFC 3720 B.4) of bytes that follow those of `before`; by the processor's own instruction where
/// it has one.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);
/// The same by tables on every machine: what the instruction is tested against.
std::uint32_t crc32c_by_table(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace cotan

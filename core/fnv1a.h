#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cotan {

/// FNV-1a, 64 bits \cite fowler2019: a digest for accidents, not against forgers. Each byte's step is a bijection of
/// the value, so that one changed byte always shows.
class Fnv1a {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) value_ = (value_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
  }
  /// With its length: texts in a row cannot trade bytes.
  void add(std::string_view text) {
    const std::uint64_t size = text.size();
    add(std::as_bytes(std::span(&size, 1)));
    add(std::as_bytes(std::span(text)));
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace cotan

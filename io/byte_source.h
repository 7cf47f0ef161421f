#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace cotan {

/// A range of a file's bytes.
struct ByteRange {
  std::uint64_t offset = 0, size = 0;
};

/// Bytes that can be read at any place, from several threads: a file that stays open while a copy of this lives.
class ByteSource {
 public:
  /// \throw InputError naming the file and the system's reason
  static ByteSource file(const std::filesystem::path& path);
  /// Bytes of the caller's, which outlive this. \param name what messages call it
  static ByteSource memory(std::span<const std::byte> bytes, std::string name);

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }
  /// Fills `to` with the bytes from `offset` on. \pre they lie within size()
  /// \throw InputError where the file has become shorter or cannot be read
  void read(std::uint64_t offset, std::span<std::byte> to) const { read_(offset, to); }

 private:
  using Read = std::function<void(std::uint64_t, std::span<std::byte>)>;
  ByteSource(std::string name, std::uint64_t size, Read read)
      : name_(std::move(name)), size_(size), read_(std::move(read)) {}

  std::string name_;
  std::uint64_t size_;
  Read read_;
};

}  // namespace cotan

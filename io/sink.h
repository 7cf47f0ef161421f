#pragma once
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/check.h"

namespace cotan {

/// A file that is written as a row of numbers and lines, through a buffer.
class Sink {
 public:
  Sink(const std::filesystem::path& path, bool is_binary) : file_(path, std::ios::binary), binary_(is_binary) {
    COTAN_REQUIRE(file_, path.string() << ": cannot be written");
    buffer_.reserve(kBuffer + 4096);
  }
  bool binary() const { return binary_; }
  template <class T>
  void number(T value) {
    binary_ ? bytes(value) : text(value);
  }
  template <class T>
  void text(T value) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;  // the shortest that reads back the same
    buffer_.append(digits, end);
    buffer_ += ' ';
    spill();
  }
  template <class T>
  void bytes(T value) {
    buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
    spill();
  }
  void end_row() {
    if (!binary_) end_line();
  }
  void end_line() {
    if (!buffer_.empty() && buffer_.back() == ' ')
      buffer_.back() = '\n';
    else
      buffer_ += '\n';
  }
  void line(std::string_view words) {
    buffer_ += words;
    buffer_ += '\n';
    spill();
  }
  void end_section(std::string_view marker) {
    if (binary_) buffer_ += '\n';
    line(marker);
  }
  /// False where the system took less than all.
  bool finish() {
    file_.write(buffer_.data(), std::streamsize(buffer_.size()));
    file_.close();
    return bool(file_);
  }

 private:
  static constexpr std::size_t kBuffer = std::size_t{1} << 18;
  void spill() {
    if (buffer_.size() < kBuffer) return;
    file_.write(buffer_.data(), std::streamsize(buffer_.size()));
    buffer_.clear();
  }
  std::ofstream file_;
  std::string buffer_;
  bool binary_;
};

}  // namespace cotan

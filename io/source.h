#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cotan {

/// The bytes of a mesh file, from disk through a small window or from memory, as numbers, words and lines; it knows the
/// place for messages: the line while the file is text, the byte where it is binary.
class Source {
 public:
  /// \throw InputError: missing, not a file, empty
  explicit Source(const std::filesystem::path& path);
  /// \pre the bytes outlive the source
  Source(std::span<const std::byte> bytes, std::string name);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  void set_binary(bool binary) { binary_ = binary; }
  bool binary() const { return binary_; }
  void set_section(std::string_view name) { section_ = name; }

  /// The next number, as the file keeps it: text or little-endian bytes. \throw InputError: the end, another thing
  template <class T>
  T number() {
    return binary_ ? bytes<T>() : text<T>();
  }
  /// The next number of text, also in a binary file. T is an integer of 32 or 64 bits, or double.
  template <class T>
  T text();
  /// The bytes of a number.
  template <class T>
  T bytes() {
    if (std::size_t(end_ - cursor_) < sizeof(T)) need(sizeof(T));
    T value;
    std::memcpy(&value, cursor_, sizeof(T));
    cursor_ += sizeof(T);
    return value;
  }
  /// A count of things that take at least `least` bytes each in the file, checked against the bytes that are left and
  /// against what an Index can number: no memory is asked for on a lie's behalf.
  std::size_t checked_count(std::uint64_t count, std::uint64_t least, std::string_view what) const;
  /// The least bytes of a row of `numbers` numbers, of which `doubles` are floating-point and the rest integers of
  /// `integer_bytes`, as this file keeps them.
  std::uint64_t least_bytes(std::uint64_t numbers, std::uint64_t doubles, std::uint64_t integer_bytes) const;

  /// The rest of the line, without its end. \throw InputError: longer than the window
  std::string line() { return std::string(line_view()); }
  std::string_view line_view();  ///< the same, until the next call of anything that reads
  /// The next line that is not blank; an empty string at the end of the file.
  std::string next_line();
  void skip_line_end();                       ///< what stands between the text and the bytes of a binary section
  void skip_past(const std::string& marker);  ///< to behind the next occurrence. \throw InputError where there is none
  bool at_end();
  bool cut_in_line() const { return cut_in_line_; }  ///< whether what was read last ends with the file

  /// The next bytes, at most `count` of them and fewer at the end of the file; they stay to be read. \pre count < 2^20
  std::string_view peek(std::size_t count) {
    if (std::size_t(end_ - cursor_) < count) refill(count);
    return {cursor_, std::min(count, std::size_t(end_ - cursor_))};
  }

  std::uint64_t position() const { return start_ + std::uint64_t(cursor_ - begin_); }
  std::uint64_t remaining() const { return size_ - position(); }
  std::string where() const;                                      ///< "a.msh:12: $Nodes", "a.msh: byte 80: $Nodes"
  [[noreturn]] void fail(const std::string& what) const;          ///< InputError: where() and what
  [[noreturn]] void fail_in_line(const std::string& what) const;  ///< the same, of the line that was read last
  const std::string& name() const { return name_; }
  bool is_file() const { return !window_.empty(); }  ///< and not bytes of the caller's

 private:
  static constexpr std::size_t kWindow = std::size_t{1} << 20;
  static constexpr std::size_t kToken = 512;  // no number is longer
  bool refill(std::size_t bytes);             // whether so many are in the window now
  void need(std::size_t bytes);               // or fail
  void skip_space();
  [[noreturn]] void fail_number(bool integer) const;

  std::string name_, section_;
  std::ifstream file_;
  std::vector<char> window_;
  const char *begin_ = nullptr, *cursor_ = nullptr, *end_ = nullptr;
  std::uint64_t start_ = 0, size_ = 0;      // of the window in the file; of the file
  std::uint64_t line_ = 1, last_line_ = 1;  // where the cursor is; that line_view() gave last
  bool binary_ = false, cut_in_line_ = false;
};

inline bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

template <class T>
T Source::text() {
  skip_space();
  if (std::size_t(end_ - cursor_) < kToken) refill(kToken);
  T value{};
  const char* from = cursor_ + (cursor_ != end_ && *cursor_ == '+' ? 1 : 0);  // from_chars refuses a plus
  const auto [after, error] = std::from_chars(from, end_, value);
  if (error != std::errc{} || (after != end_ && !is_space(*after))) fail_number(std::is_integral_v<T>);
  cut_in_line_ = after == end_;
  cursor_ = after;
  return value;
}

}  // namespace cotan

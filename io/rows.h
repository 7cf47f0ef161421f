#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "io/source.h"

namespace cotan {

/// The words and numbers of one line of a text file, apart by blanks, or by commas with blanks around them.
class Row {
 public:
  /// Takes the next line of `source`, which must outlive this; the line lives until the source's next one.
  explicit Row(Source& source, bool commas = false);
  Row(const Source& source, std::string_view text, bool commas) : source_(source), rest_(text), commas_(commas) {
    skip();
  }

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  /// The next word; empty at the end of the row, and between two commas.
  std::string_view word();
  /// The next number; also with Fortran's D for the exponent. T is an integer of 32 or 64 bits, or double.
  /// \throw InputError: the end of the row, another thing
  template <class T>
  T number(std::string_view what);
  [[noreturn]] void fail(const std::string& what) const { source_.fail_in_line(what); }

 private:
  void skip();  // blanks
  [[noreturn]] void fail_number(std::string_view found, std::string_view what, bool integer) const;

  const Source& source_;
  std::string_view rest_;
  bool commas_ = false;
};

/// A number that a word is in full; false where it is none.
template <class T>
bool parse_number(std::string_view word, T& value) {
  if (!word.empty() && word.front() == '+') word.remove_prefix(1);  // from_chars refuses a plus
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc{} && end == word.data() + word.size()) return !word.empty();
  if constexpr (std::is_floating_point_v<T>) {
    char text[64];
    if (word.size() >= sizeof text || word.find_first_of("dD") == word.npos) return false;
    std::replace_copy_if(
        word.begin(), word.end(), text, [](char c) { return c == 'd' || c == 'D'; }, 'e');
    const auto again = std::from_chars(text, text + word.size(), value);
    return again.ec == std::errc{} && again.ptr == text + word.size();
  }
  return false;
}

template <class T>
T Row::number(std::string_view what) {
  const std::string_view found = word();
  T value{};
  if (!parse_number(found, value)) fail_number(found, what, std::is_integral_v<T>);
  return value;
}

/// What a message may quote of a file: at most 40 printable characters.
std::string printable(std::string_view text);
/// A text without the blanks around it.
std::string_view trimmed(std::string_view text);
/// The same in capitals, as formats that do not tell them apart compare.
std::string upper(std::string_view text);

}  // namespace cotan

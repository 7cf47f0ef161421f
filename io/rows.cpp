#include "io/rows.h"

namespace cotan {

Row::Row(Source& source, bool commas) : Row(source, source.line_view(), commas) {}

void Row::skip() {
  while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
}

std::string_view Row::word() {
  const auto stop =
      commas_ ? std::find(rest_.begin(), rest_.end(), ',') : std::find_if(rest_.begin(), rest_.end(), is_space);
  const auto length = std::size_t(stop - rest_.begin());
  const std::string_view found = trimmed(rest_.substr(0, length));
  rest_.remove_prefix(std::min(rest_.size(), length + (commas_ ? 1 : 0)));
  skip();
  return found;
}

void Row::fail_number(std::string_view found, std::string_view what, bool integer) const {
  const std::string kind = integer ? "an integer" : "a number";
  if (found.empty()) fail("the line ends here, expected " + kind + ": " + std::string(what));
  fail("found '" + printable(found) + "', expected " + kind + ": " + std::string(what));
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, 40));
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return out;
}

}  // namespace cotan

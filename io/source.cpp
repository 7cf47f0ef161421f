#include "io/source.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/check.h"
#include "core/files.h"
#include "core/types.h"

namespace cotan {

static_assert(std::endian::native == std::endian::little, "binary files are read and written as little-endian");

Source::Source(const std::filesystem::path& path) : name_(path.string()), window_(kWindow) {
  std::error_code error;
  require_readable(path);
  COTAN_REQUIRE(std::filesystem::is_regular_file(path, error), name_ << ": not a file");
  size_ = std::filesystem::file_size(path, error);
  file_.open(path, std::ios::binary);
  COTAN_REQUIRE(file_ && !error, name_ << ": cannot be opened");
  COTAN_REQUIRE(size_ > 0, name_ << ": empty file");
  begin_ = cursor_ = end_ = window_.data();
}

Source::Source(std::span<const std::byte> bytes, std::string name) : name_(std::move(name)), size_(bytes.size()) {
  COTAN_REQUIRE(size_ > 0, name_ << ": empty file");
  begin_ = cursor_ = reinterpret_cast<const char*>(bytes.data());
  end_ = begin_ + bytes.size();
}

bool Source::refill(std::size_t bytes) {
  if (!window_.empty() && file_) {
    start_ += std::uint64_t(cursor_ - begin_);
    const std::size_t kept = std::size_t(end_ - cursor_);
    std::memmove(window_.data(), cursor_, kept);
    // not past the size seen first: a file that grows meanwhile must not outrun the checks of counts
    const std::uint64_t left = size_ - std::min(size_, start_ + kept);
    file_.read(window_.data() + kept, std::streamsize(std::min<std::uint64_t>(window_.size() - kept, left)));
    begin_ = cursor_ = window_.data();
    end_ = begin_ + kept + std::size_t(file_.gcount());
    if (file_.gcount() == 0) file_.setstate(std::ios::eofbit | std::ios::failbit);
  }
  return std::size_t(end_ - cursor_) >= bytes;
}

void Source::need(std::size_t bytes) {
  if (!refill(bytes)) {
    fail("the file ends here, " + std::to_string(bytes) + " more bytes expected, found " +
         std::to_string(end_ - cursor_));
  }
}

void Source::skip_space() {
  for (;;) {
    for (; cursor_ != end_ && is_space(*cursor_); ++cursor_) line_ += *cursor_ == '\n';
    if (cursor_ != end_ || !refill(1)) return;
  }
}

bool Source::at_end() {
  return cursor_ == end_ && !refill(1);
}

std::string_view Source::line_view() {
  const char* newline = std::find(cursor_, end_, '\n');
  if (newline == end_) {
    refill(kWindow);
    newline = std::find(cursor_, end_, '\n');
    if (newline == end_ && remaining() > std::uint64_t(end_ - cursor_))
      fail("a line of more than a million characters");
  }
  std::string_view text(cursor_, std::size_t(newline - cursor_));
  cursor_ = newline;
  last_line_ = line_;
  cut_in_line_ = cursor_ == end_ && !text.empty();
  if (cursor_ != end_) ++cursor_, ++line_;
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string Source::next_line() {
  skip_space();
  return line();
}

void Source::skip_line_end() {
  const std::string rest = line();
  if (!rest.empty()) fail("found '" + rest.substr(0, 40) + "', expected the end of the line");
}

void Source::skip_past(const std::string& marker) {
  const auto place = where();
  for (;;) {
    const char* found = std::search(cursor_, end_, marker.begin(), marker.end());
    const bool here = found != end_;
    const std::size_t overlap = std::min(marker.size() - 1, std::size_t(end_ - cursor_));
    const char* stop = here ? found + marker.size() : end_ - overlap;
    line_ += std::uint64_t(std::count(cursor_, stop, '\n'));
    cursor_ = stop;
    if (here) return;
    COTAN_REQUIRE(refill(overlap + 1), place << ": no " << marker << " behind it: the file is cut");
  }
}

std::size_t Source::checked_count(std::uint64_t count, std::uint64_t least, std::string_view what) const {
  // one byte of slack: the last number of a text needs no separator
  if (count > (remaining() + 1) / std::max<std::uint64_t>(least, 1)) {
    fail(std::to_string(count) + " " + std::string(what) + " declared, but only " + std::to_string(remaining()) +
         " bytes are left in the file");
  }
  if (count > std::uint64_t(std::numeric_limits<Index>::max())) {
    fail(std::to_string(count) + " " + std::string(what) + ": more than " +
         std::to_string(std::numeric_limits<Index>::max()));
  }
  return std::size_t(count);
}

std::uint64_t Source::least_bytes(std::uint64_t numbers, std::uint64_t doubles, std::uint64_t integer_bytes) const {
  return binary_ ? doubles * 8 + (numbers - doubles) * integer_bytes : numbers * 2;  // a digit and a separator
}

std::string Source::where() const {
  const std::string place = binary_ ? ": byte " + std::to_string(position()) : ":" + std::to_string(line_);
  return name_ + place + (section_.empty() ? "" : ": " + section_);
}

void Source::fail_in_line(const std::string& what) const {
  throw InputError(name_ + ":" + std::to_string(last_line_) + (section_.empty() ? "" : ": " + section_) + ": " + what);
}

void Source::fail(const std::string& what) const {
  throw InputError(where() + ": " + what);
}

void Source::fail_number(bool integer) const {
  if (cursor_ == end_) fail("the file ends here, a number expected");
  const char* stop = std::find_if(cursor_, std::min(end_, cursor_ + 40), is_space);
  fail("found '" + std::string(cursor_, stop) + "', expected " + (integer ? "an integer" : "a number"));
}

}  // namespace cotan

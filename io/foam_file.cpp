#include "io/foam_file.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include "core/check.h"
#include "core/files.h"
#include "io/gzip.h"
#include "io/rows.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "binary lists are read as little-endian");

constexpr std::uint64_t kMostRows = std::numeric_limits<Index>::max();

bool ends_word(char c) {
  return is_space(c) || c == ';' || c == '{' || c == '}' || c == '"' || c == '[' || c == ']';
}

bool ends_number(char c) {
  return ends_word(c) || c == '(' || c == ')' || c == '/';
}

}  // namespace

FoamFile FoamFile::open(const fs::path& path) {
  std::string bytes = read_file(path);
  if (lower_extension(path) == ".gz") bytes = unpack_gzip(bytes, path.string());
  return {std::move(bytes), path.string()};
}

FoamFile::FoamFile(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {
  read_header();
}

void FoamFile::read_header() {
  if (peek() != 'F' || word("FoamFile") != "FoamFile") fail("no FoamFile header: not a file of OpenFOAM, or cut");
  expect('{', "the header's begin");
  std::string arch;
  while (!take('}')) {
    const std::string key = word("a key of the header");
    if (key == "format") {
      const std::string format = word("ascii or binary");
      if (format != "ascii" && format != "binary") fail("format '" + printable(format) + "', expected ascii or binary");
      binary_ = format == "binary";
    } else if (key == "class") {
      class_ = word("the class");
    } else if (key == "arch") {
      arch = word("the number types");
    } else {
      skip_value();
      continue;
    }
    expect(';', "the end of an entry");
  }
  read_arch(arch);
}

// "LSB;label=32;scalar=64"; without it the sizes are these.
void FoamFile::read_arch(const std::string& arch) {
  if (!binary_) return;
  if (arch.find("MSB") != arch.npos) fail("big-endian numbers (arch " + printable(arch) + "), expected LSB");
  const auto size = [&](const std::string& key, int otherwise) {
    const auto found = arch.find(key + "=");
    if (found == arch.npos) return otherwise;
    const std::string bits = arch.substr(found + key.size() + 1, 2);
    if (bits != "32" && bits != "64") fail(key + "=" + printable(bits) + " in the header's arch, expected 32 or 64");
    return bits == "32" ? 4 : 8;
  };
  label_bytes_ = size("label", 4);
  scalar_bytes_ = size("scalar", 8);
}

std::string FoamFile::where() const {
  const auto end = bytes_.begin() + std::ptrdiff_t(std::min(at_, bytes_.size()));
  return name_ + ":" + std::to_string(1 + std::count(bytes_.begin(), end, '\n'));
}

void FoamFile::fail(const std::string& what) const {
  throw InputError(where() + ": " + what);
}

void FoamFile::fail_found(std::string_view expected) {
  const char c = peek();
  if (c == 0) fail("the file ends here, expected " + std::string(expected));
  const std::string found = printable(bytes_.substr(at_, bytes_.find_first_of("\n;", at_) - at_));
  const bool macro = c == '$' || c == '#';
  fail("found '" + found + "', expected " + std::string(expected) +
       (macro ? ": macros and directives are not followed" : ""));
}

void FoamFile::skip_blank() {
  while (at_ < bytes_.size()) {
    const std::string_view rest = std::string_view(bytes_).substr(at_, 2);
    if (is_space(bytes_[at_])) {
      ++at_;
    } else if (rest == "//") {
      at_ = std::min(bytes_.find('\n', at_), bytes_.size());
    } else if (rest == "/*") {
      const auto end = bytes_.find("*/", at_ + 2);
      if (end == bytes_.npos) fail("a comment without an end: the file is cut");
      at_ = end + 2;
    } else {
      return;
    }
  }
}

char FoamFile::peek() {
  skip_blank();
  return at_ < bytes_.size() ? bytes_[at_] : '\0';
}

bool FoamFile::take(char c) {
  if (peek() != c || at_ >= bytes_.size()) return false;
  ++at_;
  return true;
}

void FoamFile::expect(char c, std::string_view what) {
  if (!take(c)) fail_found("'" + std::string(1, c) + "', " + std::string(what));
}

std::string FoamFile::word(std::string_view what) {
  const char first = peek();
  const auto begin = at_;
  if (first == '"') {
    const auto end = bytes_.find_first_of("\"\n", at_ + 1);
    if (end == bytes_.npos || bytes_[end] == '\n') fail("a text in quotes without an end");
    at_ = end + 1;
    return bytes_.substr(begin + 1, end - begin - 1);
  }
  if (first == '$' || first == '#' || first == '(' || first == ')') fail_found(what);
  int depth = 0;  // words such as div(phi,U) have brackets
  while (at_ < bytes_.size() && !ends_word(bytes_[at_])) {
    depth += bytes_[at_] == '(' ? 1 : bytes_[at_] == ')' ? -1 : 0;
    if (depth < 0) break;
    ++at_;
  }
  if (at_ == begin) fail_found(what);
  if (at_ == bytes_.size()) fail("the file ends in a word");
  return bytes_.substr(begin, at_ - begin);
}

template <class T>
T FoamFile::number(std::string_view what) {
  const char first = peek();
  const char* begin = bytes_.data() + at_ + (first == '+' ? 1 : 0);
  const char* end = bytes_.data() + bytes_.size();
  T value{};
  const auto [after, error] = std::from_chars(begin, end, value);
  if (error != std::errc{} || after == end || !ends_number(*after)) fail_found(what);
  at_ = std::size_t(after - bytes_.data());
  return value;
}

std::int64_t FoamFile::integer(std::string_view what) {
  return number<std::int64_t>(what);
}

double FoamFile::scalar(std::string_view what) {
  return number<double>(what);
}

std::size_t FoamFile::checked(std::uint64_t count, std::uint64_t least, std::uint64_t most,
                              std::string_view what) const {
  if (count > most)
    fail(std::to_string(count) + " " + std::string(what) + ", expected at most " + std::to_string(most));
  if (count > (remaining() + 1) / least) {
    fail(std::to_string(count) + " " + std::string(what) + " declared, but only " + std::to_string(remaining()) +
         " bytes are left in the file");
  }
  return std::size_t(count);
}

std::size_t FoamFile::list_size(std::uint64_t least, std::uint64_t most, std::string_view what) {
  const std::int64_t count = integer("the number of " + std::string(what));
  if (count < 0) fail(std::to_string(count) + " " + std::string(what));
  return checked(std::uint64_t(count), least, most, what);
}

template <class T>
T FoamFile::raw() {
  T value;
  std::memcpy(&value, bytes_.data() + at_, sizeof(T));
  at_ += sizeof(T);
  return value;
}

Index FoamFile::label(std::string_view what) {
  const std::int64_t value = !binary_ ? integer(what) : label_bytes_ == 4 ? raw<std::int32_t>() : raw<std::int64_t>();
  if (value < -1 || value >= std::numeric_limits<Index>::max())
    fail("found " + std::to_string(value) + " among " + std::string(what));
  return Index(value);
}

// How many things a list of numbers has; what is left of it is in brackets, or one value in braces that stands for all.
std::size_t FoamFile::declared_count(std::uint64_t most, std::string_view what) {
  const std::int64_t count = integer("the number of " + std::string(what));
  if (count < 0 || std::uint64_t(count) > most)
    fail(std::to_string(count) + " " + std::string(what) + ", expected at most " + std::to_string(most));
  return std::size_t(count);
}

std::string FoamFile::end_of(std::size_t count, std::string_view what, int bytes) const {
  return "the end of " + std::to_string(count) + " " + std::string(what) +
         (binary_ ? " of " + std::to_string(8 * bytes) + " bits each (the header's arch says how many)" : "");
}

std::vector<Index> FoamFile::labels(std::uint64_t most, std::string_view what, bool may_repeat) {
  const std::size_t count = declared_count(most, what);
  std::vector<Index> out;
  if (count == 0 && peek() != '(') return out;  // OpenFOAM writes an empty binary list so
  if (!binary_ && take('{')) {
    if (count > 1 && !may_repeat) fail("one value for " + std::to_string(count) + " " + std::string(what));
    out.assign(count, label(what));
    expect('}', "the end of a value that stands for all");
    return out;
  }
  expect('(', "the begin of " + std::string(what));
  checked(count, binary_ ? std::uint64_t(label_bytes_) : 2, most, what);
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back(label(what));
  expect(')', end_of(count, what, label_bytes_));
  return out;
}

void FoamFile::skip_flags(std::uint64_t most, std::string_view what) {
  if (peek() == 'L') word("List<bool>");
  const std::size_t count = declared_count(most, what);
  if (count == 0 && peek() != '(') return;
  const char end = take('{') ? '}' : ')';
  if (end == ')') expect('(', "the begin of " + std::string(what));
  if (binary_ && end == ')') at_ += checked(count, 1, most, what);
  while (!binary_ && peek() != end) integer(what);
  expect(end, end_of(count, what, 1));
}

std::vector<double> FoamFile::value(int components, std::string_view what) {
  std::vector<double> out;
  if (components > 1) expect('(', what);
  for (int k = 0; k < components; ++k) out.push_back(scalar(what));
  if (components > 1) expect(')', what);
  return out;
}

std::vector<double> FoamFile::scalars(int components, std::optional<std::uint64_t> rows, std::string_view what) {
  const auto width = std::size_t(components);
  const std::size_t count = declared_count(rows.value_or(kMostRows), what);
  if (rows && count != *rows)
    fail(std::to_string(count) + " " + std::string(what) + ", expected " + std::to_string(*rows));
  std::vector<double> out;
  if (count == 0 && peek() != '(') return out;
  if (!binary_ && rows && take('{')) {
    const std::vector<double> one = value(components, what);
    expect('}', "the end of a value that stands for all");
    for (std::size_t i = 0; i < count; ++i) out.insert(out.end(), one.begin(), one.end());
    return out;
  }
  expect('(', "the begin of " + std::string(what));
  checked(count, width * (binary_ ? std::size_t(scalar_bytes_) : 2), kMostRows, what);
  out.reserve(count * width);
  for (std::size_t i = 0; i < count * width; ++i) {
    if (binary_) {
      out.push_back(scalar_bytes_ == 8 ? raw<double>() : double(raw<float>()));
      continue;
    }
    if (width > 1 && i % width == 0) expect('(', what);
    out.push_back(scalar(what));
    if (width > 1 && i % width == width - 1) expect(')', what);
  }
  expect(')', end_of(count, what, scalar_bytes_));
  return out;
}

void FoamFile::skip_value() {
  int depth = 0;
  for (;;) {
    const char c = peek();
    if (c == 0) fail("the file ends in an entry");
    if (c == '"') {
      word("a text");
      continue;
    }
    ++at_;
    if (c == '(' || c == '{' || c == '[') ++depth;
    if (c == ')' || c == '}' || c == ']') --depth;
    if (depth < 0) fail("a bracket that nothing opened");
    if (depth == 0 && (c == ';' || c == '}')) return;
  }
}

bool FoamFile::skip_directive() {
  if (peek() != '#') return false;
  at_ = std::min(bytes_.find('\n', at_), bytes_.size());
  return true;
}

fs::path foam_path(const fs::path& folder, const std::string& name) {
  std::error_code error;
  for (const fs::path& path : {folder / name, folder / (name + ".gz")}) {
    if (fs::is_regular_file(path, error)) return path;
  }
  return {};
}

FoamFolder foam_folder(const fs::path& folder) {
  return [folder](const std::string& name) -> std::optional<FoamFile> {
    const fs::path path = foam_path(folder, name);
    if (path.empty()) return std::nullopt;
    return FoamFile::open(path);
  };
}

}  // namespace cotan

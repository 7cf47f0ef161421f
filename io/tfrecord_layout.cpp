#include "io/tfrecord_layout.h"

#include <algorithm>
#include <limits>

#include "core/check.h"

namespace cotan {
namespace {

using Kind = TfrecordFeature::Kind;
constexpr std::int64_t kMostRows = std::numeric_limits<std::int32_t>::max();

ByteRange bytes_of(const std::map<std::string, ExampleFeature>& found, const std::string& feature,
                   const std::string& name) {
  const auto at = found.find(feature);
  if (at == found.end()) {
    std::vector<std::string> names;
    for (const auto& entry : found) names.push_back(entry.first);
    throw InputError(name + ": " + unknown_name("feature", feature, names));
  }
  COTAN_REQUIRE(at->second.count == 1, name << ": feature '" << feature << "' holds " << at->second.count
                                            << " byte strings, expected one (the raw array)");
  return at->second.bytes;
}

std::vector<std::byte> read_range(const ByteSource& file, ByteRange range) {
  std::vector<std::byte> bytes(range.size);
  file.read(range.offset, bytes);
  return bytes;
}

}  // namespace

FeatureFrames::FeatureFrames(const ByteSource& file, const std::map<std::string, ExampleFeature>& found,
                             TfrecordFeature about, std::int64_t length, const std::string& name)
    : about_(std::move(about)), bytes_(bytes_of(found, about_.name, name)), length_(length) {
  const std::string where = name + ": feature '" + about_.name + "': ";
  if (about_.kind == Kind::varlen) {
    read_lengths(file, bytes_of(found, length_name(about_.name), name), where);
  } else {
    deduce_rows(where);
  }
}

void FeatureFrames::deduce_rows(const std::string& where) {
  const std::uint64_t frames = is_fixed() ? 1 : std::uint64_t(length_), frame_row = frames * about_.row_bytes();
  const auto shape = [&](const std::string& rows) {
    return (is_fixed() ? "" : std::to_string(frames) + " frames (trajectory_length) x ") + rows + " rows x " +
           std::to_string(about_.components) + " components x " + std::to_string(size_of(about_.dtype)) + " bytes";
  };
  COTAN_REQUIRE(bytes_.size % frame_row == 0 && bytes_.size / frame_row <= std::uint64_t(kMostRows),
                where << bytes_.size << " bytes, expected a multiple of " << frame_row << ": " << shape("any"));
  rows_ = std::int64_t(bytes_.size / frame_row);
  COTAN_REQUIRE(about_.rows < 0 || rows_ == about_.rows, where << bytes_.size << " bytes, expected "
                                                               << frame_row * std::uint64_t(about_.rows) << ": "
                                                               << shape(std::to_string(about_.rows)));
}

void FeatureFrames::read_lengths(const ByteSource& file, ByteRange lengths, const std::string& where) {
  const std::string of_lengths = where + length_name(about_.name) + " ";
  COTAN_REQUIRE(lengths.size == std::uint64_t(length_) * 4,
                of_lengths << "has " << lengths.size << " bytes, expected " << length_ * 4 << ": " << length_
                           << " frames (trajectory_length) x 4 bytes (int32)");
  begin_ = {0};
  std::vector<std::int32_t> counts(std::size_t(length_), 0);
  file.read(lengths.offset, std::as_writable_bytes(std::span(counts)));
  for (const std::int32_t count : counts) {
    COTAN_REQUIRE(count >= 0, of_lengths << "says " << count << " rows for frame " << begin_.size() - 1);
    begin_.push_back(begin_.back() + std::uint64_t(count));
  }
  const std::uint64_t rows = begin_.back(), width = size_of(about_.dtype);
  COTAN_REQUIRE(rows == 0 || about_.row_bytes() <= std::numeric_limits<std::uint64_t>::max() / rows,
                where << bytes_.size << " bytes, expected " << rows << " rows, more than any file holds");
  if (rows * about_.row_bytes() == bytes_.size) return;
  const bool other_columns = rows > 0 && bytes_.size % (rows * width) == 0;
  COTAN_REQUIRE(false, where << bytes_.size << " bytes, expected " << rows * about_.row_bytes() << ": " << rows
                             << " rows in all frames x " << about_.components << " components x " << width << " bytes"
                             << (other_columns ? "; they are " + std::to_string(bytes_.size / (rows * width)) +
                                                     " components to a row (is the shape in meta.json wrong?)"
                                               : ""));
}

std::int64_t FeatureFrames::rows(std::size_t k) const {
  return begin_.empty() ? rows_ : std::int64_t(begin_[k + 1] - begin_[k]);
}

bool FeatureFrames::has_rows(std::int64_t rows) const {
  if (begin_.empty()) return rows_ == rows;
  for (std::size_t k = 0; k + 1 < begin_.size(); ++k) {
    if (this->rows(k) != rows) return false;
  }
  return true;
}

bool FeatureFrames::has_rows_of(const FeatureFrames& other) const {
  if (other.begin_.empty()) return has_rows(other.rows_);
  return begin_.empty() ? other.has_rows(rows_) : begin_ == other.begin_;
}

ByteRange FeatureFrames::range(std::size_t k0, std::size_t k1) const {
  if (is_fixed()) return bytes_;
  const auto row = [&](std::size_t k) { return begin_.empty() ? k * std::uint64_t(rows_) : begin_[k]; };
  return {bytes_.offset + row(k0) * about_.row_bytes(), (row(k1) - row(k0)) * about_.row_bytes()};
}

bool FeatureFrames::is_constant(const ByteSource& file) const {
  if (is_fixed() || length_ == 1) return true;
  if (!has_rows(rows(0))) return false;
  const auto first = read_range(file, range(0, 1));
  for (std::size_t k = 1; k < std::size_t(length_); ++k) {
    if (read_range(file, range(k, k + 1)) != first) return false;
  }
  return true;
}

}  // namespace cotan

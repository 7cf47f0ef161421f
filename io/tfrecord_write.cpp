#include <string_view>

#include "core/check.h"
#include "io/crc32c.h"
#include "io/tfrecord.h"

namespace cotan {
namespace {

constexpr char kBlockOfField1 = 0x0a, kBlockOfField2 = 0x12;  // protobuf tags, wire type 2

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += char(0x80 | (value & 0x7f));
  return out + char(value);
}

/// What stands before a block of `size` bytes.
std::string block_head(char tag, std::uint64_t size) {
  return tag + varint(size);
}

/// What stands before a feature's bytes: an entry of the map with its key, a Feature, a BytesList, its one byte string.
std::string feature_head(const FeatureToWrite& feature) {
  const std::string bytes = block_head(kBlockOfField1, feature.size);
  const std::string list = block_head(kBlockOfField1, bytes.size() + feature.size) + bytes;
  const std::string value = block_head(kBlockOfField2, list.size() + feature.size) + list;
  const std::string key = block_head(kBlockOfField1, feature.name.size()) + feature.name;
  return block_head(kBlockOfField1, key.size() + value.size() + feature.size) + key + value;
}

/// A file and the checksum of what is written.
class Checked {
 public:
  explicit Checked(std::ostream& file) : file_(file) {}
  void write(std::span<const std::byte> bytes) {
    file_.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
    crc_ = crc32c(bytes, crc_);
    size_ += bytes.size();
  }
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void write_checksum() {
    const std::uint32_t mask = masked_crc(crc_);
    file_.write(reinterpret_cast<const char*>(&mask), sizeof mask);
    crc_ = 0;
  }
  std::uint64_t size() const { return size_; }

 private:
  std::ostream& file_;
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

void write_record(std::ostream& file, std::span<const FeatureToWrite> features) {
  std::uint64_t size = 0;
  for (const auto& feature : features) size += feature_head(feature).size() + feature.size;
  const std::string head = block_head(kBlockOfField1, size);
  const std::uint64_t length = head.size() + size;
  Checked out(file);
  out.write(std::as_bytes(std::span(&length, 1)));
  out.write_checksum();
  out.write(head);
  for (const auto& feature : features) {
    out.write(feature_head(feature));
    const std::uint64_t before = out.size();
    feature.stream([&](std::span<const std::byte> bytes) { out.write(bytes); });
    if (out.size() - before != feature.size) {
      throw Error("feature '" + feature.name + "': " + std::to_string(out.size() - before) + " bytes, its size says " +
                  std::to_string(feature.size));
    }
  }
  out.write_checksum();
}

}  // namespace cotan

// The framing of TFRecord files, https://www.tensorflow.org/tutorials/load_data/tfrecord, and the wire format of the
// one message inside, https://protobuf.dev/programming-guides/encoding
#include "io/tfrecord.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/check.h"
#include "io/crc32c.h"

namespace cotan {
namespace {

constexpr std::uint64_t kHeader = 12, kFooter = 4;  // length and its checksum; that of the payload
constexpr std::size_t kPiece = 1 << 20;             // bytes read at a time
constexpr std::size_t kMostFeatures = 4096, kLongestName = 4096;

template <class T>
T read_number(const ByteSource& file, std::uint64_t offset) {
  T value;
  file.read(offset, std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, block = 2, fixed32 = 5 };
struct Tag {
  std::uint64_t field;
  Wire wire;
};

/// Single bytes of a source, by way of a small buffer.
class Window {
 public:
  explicit Window(const ByteSource& file) : file_(file) {}
  const ByteSource& file() const { return file_; }
  std::uint8_t at(std::uint64_t offset) {
    if (offset < begin_ || offset >= end_) {
      begin_ = offset;
      end_ = std::min<std::uint64_t>(file_.size(), offset + buffer_.size());
      file_.read(begin_, std::span(buffer_).first(end_ - begin_));
    }
    return std::to_integer<std::uint8_t>(buffer_[offset - begin_]);
  }

 private:
  const ByteSource& file_;
  std::uint64_t begin_ = 0, end_ = 0;
  std::array<std::byte, 4096> buffer_;
};

/// Walks the fields of one message.
class Cursor {
 public:
  Cursor(Window& window, ByteRange message, const std::string& name)
      : window_(window), at_(message.offset), end_(message.offset + message.size), name_(name) {}

  bool done() const { return at_ == end_; }
  Tag tag() {
    const std::uint64_t key = varint();
    const auto wire = static_cast<std::uint8_t>(key & 7);
    COTAN_REQUIRE(key >> 3 != 0 && (wire <= 2 || wire == 5),
                  where() << "field " << (key >> 3) << " of wire type " << int(wire)
                          << "; expected fields from 1 on of "
                          << "wire types 0, 1, 2 and 5 (the record is no tf.train.Example, or damaged)");
    return {key >> 3, static_cast<Wire>(wire)};
  }
  /// A field of bytes: steps over them.
  ByteRange block() {
    const std::uint64_t size = varint();
    COTAN_REQUIRE(size <= end_ - at_, where()
                                          << "a field of " << size << " bytes, where " << end_ - at_ << " are left");
    const ByteRange range{at_, size};
    at_ += size;
    return range;
  }
  void skip(Wire wire) {
    if (wire == Wire::varint) varint();
    if (wire == Wire::block) block();
    const std::uint64_t size = wire == Wire::fixed64 ? 8 : wire == Wire::fixed32 ? 4 : 0;
    COTAN_REQUIRE(size <= end_ - at_, where() << "ends within a number");
    at_ += size;
  }
  Cursor into(ByteRange message) const { return {window_, message, name_}; }
  std::string text(ByteRange range) const {
    COTAN_REQUIRE(range.size <= kLongestName, where() << "a feature's name of " << range.size << " bytes");
    std::string out(range.size, '\0');
    window_.file().read(range.offset, std::as_writable_bytes(std::span(out)));
    return out;
  }
  std::string where() const { return name_ + ": at byte " + std::to_string(at_) + " of the file: "; }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      COTAN_REQUIRE(at_ < end_, where() << "ends within a number");
      const std::uint64_t byte = window_.at(at_++);
      COTAN_REQUIRE(shift < 63 || byte <= 1, where() << "a number beyond 64 bits");
      value |= (byte & 0x7f) << shift;
      if (!(byte & 0x80)) break;
    }
    return value;
  }

  Window& window_;
  std::uint64_t at_, end_;
  const std::string& name_;
};

// The sub-messages, strings or bytes that a message has as field `number`, in turn.
template <class Visit>
void for_each_block(Cursor message, std::uint64_t number, Visit visit) {
  while (!message.done()) {
    const Tag tag = message.tag();
    if (tag.field == number && tag.wire == Wire::block) {
      visit(message.block());
    } else {
      message.skip(tag.wire);
    }
  }
}

// A Feature, whose field 1 is a BytesList, whose field 1 is repeated.
void read_feature(const Cursor& value, ExampleFeature& feature) {
  for_each_block(value, 1, [&](ByteRange list) {
    for_each_block(value.into(list), 1, [&](ByteRange bytes) {
      feature.bytes = bytes;
      ++feature.count;
    });
  });
}

// An entry of the map Features.feature: key 1, value 2.
std::pair<std::string, ExampleFeature> read_entry(const Cursor& entry) {
  std::pair<std::string, ExampleFeature> out;
  for_each_block(entry, 1, [&](ByteRange key) { out.first = entry.text(key); });
  for_each_block(entry, 2, [&](ByteRange value) { read_feature(entry.into(value), out.second); });
  return out;
}

}  // namespace

std::vector<ByteRange> index_tfrecord(const ByteSource& file) {
  std::vector<ByteRange> records;
  for (std::uint64_t at = 0; at < file.size();) {
    const auto where = [&] {
      return file.name() + ": record " + std::to_string(records.size()) + ", at byte " + std::to_string(at) + ": ";
    };
    const std::uint64_t left = file.size() - at;
    COTAN_REQUIRE(left >= kHeader + kFooter, where() << "the file ends " << left << " bytes on: it is cut");
    const auto length = read_number<std::uint64_t>(file, at);
    const auto crc = masked_crc(crc32c(std::as_bytes(std::span(&length, 1))));
    COTAN_REQUIRE(
        crc == read_number<std::uint32_t>(file, at + 8),
        where() << "the checksum of the length does not hold: "
                << (records.empty() ? "no TFRecord file, a compressed one, or damaged" : "the file is damaged"));
    COTAN_REQUIRE(length <= left - kHeader - kFooter, where()
                                                          << "a record of " << length << " bytes, but the file ends "
                                                          << left - kHeader << " bytes on: it is cut");
    records.push_back({at + kHeader, length});
    at += kHeader + length + kFooter;
  }
  return records;
}

void check_payload(const ByteSource& file, ByteRange payload, const std::string& name) {
  std::vector<std::byte> buffer(std::min<std::uint64_t>(kPiece, payload.size));
  const std::uint64_t end = payload.offset + payload.size;
  std::uint32_t crc = 0;
  for (std::uint64_t at = payload.offset; at < end; at += buffer.size()) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - at));
    file.read(at, piece);
    crc = crc32c(piece, crc);
  }
  COTAN_REQUIRE(masked_crc(crc) == read_number<std::uint32_t>(file, end),
                name << ": the checksum of its " << payload.size << " bytes does not hold: the file is damaged");
}

std::map<std::string, ExampleFeature> index_example(const ByteSource& file, ByteRange payload,
                                                    const std::string& name) {
  std::map<std::string, ExampleFeature> features;
  Window window(file);
  const Cursor example(window, payload, name);
  for_each_block(example, 1, [&](ByteRange map) {
    for_each_block(example.into(map), 1, [&](ByteRange range) {
      const Cursor entry = example.into(range);
      auto feature = read_entry(entry);
      COTAN_REQUIRE(features.size() < kMostFeatures, entry.where() << "more than " << kMostFeatures << " features");
      COTAN_REQUIRE(!features.count(feature.first), entry.where() << "feature '" << feature.first << "' stands twice");
      features.insert(std::move(feature));
    });
  });
  return features;
}

}  // namespace cotan

#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "io/byte_source.h"

namespace cotan {

/// A checksum as TFRecord files keep it.
constexpr std::uint32_t masked_crc(std::uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

/// The payloads of a TFRecord file, in order. Lengths and their checksums are checked; payloads are not read.
/// \throw InputError naming file, record and byte: cut, corrupt, no TFRecord file
std::vector<ByteRange> index_tfrecord(const ByteSource& file);

/// Reads a payload piece by piece against its checksum, which stands behind it.
/// \throw InputError beginning with `name`
void check_payload(const ByteSource& file, ByteRange payload, const std::string& name);

/// A feature of a tf.train.Example, as far as archives use it: a list of byte strings.
struct ExampleFeature {
  std::size_t count = 0;  ///< byte strings; 0 where it is a list of numbers
  ByteRange bytes;        ///< the last of them
};

/// The features of a serialised tf.train.Example (protobuf), without reading their values. Unknown fields are skipped.
/// \throw InputError beginning with `name`: lengths beyond what is left, names that stand twice, …
std::map<std::string, ExampleFeature> index_example(const ByteSource& file, ByteRange payload, const std::string& name);

/// A feature to write: its bytes come in pieces, so that a trajectory need not stand in memory.
struct FeatureToWrite {
  using Sink = std::function<void(std::span<const std::byte>)>;
  std::string name;
  std::uint64_t size = 0;                   ///< bytes in all
  std::function<void(const Sink&)> stream;  ///< passes them on
};
/// One record: a tf.train.Example of one byte string a feature, in this order.
/// \throw Error where a feature's bytes are not as many as its size says
void write_record(std::ostream& file, std::span<const FeatureToWrite> features);

}  // namespace cotan

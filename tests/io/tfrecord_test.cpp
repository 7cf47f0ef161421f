#include "io/tfrecord.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <sstream>

#include "core/check.h"
#include "core/files.h"
#include "io/crc32c.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using namespace testing_io;

using testing::HasSubstr;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

ByteSource source(const std::string& text) {
  return ByteSource::memory(bytes_of(text), "a.tfrecord");
}

std::string written(const std::vector<std::pair<std::string, std::string>>& features) {
  std::ostringstream file;
  std::vector<FeatureToWrite> all;
  for (const auto& [name, data] : features) {
    all.push_back({name, data.size(), [&data](const auto& sink) {
                     sink(bytes_of(data).first(data.size() / 2));
                     sink(bytes_of(data).subspan(data.size() / 2));
                   }});
  }
  write_record(file, all);
  return file.str();
}

/// The payload of one record as text, and its features.
std::map<std::string, std::string> features_of(const std::string& payload) {
  const ByteSource file = source(payload);
  std::map<std::string, std::string> out;
  for (const auto& [name, feature] : index_example(file, {0, payload.size()}, "record 0")) {
    out[name] = std::to_string(feature.count) + ":" + payload.substr(feature.bytes.offset, feature.bytes.size);
  }
  return out;
}

TEST(Crc32c, VectorsOfRfc3720) {
  std::string ascending(32, '\0');
  std::iota(ascending.begin(), ascending.end(), '\0');
  const std::string descending(ascending.rbegin(), ascending.rend());
  const std::string read_command(
      "\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x04\0\0\0\0\x14\0\0\0\x18\x28\0\0\0\0\0\0\0\x02\0\0\0\0\0\0"
      "\0",
      48);
  const std::vector<std::pair<std::string, std::uint32_t>> vectors = {{std::string(32, '\0'), 0x8a9136aa},
                                                                      {std::string(32, '\xff'), 0x62a8ab43},
                                                                      {ascending, 0x46dd794e},
                                                                      {descending, 0x113fdb5c},
                                                                      {read_command, 0xd9963a56},
                                                                      {"123456789", 0xe3069283},
                                                                      {"", 0}};
  for (const auto& [text, expected] : vectors) {
    EXPECT_EQ(crc32c(bytes_of(text)), expected);
    EXPECT_EQ(crc32c_by_table(bytes_of(text)), expected);
  }
}

TEST(Crc32c, PiecesOfAnyLengthByBothWaysAreTheWhole) {
  std::string text(1000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = char(i * i * 7 + i / 3);
  const auto all = bytes_of(text);
  for (std::size_t cut = 0; cut < 40; ++cut) {
    EXPECT_EQ(crc32c(all.subspan(cut), crc32c_by_table(all.first(cut))), crc32c_by_table(all));
    EXPECT_EQ(crc32c_by_table(all.subspan(cut), crc32c(all.first(cut))), crc32c(all));
  }
}

// 16 bytes around each payload, by hand: {'a': 'xyz'} is 0a 0e | 0a 0c | 0a 01 'a' | 12 07 | 0a 05 | 0a 03 'xyz'
TEST(Tfrecord, BytesByHand) {
  const std::string payload = "\x0a\x0e\x0a\x0c\x0a\x01\x61\x12\x07\x0a\x05\x0a\x03xyz";
  const std::string file = written({{"a", "xyz"}});
  EXPECT_EQ(file.substr(0, 8), std::string("\x10\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(file.substr(12, 16), payload);
  EXPECT_EQ(file.size(), 32);
  EXPECT_EQ(features_of(payload).at("a"), "1:xyz");
}

TEST(Tfrecord, WhatIsWrittenComesBack) {
  const std::string large(100'000, 'L');
  const std::string file =
      written({{"b", large}, {"a", ""}, {std::string(300, 'n'), "123"}}) + written({}) + written({{"c", "1"}});
  const auto records = index_tfrecord(source(file));
  ASSERT_EQ(records.size(), 3);
  for (const auto& record : records) check_payload(source(file), record, "record");
  const auto features = features_of(file.substr(records[0].offset, records[0].size));
  EXPECT_EQ(features.at("b"), "1:" + large);
  EXPECT_EQ(features.at("a"), "1:");
  EXPECT_EQ(features.at(std::string(300, 'n')), "1:123");
  EXPECT_TRUE(features_of(file.substr(records[1].offset, records[1].size)).empty());
}

TEST(Tfrecord, CutsAndFlippedBitsAreRefused) {
  const std::string file = written({{"a", "first"}}) + written({{"b", "second"}});
  const std::size_t first = written({{"a", "first"}}).size();
  const auto read = [](const std::string& bytes) {
    const auto records = index_tfrecord(source(bytes));
    for (const auto& record : records) check_payload(source(bytes), record, "record");
  };
  EXPECT_EQ(error_of([&] { read(file); }), "no error");
  for (std::size_t cut = 1; cut < file.size(); ++cut) {
    if (cut == first) continue;  // one whole record
    EXPECT_THAT(error_of([&] { read(file.substr(0, cut)); }), HasSubstr("it is cut")) << cut;
  }
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string flipped = file;
    flipped[bit / 8] = char(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(error_of([&] { read(flipped); }), HasSubstr("checksum")) << bit;
  }
  EXPECT_THAT(error_of([&] { read("\x1f\x8b" + std::string(60, 'z')); }), HasSubstr("a compressed one"));
}

// A length whose checksum holds, and that no file has.
TEST(Tfrecord, LengthsBeyondTheFileAreRefused) {
  for (const std::uint64_t length :
       {std::uint64_t{17}, std::uint64_t{1} << 62, ~std::uint64_t{0}, ~std::uint64_t{0} - 15}) {
    const auto number = std::as_bytes(std::span(&length, 1));
    const std::uint32_t crc = masked_crc(crc32c(number));
    const std::string file = std::string(reinterpret_cast<const char*>(&length), 8) +
                             std::string(reinterpret_cast<const char*>(&crc), 4) + std::string(20, 'x');
    EXPECT_THAT(error_of([&] { index_tfrecord(source(file)); }),
                HasSubstr("record 0, at byte 0: a record of " + std::to_string(length) + " bytes"));
  }
}

TEST(Example, UnknownFieldsAreSkipped) {
  // numbers of 1, 4 and 8 bytes, and a block, before the features; a list of numbers and two byte strings in them
  const std::string before =
      "\x10\x96\x01"
      "\x1d"
      "1234"
      "\x21"
      "12345678"
      "\x2a\x02zz";
  const std::string floats = "\x0a\x0b\x0a\x01\x66\x12\x06\x12\x04\x0a\x02__";
  const std::string two = "\x0a\x0d\x0a\x01\x74\x12\x08\x0a\x06\x0a\x01p\x0a\x01q";
  const std::string payload = before + "\x0a\x0d" + floats + "\x0a\x0f" + two;
  EXPECT_THAT(features_of(payload), testing::ElementsAre(testing::Pair("f", "0:"), testing::Pair("t", "2:q")));
}

TEST(Example, WhatIsNoExampleIsRefused) {
  const auto refusal = [](const std::string& payload) { return error_of([&] { features_of(payload); }); };
  EXPECT_THAT(refusal("\x0a\x7f"),
              HasSubstr("record 0: at byte 2 of the file: a field of 127 bytes, where 0 are left"));
  EXPECT_THAT(refusal(std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)),
              HasSubstr("a field of 18446744073709551615 bytes"));
  EXPECT_THAT(refusal(std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11)), HasSubstr("beyond 64 bits"));
  EXPECT_THAT(refusal(std::string(11, '\xff')), HasSubstr("beyond 64 bits"));
  EXPECT_THAT(refusal("\x0a\x80"), HasSubstr("ends within a number"));
  EXPECT_THAT(refusal("\x09"
                      "1234567"),
              HasSubstr("ends within a number"));
  EXPECT_THAT(refusal("\x0b"), HasSubstr("field 1 of wire type 3"));
  EXPECT_THAT(refusal("\x02\x01z"), HasSubstr("field 0 of wire type 2"));
  EXPECT_THAT(
      refusal("\x0a\x0e" + std::string("\x0a\x05\x0a\x01\x61\x12\0", 7) + std::string("\x0a\x05\x0a\x01\x61\x12\0", 7)),
      HasSubstr("feature 'a' stands twice"));
}

TEST(Example, CutAnywhereIsReadOrRefused) {
  const std::string file = written({{"velocity", "12345678"}, {"cells", "abcd"}});
  const std::string payload = file.substr(12, file.size() - 16);
  EXPECT_EQ(features_of(payload).size(), 2);
  for (std::size_t cut = 1; cut < payload.size(); ++cut) {
    EXPECT_NE(error_of([&] { features_of(payload.substr(0, cut)); }), "no error") << cut;
  }
}

TEST(ByteSource, FilesThatShrinkOrAreNoneAreNamed) {
  const auto path = std::filesystem::path(testing::TempDir()) / "shrinks.bin";
  write_file(path, "0123456789");
  const ByteSource file = ByteSource::file(path);
  std::filesystem::resize_file(path, 5);
  std::vector<std::byte> to(8);
  EXPECT_THAT(error_of([&] { file.read(2, to); }), HasSubstr("shorter than it was when opened"));
  EXPECT_THAT(error_of([&] { ByteSource::file(path.parent_path()); }), HasSubstr("not a file"));
  EXPECT_THAT(error_of([&] { ByteSource::file(path.string() + "none"); }), HasSubstr("No such file"));
}

}  // namespace
}  // namespace cotan

#include "io/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace {

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / name;
}

template <class T>
HostTensor tensor(DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  HostTensor result{dtype, std::move(shape), {}};
  const auto bytes = std::as_bytes(std::span(values));
  result.bytes.assign(bytes.begin(), bytes.end());
  return result;
}

TensorFile sample() {
  TensorFile file;
  file.tensors["encode.weight"] = tensor<float>(DType::f32, {2, 3}, {1, 2, 3, 4, 5, 6});
  file.tensors["count"] = tensor<std::int64_t>(DType::i64, {}, {-7});
  file.tensors["empty"] = tensor<double>(DType::f64, {0, 4}, {});
  file.tensors["flags"] = tensor<std::uint8_t>(DType::boolean, {3}, {1, 0, 1});
  file.metadata = {{"config", "a: 1\nb: \"zwei\"\n"}, {"unit", "m/s²"}};
  return file;
}

/// A file of this header and as many zero bytes.
std::string file_of(const std::string& header, std::size_t data) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + std::string(data, '\0');
}

std::string message_of(const std::string& bytes) {
  try {
    parse_safetensors(std::as_bytes(std::span(bytes)), "a.safetensors");
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Safetensors, RoundTripKeepsEveryBit) {
  const auto path = scratch("cotan_round_trip.safetensors");
  const TensorFile file = sample();
  write_safetensors(path, file);
  const TensorFile back = read_safetensors(path);
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (const auto& [name, expected] : file.tensors) {
    const HostTensor& found = back.tensors.at(name);
    EXPECT_EQ(found.dtype, expected.dtype) << name;
    EXPECT_EQ(found.shape, expected.shape) << name;
    EXPECT_EQ(found.bytes, expected.bytes) << name;
  }
  const std::string first = read_file(path);
  write_safetensors(path, back);
  EXPECT_EQ(read_file(path), first);  // equal contents, equal bytes
  std::filesystem::remove(path);
}

// The bytes as the reference implementation (safetensors 0.4, Python) writes {"a": float32 [1, 2]}.
TEST(Safetensors, ReadsWhatPythonWrites) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::string bytes =
      file_of(header + std::string((8 - header.size() % 8) % 8, ' '), 0) + std::string("\0\0\x80\x3f\0\0\0\x40", 8);
  const auto file = parse_safetensors(std::as_bytes(std::span(bytes)), "a");
  float values[2];
  std::memcpy(values, file.tensors.at("a").bytes.data(), sizeof values);
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], 2.0f);
}

TEST(Safetensors, DataStartOnAMultipleOfEight) {
  const auto path = scratch("cotan_aligned.safetensors");
  write_safetensors(path, sample());
  std::uint64_t length = 0;
  std::memcpy(&length, read_file(path).data(), sizeof length);
  EXPECT_EQ(length % 8, 0u);
  std::filesystem::remove(path);
}

TEST(Safetensors, EveryLieOfAHeaderIsNamed) {
  const auto one = [](const std::string& entry) { return "{\"a\":{" + entry + "}}"; };
  const std::pair<std::string, std::string> cases[] = {
      {"", "0 bytes"},
      {"abc", "3 bytes: empty or no safetensors file"},
      {std::string(8, '\xff'), "cut, or no safetensors file"},
      {file_of("{}", 0).substr(0, 9), "a header of 2 bytes, but the file has 9"},
      {file_of("[1]", 0), "no JSON object"},
      {file_of("{\"a\":", 0), "the header is no JSON"},
      {file_of("[[[[[[[[]]]]]]]]", 0), "nested deeper"},
      {file_of(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), 4), "bytes 0 to 8, but the file has 0 to 4"},
      {file_of(one(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), 8), "bytes 8 to 0"},
      {file_of(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), 8), "'a': 8 bytes, expected 12"},
      {file_of(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0), "shape too large"},
      {file_of(one(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), 4), "found -1 in 'shape'"},
      {file_of(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4.0])"), 4), "found 4.0 in 'data_offsets'"},
      {file_of(one(R"("dtype":"F23","shape":[1],"data_offsets":[0,4])"), 4), "F23"},
      {file_of(one(R"("dtype":"F32","shape":[1])"), 4), "no list 'data_offsets'"},
      {file_of(one(R"("dtype":"U8","shape":[1],"data_offsets":[1,2])"), 2), "overlap or leave a gap"},
      {file_of(one(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])"), 2), "tensors take 1 bytes, the file has 2"},
      {file_of(
           R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
           3),
       "'b' begins at byte 1, expected 2"},
      {file_of(
           R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
           0),
       "key 'a' stands twice"},
      {file_of(R"({"__metadata__":{"a":1}})", 0), "'a' is no text"},
  };
  for (const auto& [bytes, expected] : cases) {
    const std::string message = message_of(bytes);
    EXPECT_NE(message.find(expected), std::string::npos) << message << "\n  expected: " << expected;
  }
  EXPECT_THROW(read_safetensors(scratch("no_such.safetensors")), InputError);
}

TEST(Safetensors, RefusesToWriteWhatNobodyCouldRead) {
  const auto path = scratch("cotan_refused.safetensors");
  TensorFile file;
  file.tensors["a"] = tensor<float>(DType::f32, {3}, {1, 2});
  EXPECT_THROW(write_safetensors(path, file), Error);
  file.tensors = {{"__metadata__", tensor<float>(DType::f32, {1}, {1})}};
  EXPECT_THROW(write_safetensors(path, file), InputError);
  file = {{}, {{"text", "\xff\xfe"}}};
  EXPECT_THROW(write_safetensors(path, file), InputError);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace cotan

#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cotan {

/// Element types of a host tensor; names as safetensors writes them.
enum class DType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };
std::size_t size_of(DType dtype);         ///< bytes
std::string_view to_string(DType dtype);  ///< "F32", …
DType dtype_from(std::string_view name);  ///< \throw InputError listing the names

/// A dense row-major array without any framework: what tensor files hold and networks are rebuilt from.
struct HostTensor {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;  ///< size_of(dtype) times the product of shape, little-endian
};

/// A file of named tensors and a text dictionary (configuration, counters as text).
struct TensorFile {
  std::map<std::string, HostTensor> tensors;
  std::map<std::string, std::string> metadata;
};

}  // namespace cotan

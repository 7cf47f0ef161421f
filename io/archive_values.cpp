#include <cmath>
#include <cstring>
#include <limits>

#include "core/check.h"
#include "io/field_number.h"

namespace cotan {
namespace {

template <class T>
void append_as_doubles(const HostTensor& tensor, std::vector<double>& out) {
  for (std::size_t i = 0; i < tensor.bytes.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + i, sizeof(T));
    out.push_back(static_cast<double>(value));
  }
}

// IEEE 754 binary16, and bfloat16 as the upper half of a float.
double half_to_double(std::uint16_t h, bool bfloat) {
  const int exponent_bits = bfloat ? 8 : 5, mantissa_bits = bfloat ? 7 : 10;
  const int exponent = (h >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const double mantissa = h & ((1 << mantissa_bits) - 1);
  const double sign = h & 0x8000 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) {
    return mantissa ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  }
  const double scale = std::ldexp(1.0, -mantissa_bits);
  return exponent ? sign * std::ldexp(1 + mantissa * scale, exponent - bias)
                  : sign * std::ldexp(mantissa * scale, 1 - bias);
}

}  // namespace

std::size_t field_number(const Trajectory& trajectory, const std::string& field, std::size_t k0, std::size_t k1) {
  const std::size_t frames = trajectory.times().size();
  COTAN_REQUIRE(k0 < k1 && k1 <= frames, trajectory.name() << ": frames " << k0 << " to " << k1 << " of " << frames);
  std::vector<std::string> names;
  for (const auto& one : trajectory.fields()) {
    if (one.spec.name == field) return names.size();
    names.push_back(one.spec.name);
  }
  throw InputError(trajectory.name() + ": " + unknown_name("field", field, names));
}

std::vector<double> as_doubles(const HostTensor& tensor) {
  std::vector<double> out;
  out.reserve(tensor.bytes.size() / size_of(tensor.dtype));
  switch (tensor.dtype) {
    case DType::f64:
      append_as_doubles<double>(tensor, out);
      break;
    case DType::f32:
      append_as_doubles<float>(tensor, out);
      break;
    case DType::i64:
      append_as_doubles<std::int64_t>(tensor, out);
      break;
    case DType::i32:
      append_as_doubles<std::int32_t>(tensor, out);
      break;
    case DType::i16:
      append_as_doubles<std::int16_t>(tensor, out);
      break;
    case DType::i8:
      append_as_doubles<std::int8_t>(tensor, out);
      break;
    case DType::u8:
    case DType::boolean:
      append_as_doubles<std::uint8_t>(tensor, out);
      break;
    case DType::f16:
    case DType::bf16:
      append_as_doubles<std::uint16_t>(tensor, out);
      for (double& x : out) x = half_to_double(static_cast<std::uint16_t>(x), tensor.dtype == DType::bf16);
      break;
  }
  return out;
}

}  // namespace cotan

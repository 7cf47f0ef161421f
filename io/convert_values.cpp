#include "io/convert_values.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "core/check.h"

namespace cotan {
namespace {

template <class From>
From value_at(const std::byte* bytes, bool big_endian) {
  std::array<std::byte, sizeof(From)> own;
  if (big_endian == (std::endian::native == std::endian::little)) {
    std::reverse_copy(bytes, bytes + sizeof(From), own.begin());
  } else {
    std::copy_n(bytes, sizeof(From), own.begin());
  }
  return std::bit_cast<From>(own);
}

// What does not fit into a whole number becomes the least one, which no index or count is.
template <class To, class From>
To converted(From value) {
  if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    const bool fits = value >= From(-9.2e18) && value <= From(9.2e18);  // not for NaN
    return fits ? static_cast<To>(static_cast<std::int64_t>(value)) : std::numeric_limits<To>::min();
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
void convert(std::span<const std::byte> bytes, bool big_endian, void* out) {
  auto* to = static_cast<To*>(out);
  for (std::size_t i = 0; (i + 1) * sizeof(From) <= bytes.size(); ++i)
    to[i] = converted<To>(value_at<From>(&bytes[i * sizeof(From)], big_endian));
}

template <class To>
void convert_to(std::span<const std::byte> bytes, NumberKind kind, void* out) {
  const bool big = kind.big_endian;
  if (kind.kind == 'f')
    return kind.bytes == 4 ? convert<To, float>(bytes, big, out) : convert<To, double>(bytes, big, out);
  const bool is_signed = kind.kind == 'i';
  switch (kind.bytes) {
    case 1:
      return is_signed ? convert<To, std::int8_t>(bytes, big, out) : convert<To, std::uint8_t>(bytes, big, out);
    case 2:
      return is_signed ? convert<To, std::int16_t>(bytes, big, out) : convert<To, std::uint16_t>(bytes, big, out);
    case 4:
      return is_signed ? convert<To, std::int32_t>(bytes, big, out) : convert<To, std::uint32_t>(bytes, big, out);
    default:
      return is_signed ? convert<To, std::int64_t>(bytes, big, out) : convert<To, std::uint64_t>(bytes, big, out);
  }
}

}  // namespace

bool can_convert(NumberKind kind) {
  if (kind.kind == 'f') return kind.bytes == 4 || kind.bytes == 8;
  const bool whole = kind.kind == 'i' || kind.kind == 'u';
  return whole && (kind.bytes == 1 || kind.bytes == 2 || kind.bytes == 4 || kind.bytes == 8);
}

DType dtype_of(NumberKind kind) {
  if (kind.kind == 'f') return kind.bytes == 4 ? DType::f32 : DType::f64;
  const bool is_signed = kind.kind == 'i';
  if (kind.bytes == 1) return is_signed ? DType::i8 : DType::u8;
  if (kind.bytes == 2) return is_signed ? DType::i16 : DType::i32;
  return kind.bytes == 4 && is_signed ? DType::i32 : DType::i64;
}

void convert_values(std::span<const std::byte> bytes, NumberKind kind, DType to, void* out) {
  switch (to) {
    case DType::f64:
      return convert_to<double>(bytes, kind, out);
    case DType::f32:
      return convert_to<float>(bytes, kind, out);
    case DType::i64:
      return convert_to<std::int64_t>(bytes, kind, out);
    case DType::i32:
      return convert_to<std::int32_t>(bytes, kind, out);
    case DType::i16:
      return convert_to<std::int16_t>(bytes, kind, out);
    case DType::i8:
      return convert_to<std::int8_t>(bytes, kind, out);
    case DType::u8:
      return convert_to<std::uint8_t>(bytes, kind, out);
    default:
      throw Error("values are not read as " + std::string(to_string(to)));
  }
}

}  // namespace cotan

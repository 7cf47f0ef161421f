#include "io/legacy_vtk_values.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace cotan::legacy_vtk {
namespace {

constexpr std::array kScalars = {
    ScalarType{"BIT", Scalar::bit, 0},          ScalarType{"CHAR", Scalar::i8, 1},
    ScalarType{"SIGNED_CHAR", Scalar::i8, 1},   ScalarType{"UNSIGNED_CHAR", Scalar::u8, 1},
    ScalarType{"SHORT", Scalar::i16, 2},        ScalarType{"UNSIGNED_SHORT", Scalar::u16, 2},
    ScalarType{"INT", Scalar::i32, 4},          ScalarType{"UNSIGNED_INT", Scalar::u32, 4},
    ScalarType{"LONG", Scalar::i64, 8},         ScalarType{"UNSIGNED_LONG", Scalar::u64, 8},
    ScalarType{"VTKTYPEINT64", Scalar::i64, 8}, ScalarType{"VTKTYPEUINT64", Scalar::u64, 8},
    ScalarType{"VTKIDTYPE", Scalar::i32, 4},  // as VTK writes it
    ScalarType{"FLOAT", Scalar::f32, 4},        ScalarType{"DOUBLE", Scalar::f64, 8},
    ScalarType{"STRING", Scalar::text, 0}};

template <class T>
T big_endian(Source& source) {
  auto bytes = source.bytes<std::array<char, sizeof(T)>>();
  std::reverse(bytes.begin(), bytes.end());
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

double text_value(Source& source, Scalar scalar) {
  const auto value = source.text<double>();
  return scalar == Scalar::f32 ? double(float(value)) : value;
}

double binary_value(Source& source, Scalar scalar) {
  switch (scalar) {
    case Scalar::i8:
      return source.bytes<std::int8_t>();
    case Scalar::u8:
      return source.bytes<std::uint8_t>();
    case Scalar::i16:
      return big_endian<std::int16_t>(source);
    case Scalar::u16:
      return big_endian<std::uint16_t>(source);
    case Scalar::i32:
      return big_endian<std::int32_t>(source);
    case Scalar::u32:
      return big_endian<std::uint32_t>(source);
    case Scalar::i64:
      return double(big_endian<std::int64_t>(source));
    case Scalar::u64:
      return double(big_endian<std::uint64_t>(source));
    case Scalar::f32:
      return double(big_endian<float>(source));
    default:
      return big_endian<double>(source);
  }
}

// A line each; in binary files behind their length, whose first two bits say in how many bytes it stands.
void skip_texts(Source& source, bool binary, std::uint64_t count) {
  source.checked_count(count, 1, "texts");
  for (std::uint64_t k = 0; k < count; ++k) {
    if (!binary) {
      source.line_view();
      continue;
    }
    const auto first = source.bytes<std::uint8_t>();
    const int more = (first >> 6) == 3 ? 0 : (first >> 6) == 2 ? 1 : (first >> 6) == 1 ? 3 : 7;
    std::uint64_t length = first & 63;
    for (int b = 0; b < more; ++b) length = length << 8 | source.bytes<std::uint8_t>();
    if (length > source.remaining()) source.fail("a text of " + std::to_string(length) + " bytes: the file is cut");
    for (; length > 0; --length) source.bytes<char>();
  }
}

}  // namespace

const ScalarType* scalar_type(std::string_view name) {
  const auto found = std::find_if(kScalars.begin(), kScalars.end(), [&](const auto& row) { return row.name == name; });
  return found == kScalars.end() ? nullptr : &*found;
}

std::string decoded_name(std::string_view text) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    out += coded ? char(16 * hex(text[i + 1]) + hex(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

std::uint64_t product(const Source& source, std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b)
    source.fail_in_line(std::to_string(a) + " times " + std::to_string(b) + " values cannot be");
  return a * b;
}

std::vector<double> read_values(Source& source, bool binary, const ScalarType& type, std::uint64_t count) {
  if (type.scalar == Scalar::text) return skip_texts(source, binary, count), std::vector<double>{};
  std::vector<double> out;
  source.set_binary(binary);
  if (binary && type.scalar == Scalar::bit) {
    source.checked_count(count / 8, 1, "bytes of bits");
    std::uint8_t byte = 0;
    for (std::uint64_t k = 0; k < count; ++k) {
      if (k % 8 == 0) byte = source.bytes<std::uint8_t>();
      out.push_back(byte >> (7 - k % 8) & 1);
    }
  } else {
    out.resize(source.checked_count(count, binary ? std::uint64_t(type.bytes) : 2, "values"));
    for (double& value : out) value = binary ? binary_value(source, type.scalar) : text_value(source, type.scalar);
  }
  source.set_binary(false);
  return out;
}

}  // namespace cotan::legacy_vtk

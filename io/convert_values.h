#pragma once
#include <cstddef>
#include <span>

#include "core/tensor_file.h"

namespace cotan {

/// Numbers as files of others have them.
struct NumberKind {
  char kind = 'f';  ///< f: floating point (4 or 8 bytes), i: signed, u: unsigned (1, 2, 4 or 8 bytes)
  int bytes = 4;
  bool big_endian = false;
};
bool can_convert(NumberKind kind);
/// The smallest of our types that holds it; 64-bit signed for 64-bit unsigned. \pre can_convert(kind)
DType dtype_of(NumberKind kind);
/// Values into an array of type `to`: f64, f32, i64, i32, i16, i8 or u8. \pre bytes.size() is a whole number of values
void convert_values(std::span<const std::byte> bytes, NumberKind kind, DType to, void* out);

}  // namespace cotan

#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/source.h"

namespace cotan::legacy_vtk {

enum class Scalar : std::uint8_t { bit, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, text };
/// A type of values as the file names it.
struct ScalarType {
  std::string_view name;
  Scalar scalar;
  int bytes;  ///< 0: not the same for all
};
constexpr ScalarType kInt = {"INT", Scalar::i32, 4};

/// By its name in capitals; null where there is none.
const ScalarType* scalar_type(std::string_view name);
/// "%20" -> " ", as VTK writes names.
std::string decoded_name(std::string_view text);
/// \throw InputError where it does not fit into 64 bits
std::uint64_t product(const Source& source, std::uint64_t a, std::uint64_t b);
/// The values of an array; none of texts, which are stepped over.
/// \param binary as the file's head says; else the values are text
/// \throw InputError: more than the file holds, other things than numbers
std::vector<double> read_values(Source& source, bool binary, const ScalarType& type, std::uint64_t count);

}  // namespace cotan::legacy_vtk

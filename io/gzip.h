#pragma once
#include <string>
#include <string_view>

namespace cotan {

/// The bytes that a gzip file holds. Unpacked up to 256 MiB and 64 times the packed size, so that a small file cannot
/// fill the memory. \param name what messages call it
/// \throw InputError: cut, corrupt, beyond these bounds, a build without zlib (naming the CMake option)
std::string unpack_gzip(std::string_view packed, const std::string& name);

}  // namespace cotan

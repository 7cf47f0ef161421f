#include "core/check.h"
#include "io/gzip.h"

namespace cotan {

std::string unpack_gzip(std::string_view, const std::string& name) {
  throw InputError(name + ": packed by gzip, and this build has no zlib; unpack it, or rebuild with -DCOTAN_HDF5=ON");
}

}  // namespace cotan

#pragma once
#include <memory>

#include "io/array_file.h"
#include "io/byte_source.h"

namespace cotan {

/// A .npz of NumPy: arrays by name, stored or deflated, in C order. Rows of a stored array are read where they lie; a
/// deflated one is unpacked from its begin for each read. \throw InputError naming file and array
std::unique_ptr<ArrayFile> open_npz(ByteSource file);

}  // namespace cotan

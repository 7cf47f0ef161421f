#pragma once
#include <filesystem>
#include <span>

#include "core/tensor_file.h"

namespace cotan {

/// safetensors: an 8-byte little-endian header length, a JSON header, raw tensors. No code can hide in it.
/// Every length, offset, overlap and shape is checked against the file before memory is asked for.
/// \throw InputError naming the file, the tensor, found and expected
TensorFile read_safetensors(const std::filesystem::path& path);
TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& source);
/// Written aside and renamed. Tensors in the order of names, so equal contents give equal bytes.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace cotan

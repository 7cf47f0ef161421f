#pragma once
#include <filesystem>
#include <memory>

#include "io/archive.h"

namespace cotan {

/// Whether a YAML file says what the arrays of a .npz or .h5 are: it has the key `arrays`, or `archive: {arrays: …}` as
/// a training configuration may.
bool is_array_mapping(const std::filesystem::path& path);
/// The archive that the mapping describes (docs/archive.md has its keys); each file is a trajectory.
/// \throw InputError naming line and key, or file and array, with found and expected shape
std::unique_ptr<Archive> open_mapped_archive(const std::filesystem::path& path);

}  // namespace cotan

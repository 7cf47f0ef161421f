#pragma once
#include <filesystem>
#include <memory>
#include <span>

#include "io/archive.h"

namespace cotan {

/// A .pvd of .vtu files as an archive of one trajectory; further collections on the same mesh and times are joined by
/// time. Files are read when asked for; repeated entries are read once.
/// \throw InputError naming the file: missing entries, times that do not increase, meshes or times that differ
std::unique_ptr<Archive> open_pvd_archive(const std::filesystem::path& path,
                                          std::span<const std::filesystem::path> beside = {});

}  // namespace cotan

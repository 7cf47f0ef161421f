#pragma once
#include <filesystem>
#include <memory>

#include "io/archive.h"

namespace cotan {

/// Whether a mesh file keeps its times as numbered arrays: u0, u1, … or u_000, u_001, …, three at least. Reads the
/// file.
bool has_numbered_arrays(const std::filesystem::path& path);
/// Arrays numbered inside one mesh file as an archive of one trajectory: displacement0 … displacement9 are ten frames
/// of `displacement`, and the other arrays static fields. Times are the numbers. All families of names must have the
/// same numbers. The file's values are in memory while the trajectory is open. \throw InputError naming the file and
/// arrays
std::unique_ptr<Archive> open_numbered_arrays(const std::filesystem::path& path);

}  // namespace cotan

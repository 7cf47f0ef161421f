#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/archive.h"

namespace cotan {

/// Whether a path is a pattern: * or ? in its last part, and no such file.
bool is_pattern(const std::filesystem::path& path);
/// The files that a pattern matches, a2 before a10; of a folder, all of its files. \throw InputError where it cannot be
/// listed
std::vector<std::filesystem::path> matching_files(const std::filesystem::path& pattern);

/// Files and what tells them apart: the first number in their names that is not the same in all.
struct NumberedFiles {
  std::vector<std::filesystem::path> files;  ///< in the order of their numbers
  std::vector<double> numbers;               ///< increasing
};
/// \param files at least one. \throw InputError, beginning with `name`: names that differ in more than numbers, or by
/// no number
NumberedFiles by_number(std::vector<std::filesystem::path> files, const std::string& name);

/// A pattern of mesh files, or a folder that holds one numbered series of them.
bool is_numbered_series(const std::filesystem::path& path);
/// Numbered mesh files as an archive of one trajectory: "out_*.vtu", or the folder of one such series. Times are the
/// files' own; where they have none, the numbers. \throw InputError: no file, several series, times that do not
/// increase
std::unique_ptr<Archive> open_numbered_archive(const std::filesystem::path& path);

}  // namespace cotan

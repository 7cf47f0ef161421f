#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/archive.h"

namespace cotan {

/// Exodus II, in classic NetCDF or NetCDF-4. Element blocks are cell sets, node sets point sets, side sets facet sets,
/// by name, or "physical_N" for number N; a block of lower dimension is a set of sides. Variables of nodes, elements
/// and the whole are fields of one component each. Where one name stands on several of these, the later ones get
/// "_cell" or
/// "_global" behind it. In element blocks without a variable its value is NaN.
/// \throw InputError naming file and variable
Snapshot read_exodus(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);  ///< first frame

/// A file with time steps, a pattern or a folder of such.
bool is_exodus_archive(const std::filesystem::path& path);
/// Each file is a trajectory, in the order of names.
std::unique_ptr<Archive> open_exodus_archive(const std::filesystem::path& path);

}  // namespace cotan

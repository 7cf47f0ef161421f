#pragma once
#include <filesystem>

namespace cotan {

// For a verb to ask before it computes what this build could not write.

/// \throw InputError naming `path` and the CMake option, in a build without VTK
void require_vtk(const std::filesystem::path& path);
/// \throw InputError naming `path` and the CMake option, in a build without HDF5
void require_hdf5(const std::filesystem::path& path);

}  // namespace cotan

#pragma once
#include <filesystem>
#include <memory>

#include "io/archive.h"

namespace cotan {

/// A transient VTKHDF file of type UnstructuredGrid (VTKHDF 1 and 2; ours or another program's) as a trajectory; a file
/// without `Steps` has one frame. Values are read by hyperslabs, a window at a time.
/// \throw InputError naming file and dataset: missing, truncated, corrupt, extents and offsets that contradict each
/// other
std::unique_ptr<Trajectory> open_vtkhdf(const std::filesystem::path& file);

/// A mesh with fields at one time: a file without `Steps`, fields in double; of a transient file the first step.
/// \throw InputError as open_vtkhdf; for a name of a field that HDF5 cannot have
Snapshot read_vtkhdf(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
void write_vtkhdf(const std::filesystem::path& path, const Snapshot& snapshot);
/// Whether a file has no time steps; false for one that cannot be opened.
bool is_static_vtkhdf(const std::filesystem::path& path);

/// A file, or a folder of them: transient files are a trajectory each, in the order of their names (numbers in names by
/// value); files without `Steps` are the frames of one trajectory, their times from FieldData/TimeValue where it is
/// there.
std::unique_ptr<Archive> open_vtkhdf_archive(const std::filesystem::path& path);

}  // namespace cotan

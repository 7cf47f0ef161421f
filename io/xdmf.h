#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/archive.h"

namespace cotan {

/// XDMF 2 and 3 with HDF5, numbers in the XML, or raw files: unstructured grids of one kind of cell or mixed, alone or
/// as collections over time; hyperslabs; xi:include. Files outside the folder of the XDMF are refused. Read without the
/// XDMF library. \throw InputError naming file and line, or dataset
Snapshot read_xdmf(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);  ///< first time
/// One grid: FILE.xdmf, and FILE.h5 beside it.
void write_xdmf(const std::filesystem::path& path, const Snapshot& snapshot);

bool is_xdmf_archive(const std::filesystem::path& path);  ///< a collection over time
std::unique_ptr<Archive> open_xdmf_archive(const std::filesystem::path& path);
/// A collection over time of one mesh. The two files appear under their names at finish().
std::unique_ptr<TrajectoryWriter> write_xdmf_series(const std::filesystem::path& file, const Mesh& mesh,
                                                    const std::vector<FieldSpec>& fields);

}  // namespace cotan

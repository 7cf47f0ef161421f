#pragma once
#include <filesystem>
#include <memory>

#include "io/archive.h"

namespace cotan {

/// A folder with one .su2 mesh and numbered .csv files, or a pattern of the latter.
bool is_su2_series(const std::filesystem::path& path);
/// SU2's solution files (CSV, a row a point of the mesh, in its order) as an archive of one trajectory on the mesh
/// beside them. Columns NAME_x, NAME_y, NAME_z are one field NAME; PointID and coordinates are compared with the mesh.
/// Times are the numbers in the files' names. \throw InputError naming file and line
std::unique_ptr<Archive> open_su2_series(const std::filesystem::path& path);

}  // namespace cotan

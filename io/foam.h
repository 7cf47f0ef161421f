#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/archive.h"

namespace cotan {

/// An OpenFOAM case (see is_foam_case in io/foam_case.h) as a mesh with the fields of its last time. Of a polyMesh
/// folder the mesh alone. \throw InputError naming file and line, or cell
Snapshot read_foam(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// The same in the plane, of a case that is one cell thick between patches of type `empty` (io/foam_mesh.h).
Snapshot read_foam_plane(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);

/// A case with a time folder that has fields on cells or points.
bool is_foam_archive(const std::filesystem::path& path);
/// Its times as an archive of one trajectory: the inner values of the fields that all times have, vol… on cells and
/// point… on points, read when they are asked for. Meshes that move or change in time folders are followed.
/// \param in_plane as read_foam_plane
std::unique_ptr<Archive> open_foam_archive(const std::filesystem::path& path, bool in_plane);

}  // namespace cotan

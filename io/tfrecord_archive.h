#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/archive.h"

namespace cotan {

/// Whether a path is an archive in the layout of MeshGraphNets: a .tfrecord file, or a folder that holds some.
bool is_tfrecord_archive(const std::filesystem::path& path);

/// Archive in the layout of MeshGraphNets: TFRecord files, one record a trajectory, and meta.json beside them
/// \cite pfaff2021. A folder's files are its splits: the one named `split`, else all of them, in the order
/// train, valid, test, others. Records' checksums hold or open() throws; each is read through once for that.
/// The mesh is by `mesh_pos`, else by `world_pos`, and `cells` (2 columns: lines; 3: triangles; 4: tetrahedra, or
/// quadrilaterals in the plane); `node_type` gives the roles, those of frame 0 where it varies; every other feature is
/// a field, on points, cells or the whole by its number of rows. Times are frame times dt, or frames where dt is 0.
/// \throw InputError naming the file, and record, key or feature
std::unique_ptr<Archive> open_tfrecord_archive(const std::filesystem::path& path, const std::string& split = {});

/// Writes every trajectory of an archive as a record of `file` (.tfrecord), and meta.json beside it. Floating types
/// become float32; where the mesh changes, features are of varying length. Returns what the format cannot keep, a
/// sentence each. Both files are written aside and renamed.
/// \throw InputError: cells, uneven times or names that the format cannot have, trajectories that disagree, a meta.json
/// there that says other things (unless `replace_meta`, and no other .tfrecord file is beside it)
std::vector<std::string> write_tfrecord_archive(const std::filesystem::path& file, const Archive& archive,
                                                bool replace_meta = false);

}  // namespace cotan

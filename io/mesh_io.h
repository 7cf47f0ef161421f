#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mesh/field.h"

namespace cotan {

/// What of a snapshot a written file brings back, beside points, cells and facet sets.
struct Keeps {
  bool second_order = true, sets = true, fields = true, whole_fields = true, units = false;
  bool surfaces = true;  ///< cells that do not fill the plane or space; else `write` refuses them
};

/// One row of the table of mesh formats, by extension (that of .foam is for folders, too); a new format is one source
/// file and one row in mesh_io.cpp.
struct MeshFormat {
  std::string_view extension;  ///< ".msh"
  std::string_view about;
  Snapshot (*read)(const std::filesystem::path&, std::vector<std::string>* notes);  ///< null: cannot
  void (*write)(const std::filesystem::path&, const Snapshot&);                     ///< null: cannot
  Keeps keeps = {};                                                                 ///< of what `write` is given
  std::string_view needs = "";  ///< the feature (core/build.h) that a build must have for it
  /// `read`, in the plane: see read_in_plane; null: cannot
  Snapshot (*read_in_plane)(const std::filesystem::path&, std::vector<std::string>* notes) = nullptr;
};
/// All of them; those that a build lacks say which option brings them.
std::span<const MeshFormat> mesh_formats();

/// Whether this build reads meshes from files with that extension.
bool can_read_mesh(const std::filesystem::path& path);

/// Mesh and the fields that stand in the file. Cells of negative volume are turned over and unused points dropped, and
/// `notes` (where not null) says so in a sentence each. \throw InputError: unknown extension (listing those there are),
/// missing, empty, truncated or corrupt file
Snapshot read_snapshot(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// The same of an OpenFOAM case that is one cell thick between patches of type `empty`, as a mesh of the plane.
/// \throw InputError: another format, another case, and as above
Snapshot read_in_plane(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
Mesh read_mesh(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// Written aside and renamed. What the format has no place for is left out, with a warning that lists it; of cells of
/// second order, where it has none, the corners are kept.
void write_snapshot(const std::filesystem::path& path, const Snapshot& snapshot);

/// A mesh by raw data, mended as read_snapshot does: turned cells, unused points, with notes.
Mesh mend_and_build(MeshData data, std::vector<HostField>* fields, std::vector<std::string>* notes);

}  // namespace cotan

#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mesh/field.h"

namespace cotan {

/// One row of the table of mesh formats, by extension; a new format is one source file and one row in mesh_io.cpp.
struct MeshFormat {
  std::string_view extension;  ///< ".msh"
  std::string_view about;
  Snapshot (*read)(const std::filesystem::path&, std::vector<std::string>* notes);  ///< null: cannot
  void (*write)(const std::filesystem::path&, const Snapshot&);                     ///< null: cannot
  std::string_view needs = "";  ///< the feature (core/build.h) that a build must have for it
};
/// All of them; those that a build lacks say which option brings them.
std::span<const MeshFormat> mesh_formats();

/// Mesh and the fields that stand in the file. Cells of negative volume are turned over and unused points dropped, and
/// `notes` (where not null) says so in a sentence each. \throw InputError: unknown extension (listing those there are),
/// missing, empty, truncated or corrupt file
Snapshot read_snapshot(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
Mesh read_mesh(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// Written aside and renamed.
void write_snapshot(const std::filesystem::path& path, const Snapshot& snapshot);

/// A mesh by raw data, mended as read_snapshot does: turned cells, unused points, with notes.
Mesh mend_and_build(MeshData data, std::vector<HostField>* fields, std::vector<std::string>* notes);

}  // namespace cotan

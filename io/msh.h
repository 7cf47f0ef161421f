#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "mesh/field.h"

namespace cotan {

/// Gmsh's MSH 2.2 and 4.1, text and binary, by our own reader (Gmsh's takes ten times the memory of the result and
/// says only "Error loading" of a cut file). Cells of the highest dimension make the mesh; lower ones that are sides
/// of cells make facet sets, physical points point sets; partitioned files and second-order cells too.
/// A physical group without a name is called physical_N. Groups that are named in the file keep their names.
/// Interior sides (embedded faults) stand with the lower-numbered cell. $NodeData and $ElementData become fields.
/// \throw InputError naming the file, section, line or byte, found and expected
struct MshContent {
  MeshData mesh;                   ///< not yet mended (orientation, unused points): see io/mesh_io.h
  std::vector<HostField> fields;   ///< NaN where the file has no value
  double time = 0;                 ///< of the fields [s]; of several times the file's last
  std::vector<std::string> notes;  ///< what was left out, a sentence each
};
MshContent read_msh(const std::filesystem::path& path);
MshContent parse_msh(std::span<const std::byte> bytes, const std::string& source);

enum class MshVersion { v22, v41 };
/// Cells, facet, point and cell sets as physical groups (numbers kept where the mesh has them), point and cell fields.
void write_msh(const std::filesystem::path& path, const Snapshot& snapshot, MshVersion version = MshVersion::v41,
               bool binary = true);

}  // namespace cotan

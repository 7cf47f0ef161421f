#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "io/mesh_content.h"

namespace cotan {

/// Gmsh's MSH 2.2 and 4.1, text and binary, by our own reader (Gmsh's takes ten times the memory of the result and
/// says only "Error loading" of a cut file). Cells of the highest dimension make the mesh; lower ones that are sides
/// of cells make facet sets, physical points point sets; partitioned files and second-order cells too.
/// A physical group without a name is called physical_N. Groups that are named in the file keep their names.
/// Interior sides (embedded faults) stand with the lower-numbered cell. $NodeData and $ElementData become fields.
/// \throw InputError naming the file, section, line or byte, found and expected
MeshContent read_msh(const std::filesystem::path& path);
MeshContent parse_msh(std::span<const std::byte> bytes, const std::string& source);

enum class MshVersion { v22, v41 };
/// Cells, facet, point and cell sets as physical groups (numbers kept where the mesh has them), point and cell fields.
void write_msh(const std::filesystem::path& path, const Snapshot& snapshot, MshVersion version = MshVersion::v41,
               bool binary = true);

}  // namespace cotan

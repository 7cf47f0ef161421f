#pragma once
#include <filesystem>

#include "io/mesh_content.h"
#include "io/source.h"

namespace cotan {

/// SU2's own mesh format. Markers become facet sets by name, also where a marker stands several
/// times; halo markers (SEND_RECEIVE) of partitioned files and all other keywords (angles, periodic and free-form
/// boxes) are left out. \throw InputError naming the file, line, found and expected
MeshContent parse_su2(Source& source);
/// Cells that fill the plane or space, by their corners, and facet sets as markers: SU2 has no place for more.
/// \throw InputError: a mesh on a line or of a surface; a marker's name that SU2 cannot keep
void write_su2(const std::filesystem::path& path, const Snapshot& snapshot);

}  // namespace cotan

#pragma once
#include <vector>

#include "io/source.h"
#include "mesh/field.h"
#include "mesh/mesh.h"

namespace cotan {

/// The fields of a solution of SU2 (CSV): a line of names, and a row for each point of the mesh, in its order. Columns
/// NAME_x, NAME_y (, NAME_z) are one field.
/// \pre the mesh has points
/// \throw InputError naming file and line: other points than the mesh's, names that stand twice, no numbers
std::vector<HostField> read_su2_solution(Source& source, const MeshData& mesh);

}  // namespace cotan

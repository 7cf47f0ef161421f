#pragma once
#include "mesh/mesh.h"

namespace cotan {

/// What Mesh's constructor checks, in order. Each throws InputError naming the first offender.
void check_layout(const MeshData& data);    ///< lengths, offsets, node numbers, one topological dimension
void check_points(const MeshData& data);    ///< finite, each used by a cell
void check_unique(const MeshData& data);    ///< no cell stands twice
void check_sets(const MeshData& data);      ///< entries in range
void check_geometry(const MeshData& data);  ///< no degenerate or inverted cell

}  // namespace cotan

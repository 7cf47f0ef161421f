#pragma once
#include <string>
#include <vector>

#include "mesh/field.h"
#include "mesh/mesh.h"

namespace cotan {

/// Cells of each piece of a mesh, the largest first; pieces are joined by points.
std::vector<Index> piece_sizes(const Mesh& mesh);

/// How many points stand at the very place of another, beyond the first there.
Index num_coincident(const Mesh& mesh);

/// The mesh with points at the very same place made one (the first of them), and the rows of its fields on points;
/// `notes` say how many, and by how much values of points that became one differ: those of the first stay.
/// \throw InputError as Mesh does, where a cell has lost a corner so or two cells became one
Snapshot merge_points(const Snapshot& snapshot, std::vector<std::string>& notes);

/// Turns cells of a surface in space, so that neighbours across an edge go around in the same sense; in each piece the
/// fewer. Edges of more than two cells join nothing. Returns how many were turned; facet sets follow.
/// `one_sided` receives whether some piece has no such sense (a Moebius strip), which is left as it is.
Index orient_surface(MeshData& data, bool& one_sided);

/// Turns these cells over (in place); facet sets follow. \pre one entry a cell
void turn_cells(MeshData& data, const std::vector<bool>& turned);

}  // namespace cotan

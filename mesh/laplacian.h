#pragma once
#include <span>

#include "mesh/graph.h"
#include "mesh/periodic.h"

namespace cotan {

/// The name of `laplacian_edges`' set.
inline constexpr const char* kLaplacian = "laplacian";

/// The Laplacian of a mesh of simplices by linear finite elements with a lumped mass, as an edge set on the links of
/// the graph's set "mesh": weight w_ij = -(integral of grad v_i . grad v_j), of triangles in the plane or in space
/// (cot a + cot b) / 2 \cite pinkall1993, of tetrahedra likewise by dihedral angles, of lines 1 / length; measure =
/// mixed areas of triangles \cite meyer2003, equal shares of other cells. `laplacian` applies it. At the border the
/// weights are those of the cells there are, which is the natural condition: no flux. Glued points have the weights and
/// the measure of a point inside. Cotangents are not clamped: linear functions are annihilated inside whatever the
/// angles, an edge whose two opposite angles sum to more than 180 degrees has a negative weight (the maximum principle
/// is lost there), and slivers give weights as large as their angles are flat. Of the whole mesh, which every rank has:
/// the same bits on any number of ranks. \param graph made from `mesh` with the same `periodic`, in double on the host
/// \throw InputError for cells that are not simplices, and for cells without volume (naming the first)
EdgeSet laplacian_edges(const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic = {});

/// (L u)_i = (1 / measure_i) sum of w_ij (u_j - u_i): (N, C) -> (N, C), about the Laplacian [u/m^2], for any set with
/// weights and measures. Ghosts of u are up to date; ghost rows of the result have no meaning.
at::Tensor laplacian(const EdgeSet& edges, const at::Tensor& u);

}  // namespace cotan

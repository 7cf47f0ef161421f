#pragma once
#include <ATen/core/Tensor.h>

#include "mesh/graph.h"
#include "mesh/halo.h"

namespace cotan {

// Differentiable geometry and operators on a Graph. All take node values (N, C) whose ghosts are up to date; owned rows
// of what they return are right, ghost rows have no meaning until the next halo exchange.

/// What a least-squares gradient needs of a graph's mesh edges, made once: with d the offset from receiver to sender
/// and w = 1/|d|^2, `weighted` is w d and `inverse` the (pseudo-)inverse of the sum of w d d^T over a point's in-edges.
struct LeastSquares {
  at::Tensor weighted;  ///< (E, dim) [1/m]
  at::Tensor inverse;   ///< (N, dim, dim)
};
/// On curves and surfaces in space, and where a point's neighbours leave a direction open (all on a line, none at all),
/// the gradient is the one of least norm: tangential, with the tangent space from the neighbours themselves. It is
/// differentiable in the offsets; of such points with the tangent space held fixed.
LeastSquares least_squares(const Graph& graph);

/// Weighted least-squares gradient over mesh edges, also through periodic sides: (N, C) -> (N, C, dim) [u/m].
/// Exact on linear functions (their tangential part on flat surfaces in space).
at::Tensor gradient(const Graph& graph, const at::Tensor& u);
at::Tensor gradient(const LeastSquares& fit, const Graph& graph, const at::Tensor& u);
/// Trace of the gradient of a vector field: (N, dim) -> (N) [1/s for a velocity].
at::Tensor divergence(const Graph& graph, const at::Tensor& v);
at::Tensor divergence(const LeastSquares& fit, const Graph& graph, const at::Tensor& v);

/// Gradient of linear elements (constant in each), averaged to points by the elements' volumes: (N, C) -> (N, C, dim).
/// Exact on linear functions; tangential on surfaces. Ghost rows too where `halo` is given. Not across periodic sides.
/// \throw InputError for cells that are not simplices
at::Tensor element_gradient(const Graph& graph, const at::Tensor& u, const HaloExchange& halo = {});

/// Which corners see which edges of a triangle mesh: made once, while the mesh moves.
struct TriangleEdges {
  Segments opposite;  ///< segment = row of cells.reshape(-1) seen as a corner, index = the two directed edges opposite
  at::Tensor boundary;  ///< (N) bool: on the border of the surface
};
/// \throw InputError for cells other than triangles, and for edges across periodic sides
TriangleEdges triangle_edges(const Graph& graph, const HaloExchange& halo = {});

/// Cotangent stiffness and mixed (Meyer) areas of a triangle mesh, in the plane or in space; \cite meyer2003.
/// (L u)_i = (1 / (2 A_i)) sum_j (cot a_ij + cot b_ij) (u_j - u_i): approximates the Laplacian [u/m^2].
struct CotanLaplacian {
  at::Tensor weight;    ///< (E) (cot a + cot b) / 2 of the edge set "mesh"; symmetric
  at::Tensor area;      ///< (N) mixed area [m^2]; all points sum to the surface's area
  at::Tensor boundary;  ///< (N) bool: on the border of the surface
};
/// \param position (N, dim), by default the graph's: differentiable in it
/// \param halo where given, areas and borders of ghosts are right too
/// \throw InputError as `triangle_edges`
CotanLaplacian cotan_laplacian(const Graph& graph, const at::Tensor& position = {}, const HaloExchange& halo = {});
CotanLaplacian cotan_laplacian(const TriangleEdges& edges, const Graph& graph, const at::Tensor& position = {},
                               const HaloExchange& halo = {});
at::Tensor apply(const CotanLaplacian& laplacian, const Graph& graph, const at::Tensor& u);  ///< (N, C) -> (N, C)

/// Volumes of simplices as tensor functions of positions: (K) [m^cell_dim]; signed where the cells have the dimension
/// of the space. Equal to cell_volumes on the host. \param cells (K, corners) int64
at::Tensor simplex_volumes(const at::Tensor& position, const at::Tensor& cells);
/// Those of a graph's cells; `position` (N, dim), by default the graph's.
at::Tensor simplex_volumes(const Graph& graph, const at::Tensor& position = {});

}  // namespace cotan

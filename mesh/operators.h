#pragma once
#include <ATen/core/Tensor.h>

#include "mesh/graph.h"
#include "mesh/halo.h"

namespace cotan {

/// A sparse linear map on node rows, with the transpose for gradients: y = A x, rows by receiver.
/// y[i] = diagonal[i] x[i] + sum over in-edges e of weight[e] x[sender[e]]
struct NodeOperator {
  at::Tensor weight;    ///< (E) or (E, dim) for vector-valued operators
  at::Tensor diagonal;  ///< (N) or (N, dim)
};

/// Differentiable geometry and operators on a Graph. All take node values (N, C) whose ghosts are up to date and
/// return owned rows (ghost rows of the result are not meaningful until the next halo exchange).

/// Weighted least-squares gradient over mesh edges, weights 1/length^2: (N, C) -> (N, C, dim) [u/m].
/// Exact on linear functions.
at::Tensor gradient(const Graph& graph, const at::Tensor& u);
/// Trace of the gradient of a vector field: (N, dim) -> (N) [1/s for a velocity].
at::Tensor divergence(const Graph& graph, const at::Tensor& v);
/// Per-triangle gradient of linear elements averaged to points by area; \pre triangles or tetrahedra. (N, C, dim).
at::Tensor element_gradient(const Graph& graph, const at::Tensor& u, const HaloExchange& halo = {});

/// Cotangent stiffness and mixed (Meyer) areas of a triangle mesh, in the plane or in space; \cite meyer2003.
/// (L u)_i = (1 / (2 A_i)) sum_j (cot a_ij + cot b_ij) (u_j - u_i): approximates the Laplacian [u/m^2].
struct CotanLaplacian {
  at::Tensor weight;  ///< (E) (cot a + cot b) / 2 of the edge set "mesh"; symmetric
  at::Tensor area;    ///< (N) mixed area [m^2]; all points sum to the surface's area
  at::Tensor boundary;///< (N) bool: on the border of the surface
};
/// \param position (N, dim), by default the graph's: differentiable in it
/// \throw InputError for cells other than triangles
CotanLaplacian cotan_laplacian(const Graph& graph, const at::Tensor& position = {}, const HaloExchange& halo = {});
at::Tensor apply(const CotanLaplacian& laplacian, const Graph& graph, const at::Tensor& u);  ///< (N, C) -> (N, C)

/// Signed volumes of simplices as tensor functions of positions: (K) [m^dim]. Equal to cell_volumes on the host.
at::Tensor simplex_volumes(const at::Tensor& position, const at::Tensor& cells);

}  // namespace cotan

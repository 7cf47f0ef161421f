#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/comm.h"
#include "mesh/graph.h"
#include "mesh/periodic.h"

namespace cotan {

/// The name of `stencil_edges`' set where the number of points is the usual one.
inline constexpr const char* kStencil = "stencil";

/// The name of a set of stencils of that many points each: "stencil" of the number that is usual (0), "stencil_31".
std::string stencil_name(int count);
/// The number in such a name; nothing for other names.
std::optional<int> stencil_count(std::string_view name);

/// How points are gathered for differences that are exact on quadratic functions.
struct StencilPoints {
  int count = 0;  ///< with the point itself; 0: 5 on lines, 19 in the plane and on surfaces, 45 in space
  /// Sides without flux: points beyond are the mirror images of those within, with their values, so that differences
  /// there are those of a point inside. Elsewhere at the border stencils are one-sided; rows of points whose values
  /// are prescribed are overwritten anyway.
  std::vector<Facet> mirrors = {};
};

/// Edges into each point from its nearest points as the mesh's links reach them (through glued sides, not through
/// walls), all of those at the farthest one's distance. Offsets go through the wraps and mirrors; on surfaces they are
/// the parts along the tangent plane, in whose coordinates the surface's Laplacian at the point is the plane's
/// \cite liang2013. The measure is h^2 [m^2], where h^cell_dim is the mean of the stencil's points' dual volumes: what
/// weights that are made of offsets over h are divided by. Weights are left undefined: see `stencil_weights`.
///
/// Of the whole mesh, which every rank has, into owned points; `guests` of the set brings senders that have no row
/// here. In-edges of a point stand in the order of the senders' global numbers. Collective.
/// \param graph made from `mesh` with the same `periodic`, in double on the host
/// \throw InputError for lines in the plane or in space, for points that fewer points can be reached from than
///        quadratic functions need, and for mirrors that are not at the border
EdgeSet stencil_edges(const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic = {},
                      const StencilPoints& points = {}, const Comm& comm = {});

/// A radial kernel: sum over k of amplitude_k exp(-shape_k r^2 / h^2), plus `ridge` where both points are the same.
struct RadialKernel {
  at::Tensor amplitude, shape;  ///< (K)
  at::Tensor ridge;             ///< ()
};

/// The one that fits random waves of 3.7 points and more: examples/phympgn/laplace. In double.
RadialKernel fitted_kernel();

/// Weights (E) of stencil edges for the Laplacian, dimensionless (over the set's measure [1/m^2]): of all that are
/// exact on polynomials of that degree, 1 or 2, those of the least expected error on a random field with the kernel as
/// its covariance, which is interpolation by the kernel and polynomials \cite fornberg2015. Solved in double;
/// differentiable in the kernel. In the offsets' type. \throw InputError naming a row whose neighbours leave the
/// polynomials open. Takes some 20 n^2 doubles a stencil of n points, while it is differentiated for all of them.
at::Tensor stencil_weights(const EdgeSet& edges, std::int64_t cell_dim, const RadialKernel& kernel, int degree = 2);

/// Likewise the weights (E, D) of all first and second derivatives along the axes, x, y, z, xx, xy, xz, yy, yz, zz of
/// those there are, in double [1/m, 1/m^2]: exact on quadratic functions. \throw InputError also on surfaces
at::Tensor derivative_weights(const EdgeSet& edges, std::int64_t cell_dim, const RadialKernel& kernel);

}  // namespace cotan

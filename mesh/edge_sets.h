#pragma once
#include <span>
#include <string>

#include "core/comm.h"
#include "mesh/graph.h"

namespace cotan {

/// The graph with those of the named edge sets that are made from its mesh and that it has not: "laplacian", "stencil"
/// or, of other numbers of points, "stencil_31", and "mirror". Other names are left to the caller. Through sides that
/// are neither glued nor given there is no flux: of "laplacian" that is the natural condition anyway, of stencils they
/// are mirrors. "stencil" comes with the fitted kernel's weights. \param graph made from `mesh` with the same
/// `periodic`, in double on the host \param given (num_points) not 0 where all values of a point are prescribed; empty:
/// none are \param comm the ranks that share the mesh. Collective. \throw InputError as the set's maker
Graph with_edge_sets(Graph graph, const Mesh& mesh, std::span<const PeriodicPair> periodic,
                     std::span<const std::string> names, std::span<const char> given = {}, const Comm& comm = {});

}  // namespace cotan

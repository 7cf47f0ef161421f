#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/comm.h"
#include "mesh/graph.h"

namespace cotan {

/// Sides of the border that are neither glued nor given: those with a corner whose values the state's equations find.
/// \param given (num_points) whether a point's values are prescribed
std::vector<Facet> free_sides(const Mesh& mesh, std::span<const char> given, std::span<const PeriodicPair> periodic);

/// The graph with those of the named edge sets that are made from its mesh and that it has not: "laplacian" and
/// "stencil" or, of other numbers of points, "stencil_31". Other names are left to the caller. Through sides that are
/// `free` there is no flux: of "laplacian" that is the natural condition anyway, of "stencil" they are mirrors. \param
/// graph made from `mesh` with the same `periodic`, in double on the host \param comm the ranks that share the mesh.
/// Collective. \throw InputError as the set's maker
Graph with_edge_sets(Graph graph, const Mesh& mesh, std::span<const PeriodicPair> periodic,
                     std::span<const std::string> names, std::vector<Facet> free = {}, const Comm& comm = {});

}  // namespace cotan

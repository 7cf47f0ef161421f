#pragma once
#include <span>
#include <string>

#include "core/comm.h"
#include "mesh/graph.h"

namespace cotan {

/// The graph with those of the named edge sets that are made from its mesh and that it has not: "laplacian" and
/// "stencil". Other
/// names are left to the caller. \param graph made from `mesh` with the same `periodic`, in double on the host \throw
/// InputError as the set's maker
Graph with_edge_sets(Graph graph, const Mesh& mesh, std::span<const PeriodicPair> periodic,
                     std::span<const std::string> names, const Comm& comm = {});

}  // namespace cotan

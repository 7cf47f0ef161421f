#pragma once
#include "core/comm.h"
#include "mesh/graph.h"

namespace cotan {

// What an edge shows of the mesh: its length and the offset from receiver to sender, (E, 1 + dim).

/// In units of `scale` (graphs or 1) [m].
at::Tensor offsets_in_units(const EdgeSet& edges, const Graph& graph, const at::Tensor& scale);
/// Lengths over the longest edge's of each graph, offsets over twice its largest component plus 1/2: all from 0 to 1.
/// \cite zeng2025 Collective over the ranks that share the mesh.
at::Tensor offsets_of_longest(const EdgeSet& edges, const Graph& graph, const Comm& comm);

}  // namespace cotan

#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "core/comm.h"
#include "mesh/graph.h"

namespace cotan {

/// The edges, both directions, between points of the whole mesh that are closer than `radius` [m] and not joined in
/// `except`: for points that move, made anew at each step. A rank has those into its own points; `guests` of the set
/// brings the rows of senders that other ranks own. In-edges of a point stand in the order of their senders' global
/// numbers, so that sums are the same bits on any number of ranks. Points of different graphs of a batch are never
/// joined. The offset is left undefined: it follows the state. Collective: every rank is told all positions.
/// \param position (N, dim) [m], dim 1 to 3; only owned rows are read
/// \param except a set of `graph` that holds both directions of each edge, as mesh edges do
/// \throw NumericsError for a position that is not finite, on every rank
EdgeSet radius_edges(std::string name, const Graph& graph, const at::Tensor& position, double radius,
                     const EdgeSet& except, const Comm& comm = {});

}  // namespace cotan

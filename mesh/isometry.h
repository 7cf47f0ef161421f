#pragma once
#include "mesh/graph.h"

namespace cotan {

/// The reflection of a graph at the plane through the origin across `axis` (0: x, 1: y, 2: z): positions, offsets and
/// shifts change sign along it, corners are reordered so that cells keep a positive volume. What does not change is
/// shared with `graph`. \throw InputError where the graph has no such axis
Graph mirrored(const Graph& graph, int axis);

}  // namespace cotan

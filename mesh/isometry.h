#pragma once
#include "mesh/graph.h"

namespace cotan {

/// The reflection of a graph at the plane through the origin across `axis` (0: x, 1: y, 2: z): positions, offsets and
/// shifts change sign along it, corners are reordered so that cells keep a positive volume. What does not change is
/// shared with `graph`. \throw InputError where the graph has no such axis
Graph mirrored(const Graph& graph, int axis);

/// The graph turned about the z axis through the origin by `angle` [rad], from x to y: positions, offsets and shifts.
/// What does not change is shared with `graph`. \throw InputError where the graph has one dimension
Graph turned(const Graph& graph, double angle);

/// The columns `first` and first + 1 of x (…, C), a vector's along x and y, turned likewise. In place.
void turn_columns(at::Tensor& x, std::int64_t first, double angle);

}  // namespace cotan

#pragma once
#include <span>

#include "mesh/graph.h"
#include "mesh/periodic.h"

namespace cotan {

/// The name of `mirror_edges`' set.
inline constexpr const char* kMirror = "mirror";

/// What points of free sides see in the mirror that the side is: for each in-edge of the graph's set "mesh" that comes
/// from inside, one from the sender's image. Its offset is the receiver minus the image [m], its weight 2 d, how far
/// the image is from the sender [m]: where du/dn = g on the side, the image has the value u + 2 d g of a function that
/// is even but for the slope. The measure (N) of the set is the free sides' area at a point over its dual cell's volume
/// [1/m], 0 away from them: what du/dn = g adds to the natural Laplacian of the set "laplacian" is measure * g. Where
/// free sides meet at more than 40 degrees a point has a mirror for each. Of the whole mesh, as `laplacian_edges`.
/// \param graph made from `mesh` with the same `periodic`, in double on the host \param free sides at the border
/// \throw InputError for surfaces in space, whose sides have no area
EdgeSet mirror_edges(const Mesh& mesh, const Graph& graph, std::span<const Facet> free,
                     std::span<const PeriodicPair> periodic = {});

}  // namespace cotan

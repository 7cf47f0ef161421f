#pragma once
#include <span>
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// A pair of sides that are glued: points of `from`, moved by `shift`, coincide with points of `to`.
struct PeriodicPair {
  std::string from, to;
  std::vector<double> shift;  ///< (dim) [m]
};

/// The other points that coincide with each point once sides are glued, also through several pairs: a corner of a
/// doubly periodic rectangle has three. Rows sorted.
/// \throw InputError where sides do not match within 1e-6 of the bounding box
Adjacency glued_copies(const Mesh& mesh, std::span<const PeriodicPair> periodic);

/// A neighbour of a point as it is seen from one of the point's copies (or the point itself): the edge's offset is
/// position[copy] - position[sender].
struct WrappedLink {
  Index sender, copy;
};
/// Neighbours of each point and of its copies, each place once. Rows sorted by sender. Not symmetric: a point inside
/// sees one of the copies, all of which see it.
struct WrappedLinks {
  std::vector<std::int64_t> offsets{0};  ///< (num_points + 1)
  std::vector<WrappedLink> links;
  std::span<const WrappedLink> operator[](Index i) const {
    return {links.data() + offsets[i], links.data() + offsets[i + 1]};
  }
};
WrappedLinks wrapped_links(const Mesh& mesh, std::span<const PeriodicPair> periodic);

/// Who a point's graph edges come from or go to: `point_neighbours` plus the links through glued sides; symmetric, rows
/// sorted. What partitions are made of.
Adjacency graph_links(const Mesh& mesh, std::span<const PeriodicPair> periodic = {});

}  // namespace cotan

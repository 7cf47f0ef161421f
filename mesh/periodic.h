#pragma once
#include <span>
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// A pair of sides that are glued: points of `from`, moved by `shift`, coincide with points of `to`.
struct PeriodicPair {
  std::string from, to;       ///< sets of the mesh; names for messages where the points are given
  std::vector<double> shift;  ///< (dim) [m]
  std::vector<Index> from_points = {}, to_points = {};  ///< empty: those of the sets
};

/// Two sides that one translation takes onto each other: it is the one between their bounding boxes.
/// \throw InputError for sides without points, or that do not match within 1e-6 of the mesh's bounding box: how many
/// points do not, and the worst of them
PeriodicPair matching_sides(const Mesh& mesh, std::string from, std::vector<Index> from_points, std::string to,
                            std::vector<Index> to_points);

/// The other points that coincide with each point once sides are glued, also through several pairs: a corner of a
/// doubly periodic rectangle has three. Rows sorted.
/// \throw InputError where sides do not match within 1e-6 of the bounding box, naming the worst point
Adjacency glued_copies(const Mesh& mesh, std::span<const PeriodicPair> periodic);

/// The unknowns of nodal elements: one a point, but points that coincide once sides are glued share one. Numbered in
/// the order of the lowest of their points.
struct Unknowns {
  std::vector<Index> of_point;  ///< (points)
  std::vector<Index> point;     ///< (unknowns): the lowest of its points
  Index size() const { return static_cast<Index>(point.size()); }
  bool glued() const { return point.size() < of_point.size(); }
};
Unknowns unknowns_of(const Mesh& mesh, std::span<const PeriodicPair> periodic = {});
/// Values at the points, from those of the unknowns, and back from the lowest point of each.
std::vector<double> at_points(const Unknowns& unknowns, std::span<const double> values);
std::vector<double> at_unknowns(const Unknowns& unknowns, std::span<const double> values);
/// What loads at the points are on the unknowns: the sums over the points of each.
std::vector<double> summed(const Unknowns& unknowns, std::span<const double> loads);

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

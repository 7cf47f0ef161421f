#pragma once
#include <map>
#include <span>
#include <vector>

#include "mesh/mesh.h"
#include "mesh/periodic.h"
#include "mesh/vector3.h"

namespace cotan {

/// A point, or an image of one through glued sides or in a mirror, by where it is seen from another one.
struct SeenPoint {
  Index point;
  Vec3 offset;  ///< from the point that sees it [m]
};

/// Finds the nearest points of a mesh as its links reach them; see `stencil_edges`.
class StencilSearch {
 public:
  /// \throw InputError for mirrors that are not at the border
  StencilSearch(const Mesh& mesh, std::span<const PeriodicPair> periodic, std::span<const Facet> mirrors);
  /// The `count` - 1 nearest others and all as far as the last of them, sorted by point, then offset; fewer where the
  /// links reach no more.
  std::vector<SeenPoint> nearest(Index i, int count) const;

  /// How many images mirrors make of what is around a point, with itself: 2 on one, 4 where two are perpendicular.
  int images_around(Index i) const;

 private:
  struct Place {
    Index point;
    Vec3 at;
  };
  /// Corners of a mirror, as it is seen from a place, and its unit normal (in the plane of the cell beside it).
  struct Plane {
    std::vector<Vec3> corners;
    Vec3 normal;
  };
  /// A mirror that a place stands before.
  struct Before {
    double weight, distance;  ///< how deep within the mirror, above 0; [m]
    Vec3 image;
    const Plane* plane;
  };
  bool stands_in(std::span<const Place> places, const Place& place) const;
  void grow(std::vector<Place>& places, std::size_t first) const;
  std::vector<Plane> planes_at(std::span<const Place> places) const;
  std::vector<Before> before(const Place& place, std::span<const Plane> planes) const;
  static void add_images(Index point, std::span<const Before> before, std::vector<Place>& images);
  void add_corner_images(Index point, std::span<const Before> before, std::vector<Place>& images) const;
  Vec3 at(Index i) const { return point3(mesh_.points(), mesh_.dim(), i); }

  const Mesh& mesh_;
  Adjacency neighbours_;                        // where nothing is glued
  WrappedLinks wrapped_;                        // else
  std::vector<Index> unknown_;                  // of each point
  double tolerance_ = 0;                        // between places that are the same [m]
  std::map<Index, std::vector<Plane>> planes_;  // by the points on them
};

}  // namespace cotan

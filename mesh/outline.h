#pragma once
#include <string>
#include <vector>

#include "core/config.h"
#include "mesh/mesh.h"

namespace cotan {

/// A closed loop of straight sides in the plane. Side i goes from point i to point i + 1 (the last to the first).
struct Loop {
  std::vector<double> points;      ///< (n, 2) row-major [m]
  std::vector<std::string> names;  ///< (n): facet set of each side; equal names join
};

/// The largest least angle that can be asked for; above it the refinement need not end; \cite shewchuk2002
inline constexpr double kMaxMinAngle = 28.6;

/// An outline with holes, and how fine to mesh it.
struct Outline {
  Loop outer;
  std::vector<Loop> holes;
  double size = 0.1;         ///< largest edge [m]
  double boundary_size = 0;  ///< edges at holes [m]; 0: as `size`
  double grading = 0.3;      ///< growth of edge length per distance from a hole
  double min_angle = 25;     ///< [degrees], at most kMaxMinAngle; smaller angles of the outline itself stay
};

/// From a map with `outer` (polygon, rectangle or circle), `holes`, `size`, …; docs/mesh.md lists the keys.
/// \throw InputError naming line and key
Outline parse_outline(const Config& config);

/// Largest edge [m] at a distance [m] from the nearest hole: min(size, boundary_size + grading * distance).
double edge_length_at(const Outline& outline, double distance);

/// Graded constrained Delaunay triangulation by CGAL's Mesh_2; the same outline gives the same mesh.
/// \throw InputError naming the loop: sides that cross or touch, no length, no area, a hole outside or in another
///        hole; more cells than 50 million; or in a build without COTAN_GPL
Mesh mesh_outline(const Outline& outline);

}  // namespace cotan

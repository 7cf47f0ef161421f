#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/config.h"
#include "mesh/mesh.h"

namespace cotan {

/// A closed loop of straight sides in the plane. Side i goes from point i to point i + 1 (the last to the first).
struct Loop {
  std::vector<double> points;       ///< (n, 2) row-major [m]
  std::vector<std::string> names;   ///< (n): facet set of each side; equal names join
};

/// An outline with holes, and how fine to mesh it.
struct Outline {
  Loop outer;
  std::vector<Loop> holes;
  double size = 0.1;                ///< largest edge [m]
  double boundary_size = 0;         ///< edges at holes [m]; 0: as `size`
  double grading = 0.3;             ///< growth of edge length per distance from a hole
  double min_angle = 25;            ///< [degrees], below 28.6 for termination; \cite shewchuk2002
};

/// From a map with `outer` (polygon, rectangle or circle), `holes`, `size`, …; docs/mesh.md lists the keys.
/// \throw InputError naming line and key
Outline parse_outline(const Config& config);

/// Graded constrained Delaunay triangulation by CGAL's Mesh_2.
/// \throw InputError for loops that cross or are degenerate, or in a build without COTAN_GPL
Mesh mesh_outline(const Outline& outline);

}  // namespace cotan

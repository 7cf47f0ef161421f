#pragma once
#include <cstdint>
#include <functional>
#include <map>
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
  double size = 0.1;                                   ///< largest edge [m]
  std::map<std::string, double> sizes = {};            ///< edges at sides of that name [m]
  std::function<double(double, double)> size_at = {};  ///< largest edge at x, y [m]; may be empty
  double boundary_size = 0;                            ///< edges at holes [m]; 0: as `size`
  double grading = 0.3;                                ///< growth of edge length per distance from a hole
  double min_angle = 25;  ///< [degrees], at most kMaxMinAngle; smaller angles of the outline itself stay
};

/// What an outline's numbers are made of, beside itself: `{uniform: [low, high]}` is drawn by (seed, draw) and the
/// place in the outline, so that another entry changes none; formulas are in the parameters.
struct OutlineDraw {
  std::uint64_t seed = 0, draw = 0;
  std::map<std::string, double> parameters = {};
};

/// From a map with `outer` (polygon, rectangle, circle, …), `holes`, `size`, …; docs/mesh.md lists the keys.
/// \throw InputError naming line and key
Outline parse_outline(const Config& config, const OutlineDraw& draw = {});
/// Whether the outline is another one in another draw, or where one of the parameters `drawn` changes.
bool outline_varies(const Config& config, const std::vector<std::string>& drawn);

/// Largest edge [m] at a distance [m] from the nearest hole: min(size, boundary_size + grading * distance); `sizes`
/// grow from their sides in the same way, and the least counts.
double edge_length_at(const Outline& outline, double distance);

/// Graded constrained Delaunay triangulation by CGAL's Mesh_2; the same outline gives the same mesh.
/// \throw InputError naming the loop: sides that cross or touch, no length, no area, a hole outside or in another
///        hole; more cells than 50 million; or in a build without COTAN_GPL
Mesh mesh_outline(const Outline& outline);

}  // namespace cotan

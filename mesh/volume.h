#pragma once
#include "core/options.h"
#include "mesh/mesh.h"

namespace cotan {

/// How a closed surface is filled with tetrahedra.
struct VolumeOptions {
  double size = 0.1;          ///< edges are about as long, or shorter [m]: bounds radii by those of regular cells
  double surface_size = 0;    ///< the same at the surface [m]; 0: as `size`
  double distance = 0;        ///< of the mesh's sides from the surface [m]; 0: a twentieth of surface_size
  double facet_angle = 25;    ///< least angle of the sides [degrees], at most 30
  double radius_edge = 2;     ///< circumradius over shortest edge of the cells, at least 2
  double feature_angle = 60;  ///< edges where the surface bends by more are kept [degrees]
  template <class V>
  void visit(V&& v) {
    v("size", size, "edges are about as long [m]", above(0.0));
    v("surface_size", surface_size, "the same at the surface [m]; 0: as size", at_least(0.0));
    v("distance", distance, "of the mesh's sides from the surface [m]; 0: a twentieth of surface_size", at_least(0.0));
    v("facet_angle", facet_angle, "least angle of the sides [degrees]", between(0.0, 30.0));
    v("radius_edge", radius_edge, "circumradius over shortest edge of the cells", at_least(2.0));
    v("feature_angle", feature_angle, "edges where the surface bends by more are kept [degrees]", between(1.0, 180.0));
  }
};

/// Tetrahedra within a closed surface of triangles and quadrilaterals, by Delaunay refinement (CGAL's Mesh_3
/// \cite jamin2015). Sharp edges are kept; inner shells bound voids. The surface's cell sets become facet sets by the
/// nearest cell; without any, all sides are `surface`. The same surface mostly gives
/// the same mesh, but now and then one of other inner points: CGAL's removal of slivers is not reproducible.
/// \throw InputError: no surface in space, one that is not closed (with its border edges), not orientable, or that cuts
///        itself; more cells than 50 million; or in a build without COTAN_GPL
Mesh mesh_volume(const Mesh& surface, const VolumeOptions& options);

}  // namespace cotan

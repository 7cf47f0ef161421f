#pragma once
#include <array>
#include <span>

#include "mesh/cell.h"

namespace cotan {

/// Gauss point on a curve (line, line3) or surface patch (triangle, quad, triangle6, quad8, quad9): shape functions
/// and their derivatives in the two parameters, one entry a node. The weights sum to the reference measure.
struct PatchPoint {
  double weight;
  std::array<double, 9> value, du, dv;  ///< dv is zero on curves
};

/// Points whose rule is exact for the flux of a linear field through the patch, thus for area vectors and, summed over
/// a closed cell, for its volume. \pre shape(type).dim is 1 or 2
std::span<const PatchPoint> patch_rule(CellType type);

/// Shape functions and derivatives at (u, v): in [0, 1] for lines, the unit triangle, and [-1, 1]^2 for quads.
PatchPoint patch_point(CellType type, double u, double v, double weight);

}  // namespace cotan

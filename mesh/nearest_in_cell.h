#pragma once
#include <span>
#include <vector>

#include "mesh/cell.h"
#include "mesh/vector3.h"

namespace cotan {

/// The point of a cell nearest to x, as weights of the cell's corners.
struct NearestInCell {
  double squared_distance;
  std::vector<double> weights;  ///< sum to 1, not negative beyond round-off
};

/// For a linear cell type with these corners. Simplices are exact. In other cells a point inside gets the weights of
/// the multilinear map (Newton); one outside, those of the nearest simplex that the cell is cut into.
NearestInCell nearest_in_cell(CellType linear, std::span<const Vec3> corners, const Vec3& x);

}  // namespace cotan

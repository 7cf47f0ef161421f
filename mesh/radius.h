#pragma once
#include <span>

#include "mesh/adjacency.h"

namespace cotan {

/// For each of n points (n, dim) row-major, the others that are closer than `radius` [m]: symmetric, rows sorted.
/// \param group (n) or empty: points of different groups are never joined
/// \throw NumericsError naming a point that is not finite
Adjacency radius_neighbours(std::span<const double> points, int dim, double radius,
                            std::span<const std::int64_t> group = {});

}  // namespace cotan

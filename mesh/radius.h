#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/types.h"

namespace cotan {

/// Which points are closer to each other than a radius, asked a point at a time.
class RadiusSearch {
 public:
  /// \param points (n, dim) row-major, dim 1 to 3; they and `group` must outlive the search
  /// \param group (n) or empty: points of different groups are never near each other
  /// \throw NumericsError naming a point that is not finite; InputError for a radius [m] that is not positive
  RadiusSearch(std::span<const double> points, int dim, double radius, std::span<const std::int64_t> group = {});
  /// The others that are closer than the radius, ascending. Symmetric to the bit: i is near j where j is near i.
  std::vector<Index> near(Index i) const;
  Index num_points() const { return static_cast<Index>(points_.size() / dim_); }

 private:
  std::int64_t box(Index i, int axis) const;
  double squared_distance(Index a, Index b) const;

  std::span<const double> points_;
  std::span<const std::int64_t> group_;
  int dim_;
  double radius_;
  std::array<double, 3> low_{}, width_{1, 1, 1};         // of boxes at least as wide as the radius
  std::vector<std::pair<std::uint64_t, Index>> sorted_;  // (key of its box, point)
};

}  // namespace cotan

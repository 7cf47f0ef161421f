#include "mesh/radius.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace cotan {
namespace {

constexpr int kBits = 20;  // of a box number along one axis

// The last axis of the key is x, so that boxes side by side along x have consecutive keys.
std::uint64_t key(std::int64_t x, std::int64_t y, std::int64_t z) {
  return (static_cast<std::uint64_t>(z + 1) << (2 * kBits + 4)) | (static_cast<std::uint64_t>(y + 1) << (kBits + 2)) |
         static_cast<std::uint64_t>(x + 1);
}

}  // namespace

RadiusSearch::RadiusSearch(std::span<const double> points, int dim, double radius, std::span<const std::int64_t> group)
    : points_(points), group_(group), dim_(dim), radius_(radius) {
  COTAN_REQUIRE(radius > 0 && std::isfinite(radius), "a radius of " << radius << " m; it must be positive");
  const Index n = num_points();
  for (int axis = 0; axis < dim && n > 0; ++axis) {
    double low = INFINITY, high = -INFINITY;
    for (Index i = 0; i < n; ++i) {
      const double x = points[std::size_t(i) * dim + axis];
      if (!std::isfinite(x)) throw NumericsError("position of point " + std::to_string(i) + " is not finite");
      low = std::min(low, x);
      high = std::max(high, x);
    }
    low_[axis] = low;
    width_[axis] = std::max(radius, (high - low) / ((1 << kBits) - 4));
  }
  sorted_.reserve(n);
  for (Index i = 0; i < n; ++i) sorted_.emplace_back(key(box(i, 0), box(i, 1), box(i, 2)), i);
  std::sort(sorted_.begin(), sorted_.end());
}

std::int64_t RadiusSearch::box(Index i, int axis) const {
  if (axis >= dim_) return 0;
  return static_cast<std::int64_t>((points_[std::size_t(i) * dim_ + axis] - low_[axis]) / width_[axis]);
}

double RadiusSearch::squared_distance(Index a, Index b) const {
  double d2 = 0;
  for (int k = 0; k < dim_; ++k) {
    const double d = points_[std::size_t(a) * dim_ + k] - points_[std::size_t(b) * dim_ + k];
    d2 += d * d;
  }
  return d2;
}

std::vector<Index> RadiusSearch::near(Index i) const {
  std::vector<Index> found;
  const std::int64_t x = box(i, 0), y = box(i, 1), z = box(i, 2);
  for (int n = 0; n < (dim_ == 3 ? 9 : dim_ == 2 ? 3 : 1); ++n) {
    const std::int64_t dy = dim_ > 1 ? n % 3 - 1 : 0, dz = dim_ > 2 ? n / 3 - 1 : 0;
    const std::uint64_t first = key(x - 1, y + dy, z + dz), last = key(x + 1, y + dy, z + dz);
    auto it = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(first, Index{-1}));
    for (; it != sorted_.end() && it->first <= last; ++it) {
      const Index j = it->second;
      if (j == i || (!group_.empty() && group_[i] != group_[j])) continue;
      if (squared_distance(i, j) < radius_ * radius_) found.push_back(j);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace cotan

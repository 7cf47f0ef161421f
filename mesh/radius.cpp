#include "mesh/radius.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"

namespace cotan {
namespace {

constexpr int kBits = 20;  // of a box number along one axis

// Points sorted into boxes at least `radius` wide; a point's neighbours are in its box and those around.
struct Boxes {
  std::span<const double> points;
  int dim;
  std::array<double, 3> low{}, width{1, 1, 1};
  std::vector<std::pair<std::uint64_t, Index>> sorted;  // (key, point)

  Index num_points() const { return static_cast<Index>(points.size() / dim); }
  std::int64_t cell(Index i, int axis) const {
    return axis < dim ? static_cast<std::int64_t>((points[std::size_t(i) * dim + axis] - low[axis]) / width[axis]) : 0;
  }
  // The last axis of the key is x, so that boxes side by side along x have consecutive keys.
  static std::uint64_t key(std::int64_t x, std::int64_t y, std::int64_t z) {
    return (static_cast<std::uint64_t>(z + 1) << (2 * kBits + 4)) | (static_cast<std::uint64_t>(y + 1) << (kBits + 2)) |
           static_cast<std::uint64_t>(x + 1);
  }
};

Boxes make_boxes(std::span<const double> points, int dim, double radius) {
  Boxes boxes{points, dim, {}, {}, {}};
  const Index n = boxes.num_points();
  for (int axis = 0; axis < dim && n > 0; ++axis) {
    double low = INFINITY, high = -INFINITY;
    for (Index i = 0; i < n; ++i) {
      const double x = points[std::size_t(i) * dim + axis];
      if (!std::isfinite(x)) throw NumericsError("position of point " + std::to_string(i) + " is not finite");
      low = std::min(low, x);
      high = std::max(high, x);
    }
    boxes.low[axis] = low;
    boxes.width[axis] = std::max(radius, (high - low) / ((1 << kBits) - 4));
  }
  boxes.sorted.reserve(n);
  for (Index i = 0; i < n; ++i) {
    boxes.sorted.emplace_back(Boxes::key(boxes.cell(i, 0), boxes.cell(i, 1), boxes.cell(i, 2)), i);
  }
  std::sort(boxes.sorted.begin(), boxes.sorted.end());
  return boxes;
}

double squared_distance(std::span<const double> points, int dim, Index a, Index b) {
  double d2 = 0;
  for (int k = 0; k < dim; ++k) {
    const double d = points[std::size_t(a) * dim + k] - points[std::size_t(b) * dim + k];
    d2 += d * d;
  }
  return d2;
}

}  // namespace

Adjacency radius_neighbours(std::span<const double> points, int dim, double radius,
                            std::span<const std::int64_t> group) {
  COTAN_REQUIRE(radius > 0 && std::isfinite(radius), "a radius of " << radius << " m; it must be positive");
  const Boxes boxes = make_boxes(points, dim, radius);
  Adjacency out;
  std::vector<Index> row;
  for (Index i = 0; i < boxes.num_points(); ++i) {
    row.clear();
    const std::int64_t x = boxes.cell(i, 0), y = boxes.cell(i, 1), z = boxes.cell(i, 2);
    for (int n = 0; n < (dim == 3 ? 9 : dim == 2 ? 3 : 1); ++n) {
      const std::int64_t dy = dim > 1 ? n % 3 - 1 : 0, dz = dim > 2 ? n / 3 - 1 : 0;
      const auto first = std::lower_bound(boxes.sorted.begin(), boxes.sorted.end(),
                                          std::pair(Boxes::key(x - 1, y + dy, z + dz), Index{-1}));
      const std::uint64_t last = Boxes::key(x + 1, y + dy, z + dz);
      for (auto it = first; it != boxes.sorted.end() && it->first <= last; ++it) {
        const Index j = it->second;
        if (j == i || (!group.empty() && group[i] != group[j])) continue;
        if (squared_distance(points, dim, i, j) < radius * radius) row.push_back(j);
      }
    }
    std::sort(row.begin(), row.end());
    out.push_row(row);
  }
  return out;
}

}  // namespace cotan

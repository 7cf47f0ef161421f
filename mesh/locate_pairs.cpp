// Pairs of near points by a grid whose cells are as wide as the radius: partners lie in the same or the next cell.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/check.h"
#include "mesh/box_tree.h"
#include "mesh/locate.h"

namespace cotan {
namespace {

class PointGrid {
 public:
  PointGrid(std::span<const double> coordinates, int dim, double radius) {
    for (std::size_t i = 0; i < coordinates.size() / dim; ++i) {
      points_.push_back(point3(coordinates, dim, static_cast<Index>(i)));
      const Vec3& x = points_.back();
      if (!std::isfinite(x[0] + x[1] + x[2])) {
        throw NumericsError("point " + std::to_string(i) + " has a coordinate that is not finite");
      }
      box_.include(x);
    }
    for (int k = 0; k < 3; ++k) {  // at most 2^20 cells along an axis, so that keys fit
      const double extent = points_.empty() ? 0 : box_.high[k] - box_.low[k];
      width_[k] = std::max(radius, extent / double(1 << 20));
      count_[k] = static_cast<std::int64_t>(extent / width_[k]) + 1;
    }
    for (std::size_t i = 0; i < points_.size(); ++i) entries_.push_back({key(cell(points_[i])), static_cast<Index>(i)});
    std::sort(entries_.begin(), entries_.end());
  }

  std::vector<std::pair<Index, Index>> pairs(double radius) const {
    std::vector<std::pair<Index, Index>> out;
    for (std::size_t begin = 0, end = 0; begin < entries_.size(); begin = end) {
      while (end < entries_.size() && entries_[end].first == entries_[begin].first) ++end;
      add_pairs(std::span(entries_).subspan(begin, end - begin), radius, out);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  using Cell = std::array<std::int64_t, 3>;
  using Entry = std::pair<std::int64_t, Index>;

  Cell cell(const Vec3& x) const {
    Cell c;
    for (int k = 0; k < 3; ++k) c[k] = std::min(std::int64_t((x[k] - box_.low[k]) / width_[k]), count_[k] - 1);
    return c;
  }
  std::int64_t key(const Cell& c) const { return (c[2] * count_[1] + c[1]) * count_[0] + c[0]; }

  // Partners of the points of one cell: the cells beside it along the first axis are neighbours in the list too.
  void add_pairs(std::span<const Entry> here, double radius, std::vector<std::pair<Index, Index>>& out) const {
    const Cell c = cell(points_[here[0].second]);
    for (std::int64_t k = std::max<std::int64_t>(c[2] - 1, 0); k <= std::min(c[2] + 1, count_[2] - 1); ++k) {
      for (std::int64_t j = std::max<std::int64_t>(c[1] - 1, 0); j <= std::min(c[1] + 1, count_[1] - 1); ++j) {
        const std::int64_t first = key({std::max<std::int64_t>(c[0] - 1, 0), j, k});
        const std::int64_t last = key({std::min(c[0] + 1, count_[0] - 1), j, k});
        auto other = std::lower_bound(entries_.begin(), entries_.end(), Entry{first, -1});
        for (; other != entries_.end() && other->first <= last; ++other) {
          for (const Entry& entry : here) {
            if (entry.second >= other->second) continue;
            const Vec3 d = points_[entry.second] - points_[other->second];
            if (dot(d, d) < radius * radius) out.push_back({entry.second, other->second});
          }
        }
      }
    }
  }

  std::vector<Vec3> points_;
  Box box_;
  Vec3 width_{};
  Cell count_{};
  std::vector<Entry> entries_;  // cell key, point; sorted
};

}  // namespace

std::vector<std::pair<Index, Index>> pairs_within(std::span<const double> coordinates, int dim, double radius) {
  COTAN_REQUIRE(radius > 0 && std::isfinite(radius), "a radius of " << radius << ": expected a positive number");
  if (dim < 1 || dim > 3 || coordinates.size() % dim != 0) {
    throw Error("pairs_within: " + std::to_string(coordinates.size()) + " coordinates in " + std::to_string(dim) +
                " dimensions");
  }
  return PointGrid(coordinates, dim, radius).pairs(radius);
}

}  // namespace cotan

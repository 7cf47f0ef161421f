#include "mesh/periodic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/check.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

constexpr double kTolerance = 1e-6;  // of the bounding box's diagonal

Vec3 at(const Mesh& mesh, Index i) {
  return point3(mesh.points(), mesh.dim(), i);
}

double diagonal(const Mesh& mesh) {
  COTAN_REQUIRE(mesh.num_points() > 0, "periodic sides of a mesh without points");
  Vec3 low = at(mesh, 0), high = low;
  for (Index i = 0; i < mesh.num_points(); ++i) {
    const Vec3 x = at(mesh, i);
    for (int k = 0; k < 3; ++k) {
      low[k] = std::min(low[k], x[k]);
      high[k] = std::max(high[k], x[k]);
    }
  }
  return norm(high - low);
}

std::string text(const Vec3& x, int dim) {
  std::ostringstream out;
  for (int k = 0; k < dim; ++k) out << (k ? ", " : "(") << x[k];
  return out.str() + ")";
}

// Points in boxes wider than the tolerance, so that a match lies in the box or one beside it.
class Boxes {
 public:
  Boxes(const Mesh& mesh, const std::vector<Index>& points, double width) : mesh_(mesh), width_(width) {
    for (Index i : points) boxes_[key(cell(at(mesh, i)))].push_back(i);
  }
  /// The point nearest to x among those within the width; -1 where there is none.
  Index nearest(const Vec3& x) const {
    const auto centre = cell(x);
    Index best = -1;
    double distance = width_;
    for (int n = 0; n < 27; ++n) {
      const auto found = boxes_.find(key({centre[0] + n % 3 - 1, centre[1] + n / 3 % 3 - 1, centre[2] + n / 9 - 1}));
      if (found == boxes_.end()) continue;
      for (Index i : found->second) {
        const double d = norm(at(mesh_, i) - x);
        if (d < distance) best = i, distance = d;
      }
    }
    return best;
  }

 private:
  using Cell = std::array<std::int64_t, 3>;
  Cell cell(const Vec3& x) const {
    Cell c;
    for (int k = 0; k < 3; ++k) c[k] = std::llround(x[k] / width_);
    return c;
  }
  // Different boxes may share a key: nearest() compares distances, so that costs time only.
  static std::uint64_t key(const Cell& c) {
    std::uint64_t h = 0;
    for (std::int64_t k : c) h = (h ^ static_cast<std::uint64_t>(k)) * 0x9E3779B97F4A7C15u;
    return h;
  }
  const Mesh& mesh_;
  double width_;
  std::unordered_map<std::uint64_t, std::vector<Index>> boxes_;
};

std::vector<Index> points_of(const Mesh& mesh, const std::string& name, const std::vector<Index>& given) {
  return given.empty() ? mesh.points_of(name) : given;
}

// What keeps two sides from matching: how many points have no partner, and the one that is farthest from any.
std::string mismatch(const Mesh& mesh, const std::vector<Index>& from, const std::vector<Index>& to, const Vec3& shift,
                     double tolerance) {
  std::size_t alone = 0;
  double worst = -1;
  Index point = -1, nearest = -1;
  for (const Index i : from) {
    double least = std::numeric_limits<double>::infinity();
    Index best = -1;
    for (const Index j : to) {
      const double distance = norm(at(mesh, i) + shift - at(mesh, j));
      if (distance < least) least = distance, best = j;
    }
    alone += least >= tolerance;
    if (least > worst) worst = least, point = i, nearest = best;
  }
  std::ostringstream out;
  out << alone << " of " << from.size() << " points meet none when moved by " << text(shift, mesh.dim())
      << "; the worst, point " << point << " at " << text(at(mesh, point), mesh.dim()) << ", ends " << worst
      << " m from the nearest, point " << nearest << " at " << text(at(mesh, nearest), mesh.dim()) << " (allowed "
      << tolerance << " m)";
  return out.str();
}

// What `from`'s points meet in `to`, aligned with `from`.
std::vector<Index> partners(const Mesh& mesh, const PeriodicPair& pair, double tolerance) {
  const auto where = [&] { return "periodic sides '" + pair.from + "' and '" + pair.to + "': "; };
  COTAN_REQUIRE(static_cast<int>(pair.shift.size()) == mesh.dim(),
                where() << "a shift of " << pair.shift.size() << " components on a mesh of dimension " << mesh.dim());
  const auto from = points_of(mesh, pair.from, pair.from_points), to = points_of(mesh, pair.to, pair.to_points);
  COTAN_REQUIRE(!from.empty() && !to.empty(), where() << "a side without points");
  Vec3 shift{};
  std::copy(pair.shift.begin(), pair.shift.end(), shift.begin());
  const Boxes boxes(mesh, to, tolerance);
  std::vector<Index> met;
  for (const Index i : from) met.push_back(boxes.nearest(at(mesh, i) + shift));
  const bool all = std::find(met.begin(), met.end(), -1) == met.end();
  const std::string counts = from.size() == to.size()
                                 ? ""
                                 : std::to_string(from.size()) + " points against " + std::to_string(to.size()) + "; ";
  COTAN_REQUIRE(all, where() << counts << mismatch(mesh, from, to, shift, tolerance));
  COTAN_REQUIRE(counts.empty(), where() << counts << "some of '" << pair.to << "' are met by none");
  for (std::size_t k = 0; k < from.size(); ++k)
    COTAN_REQUIRE(met[k] != from[k], where() << "point " << from[k] << " meets itself: the shift is 0");
  auto once = met;
  std::sort(once.begin(), once.end());
  COTAN_REQUIRE(std::adjacent_find(once.begin(), once.end()) == once.end(),
                where() << "two points of '" << pair.from << "' meet the same point of '" << pair.to << "'");
  return met;
}

// The lowest corner of the box around some points.
Vec3 low_corner(const Mesh& mesh, const std::vector<Index>& points) {
  Vec3 low = at(mesh, points.front());
  for (const Index i : points) {
    for (int k = 0; k < 3; ++k) low[k] = std::min(low[k], at(mesh, i)[k]);
  }
  return low;
}

Adjacency from_rows(std::vector<std::vector<Index>>& rows) {
  Adjacency out;
  for (auto& row : rows) {
    std::sort(row.begin(), row.end());
    row.erase(std::unique(row.begin(), row.end()), row.end());
    out.push_row(row);
  }
  return out;
}

// Whether sender seen from copy lies where a link of the row already is: the same point or a copy of it, same offset.
bool stands_already(const Mesh& mesh, const Adjacency& copies, std::span<const WrappedLink> row, WrappedLink link,
                    double tolerance) {
  const Vec3 offset = at(mesh, link.copy) - at(mesh, link.sender);
  return std::any_of(row.begin(), row.end(), [&](const WrappedLink& other) {
    const auto twins = copies[link.sender];
    const bool same = other.sender == link.sender || std::binary_search(twins.begin(), twins.end(), other.sender);
    return same && norm(offset - (at(mesh, other.copy) - at(mesh, other.sender))) < tolerance;
  });
}

}  // namespace

PeriodicPair matching_sides(const Mesh& mesh, std::string from, std::vector<Index> from_points, std::string to,
                            std::vector<Index> to_points) {
  COTAN_REQUIRE(!from_points.empty() && !to_points.empty(),
                "periodic sides '" << from << "' and '" << to << "': a side without points");
  const Vec3 shift = low_corner(mesh, to_points) - low_corner(mesh, from_points);
  PeriodicPair pair{std::move(from), std::move(to), {}, std::move(from_points), std::move(to_points)};
  pair.shift.assign(shift.begin(), shift.begin() + mesh.dim());
  partners(mesh, pair, kTolerance * diagonal(mesh));
  return pair;
}

Unknowns unknowns_of(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  Unknowns out;
  out.of_point.assign(mesh.num_points(), -1);
  const Adjacency copies = periodic.empty() ? Adjacency() : glued_copies(mesh, periodic);
  for (Index i = 0; i < mesh.num_points(); ++i) {
    if (out.of_point[i] >= 0) continue;
    out.of_point[i] = out.size();
    if (!periodic.empty()) {
      for (const Index copy : copies[i]) out.of_point[copy] = out.size();
    }
    out.point.push_back(i);
  }
  return out;
}

std::vector<double> at_points(const Unknowns& unknowns, std::span<const double> values) {
  std::vector<double> out(unknowns.of_point.size());
  for (std::size_t p = 0; p < out.size(); ++p) out[p] = values[unknowns.of_point[p]];
  return out;
}

std::vector<double> at_unknowns(const Unknowns& unknowns, std::span<const double> values) {
  std::vector<double> out(unknowns.point.size());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = values[unknowns.point[k]];
  return out;
}

std::vector<double> summed(const Unknowns& unknowns, std::span<const double> loads) {
  std::vector<double> out(unknowns.point.size(), 0.0);
  for (std::size_t p = 0; p < loads.size(); ++p) out[unknowns.of_point[p]] += loads[p];
  return out;
}

Adjacency glued_copies(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  const double tolerance = kTolerance * diagonal(mesh);
  std::vector<std::vector<Index>> rows(mesh.num_points());
  for (const auto& pair : periodic) {
    const auto from = points_of(mesh, pair.from, pair.from_points);
    const auto met = partners(mesh, pair, tolerance);
    for (std::size_t k = 0; k < from.size(); ++k) {
      rows[from[k]].push_back(met[k]);
      rows[met[k]].push_back(from[k]);
    }
  }
  // Through several pairs: follow the links from each point until nothing new is met.
  std::vector<std::vector<Index>> all(mesh.num_points());
  for (Index i = 0; i < mesh.num_points(); ++i) {
    auto& reached = all[i] = rows[i];
    for (std::size_t k = 0; k < reached.size(); ++k) {
      for (Index j : rows[reached[k]]) {
        if (j != i && std::find(reached.begin(), reached.end(), j) == reached.end()) reached.push_back(j);
      }
    }
  }
  return from_rows(all);
}

WrappedLinks wrapped_links(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  const Adjacency neighbours = point_neighbours(mesh), copies = glued_copies(mesh, periodic);
  const double tolerance = kTolerance * diagonal(mesh);
  WrappedLinks out;
  std::vector<WrappedLink> row;
  for (Index i = 0; i < mesh.num_points(); ++i) {
    row.clear();
    for (Index j : neighbours[i]) row.push_back({j, i});
    for (Index copy : copies[i]) {
      for (Index j : neighbours[copy]) {
        if (!stands_already(mesh, copies, row, {j, copy}, tolerance)) row.push_back({j, copy});
      }
    }
    std::stable_sort(row.begin(), row.end(), [](auto& a, auto& b) { return a.sender < b.sender; });
    out.links.insert(out.links.end(), row.begin(), row.end());
    out.offsets.push_back(static_cast<std::int64_t>(out.links.size()));
  }
  return out;
}

Adjacency graph_links(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  if (periodic.empty()) return point_neighbours(mesh);
  const WrappedLinks wrapped = wrapped_links(mesh, periodic);
  std::vector<std::vector<Index>> rows(mesh.num_points());
  for (Index i = 0; i < mesh.num_points(); ++i) {
    for (const auto& link : wrapped[i]) {
      if (link.sender == i) continue;
      rows[i].push_back(link.sender);
      rows[link.sender].push_back(i);
    }
  }
  return from_rows(rows);
}

}  // namespace cotan

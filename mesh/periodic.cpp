#include "mesh/periodic.h"

#include <algorithm>
#include <array>
#include <cmath>
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

// What `from`'s points meet in `to`, aligned with `from`.
std::vector<Index> partners(const Mesh& mesh, const PeriodicPair& pair, double tolerance) {
  const auto where = [&] { return "periodic sides '" + pair.from + "' and '" + pair.to + "': "; };
  COTAN_REQUIRE(static_cast<int>(pair.shift.size()) == mesh.dim(),
                where() << "a shift of " << pair.shift.size() << " components on a mesh of dimension " << mesh.dim());
  const auto from = mesh.points_of(pair.from), to = mesh.points_of(pair.to);
  COTAN_REQUIRE(from.size() == to.size(), where() << from.size() << " points against " << to.size());
  Vec3 shift{};
  std::copy(pair.shift.begin(), pair.shift.end(), shift.begin());
  const Boxes boxes(mesh, to, tolerance);
  std::vector<Index> met;
  for (Index i : from) {
    const Vec3 moved = at(mesh, i) + shift;
    const Index partner = boxes.nearest(moved);
    COTAN_REQUIRE(partner >= 0, where() << "point " << i << " at " << text(at(mesh, i), mesh.dim()) << ", moved to "
                                        << text(moved, mesh.dim()) << ", meets no point of '" << pair.to << "' within "
                                        << tolerance << " m");
    COTAN_REQUIRE(partner != i, where() << "point " << i << " meets itself: the shift is 0");
    met.push_back(partner);
  }
  auto once = met;
  std::sort(once.begin(), once.end());
  COTAN_REQUIRE(std::adjacent_find(once.begin(), once.end()) == once.end(),
                where() << "two points of '" << pair.from << "' meet the same point of '" << pair.to << "'");
  return met;
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

Adjacency glued_copies(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  const double tolerance = kTolerance * diagonal(mesh);
  std::vector<std::vector<Index>> rows(mesh.num_points());
  for (const auto& pair : periodic) {
    const auto from = mesh.points_of(pair.from);
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

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "io/foam_mesh.h"

namespace cotan {
namespace {

constexpr double kRounding = 1e-6;  // of the mesh's extent: OpenFOAM writes as few as six digits

/// Lays the points behind each other together, then the cells into the plane.
class PlaneBuilder {
 public:
  explicit PlaneBuilder(const PolyMesh& mesh)
      : mesh_(mesh),
        is_empty_(std::size_t(mesh.faces.size()), 0),
        partner_(std::size_t(mesh.num_points()), -1),
        sides_(std::size_t(mesh.faces.size()), Facet{-1, -1}) {
    out_.file_points = mesh.num_points();
    out_.file_cells = mesh.num_cells;
    out_.data.dim = 2;
  }

  FoamMesh build() {
    mark_empty();
    std::vector<Index> fronts;  // of each cell: the empty face of the lower number
    for (Index c = 0; c < mesh_.num_cells; ++c) fronts.push_back(pair_points(c));
    find_axis();
    number_points();
    for (Index c = 0; c < mesh_.num_cells; ++c) add_cell(c, fronts[std::size_t(c)]);
    if (split_ > 0) out_.notes.push_back(std::to_string(split_) + " polygons split about their middles into triangles");
    out_.notes.push_back("laid into the plane across " + std::string(1, char('x' + out_.axis)));
    add_foam_sets(
        mesh_, [&](Index face) { return sides_of(face); }, out_);
    return std::move(out_);
  }

 private:
  void mark_empty() {
    for (const FoamPatch& patch : mesh_.patches) {
      if (patch.type != "empty") continue;
      std::fill_n(is_empty_.begin() + patch.start, patch.size, char{1});
    }
  }

  [[noreturn]] static void fail(Index c, const std::string& what) {
    throw InputError("cell " + std::to_string(c) + " " + what +
                     "; only cases that are one cell thick between patches of type empty can be laid into the plane");
  }

  void set_partner(Index p, Index q, Index c) {
    for (const auto& [a, b] : {std::pair(p, q), std::pair(q, p)}) {
      Index& partner = partner_[std::size_t(a)];
      if (partner >= 0 && partner != b) fail(c, "has a point with two points behind it");
      partner = b;
    }
  }

  // Finds which points of a cell lie behind each other; the empty face that is its front.
  Index pair_points(Index c) {
    std::vector<Index> empty;
    for (const Index f : mesh_.cells[c]) {
      if (is_empty_[std::size_t(f)]) empty.push_back(f);
    }
    if (empty.size() != 2) fail(c, "has " + std::to_string(empty.size()) + " empty sides, expected 2");
    const auto front = mesh_.faces[empty[0]], back = mesh_.faces[empty[1]];
    std::vector<Index> fronts(front.begin(), front.end()), backs(back.begin(), back.end());
    std::sort(fronts.begin(), fronts.end());
    std::sort(backs.begin(), backs.end());
    const auto in_front = [&](Index p) { return std::binary_search(fronts.begin(), fronts.end(), p); };
    const auto in_back = [&](Index p) { return std::binary_search(backs.begin(), backs.end(), p); };
    for (const Index f : mesh_.cells[c]) {
      if (f == empty[0] || f == empty[1]) continue;
      const auto points = mesh_.faces[f];
      const bool between = points.size() == 4 && std::count_if(points.begin(), points.end(), in_front) == 2 &&
                           std::count_if(points.begin(), points.end(), in_back) == 2;
      if (!between) fail(c, "has a side that does not lead straight from front to back");
      for (std::size_t i = 0; i < 4; ++i) {
        const Index p = points[i], q = points[(i + 1) % 4];
        if (in_front(p) && in_back(q)) set_partner(p, q, c);
        if (in_back(p) && in_front(q)) set_partner(p, q, c);
      }
    }
    check_pairs(c, fronts, backs);
    return empty[0];
  }

  void check_pairs(Index c, const std::vector<Index>& fronts, const std::vector<Index>& backs) const {
    const auto sides = std::size_t(mesh_.cells[c].size()) - 2;
    const bool whole = fronts.size() == backs.size() && sides == fronts.size() &&
                       std::all_of(fronts.begin(), fronts.end(), [&](Index p) {
                         return std::binary_search(backs.begin(), backs.end(), partner_[std::size_t(p)]);
                       });
    if (!whole) fail(c, "has an empty side that is not the other one's image");
  }

  // Points behind each other may differ along one axis alone.
  void find_axis() {
    std::array<double, 3> low{}, high{}, apart{};
    low.fill(std::numeric_limits<double>::infinity());
    high.fill(-std::numeric_limits<double>::infinity());
    for (Index p = 0; p < mesh_.num_points(); ++p) {
      const Index q = partner_[std::size_t(p)];
      for (std::size_t k = 0; k < 3 && q >= 0; ++k) {
        const double x = mesh_.points[3 * std::size_t(p) + k];
        low[k] = std::min(low[k], x);
        high[k] = std::max(high[k], x);
        apart[k] = std::max(apart[k], std::abs(x - mesh_.points[3 * std::size_t(q) + k]));
      }
    }
    out_.axis = int(std::max_element(apart.begin(), apart.end()) - apart.begin());
    for (int k = 0; k < 3; ++k) {
      if (k == out_.axis) continue;
      const double extent = high[std::size_t(k)] - low[std::size_t(k)];
      COTAN_REQUIRE(apart[std::size_t(k)] <= kRounding * extent,
                    "the empty patches do not lie across an axis: points behind each other differ in "
                        << char('x' + out_.axis) << " and, by " << apart[std::size_t(k)] << ", in " << char('x' + k));
    }
  }

  void number_points() {
    number_.assign(partner_.size(), -1);
    for (Index p = 0; p < mesh_.num_points(); ++p) {
      const Index q = partner_[std::size_t(p)];
      if (q < p) continue;  // no cell uses it, or it has its number
      number_[std::size_t(p)] = number_[std::size_t(q)] = add_point(std::array{p, q});
    }
  }

  // At the mean of points of the file.
  Index add_point(std::span<const Index> rows) {
    for (int k = 0; k < 3; ++k) {
      if (k == out_.axis) continue;
      double sum = 0;
      for (const Index row : rows) sum += mesh_.points[3 * std::size_t(row) + std::size_t(k)];
      out_.data.points.push_back(sum / double(rows.size()));
    }
    out_.points.push_row(rows);
    return out_.points.size() - 1;
  }

  double coordinate(Index point, int k) const { return out_.data.points[2 * std::size_t(point) + std::size_t(k)]; }

  void add_cell(Index c, Index front) {
    std::vector<Index> corners;
    for (const Index p : mesh_.faces[front]) corners.push_back(number_[std::size_t(p)]);
    double area = 0;
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const Index a = corners[i], b = corners[(i + 1) % corners.size()];
      area += coordinate(a, 0) * coordinate(b, 1) - coordinate(b, 0) * coordinate(a, 1);
    }
    if (area < 0) std::reverse(corners.begin(), corners.end());
    const auto first = Index(out_.cells.size());
    corners.size() <= 4 ? push_cell(c, corners) : push_fan(c, corners);
    const bool fan = corners.size() > 4;
    for (const Index f : mesh_.cells[c]) {
      if (is_empty_[std::size_t(f)] || mesh_.owner[std::size_t(f)] != c) continue;
      const int edge = edge_of(c, f, corners);
      sides_[std::size_t(f)] = fan ? Facet{first + edge, 0} : Facet{first, edge};
    }
  }

  void push_cell(Index c, const std::vector<Index>& corners) {
    out_.data.types.push_back(corners.size() == 3 ? CellType::triangle : CellType::quad);
    out_.data.cells.push_row(corners);
    out_.cells.push_back(c);
  }

  // A triangle over each edge.
  void push_fan(Index c, const std::vector<Index>& corners) {
    std::vector<Index> rows;
    for (const Index p : corners) rows.insert(rows.end(), out_.points[p].begin(), out_.points[p].end());
    const Index middle = add_point(rows);
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const Index a = corners[i], b = corners[(i + 1) % corners.size()];
      const double area = (coordinate(a, 0) - coordinate(middle, 0)) * (coordinate(b, 1) - coordinate(middle, 1)) -
                          (coordinate(b, 0) - coordinate(middle, 0)) * (coordinate(a, 1) - coordinate(middle, 1));
      COTAN_REQUIRE(area > 0, "cell " << c << " is a polygon of " << corners.size()
                                      << " corners, and cannot be split: its middle does not see all of its edges");
      push_cell(c, {a, b, middle});
    }
    ++split_;
  }

  // Which edge of a cell, from corner i to the next, a side became.
  int edge_of(Index c, Index face, const std::vector<Index>& corners) const {
    const auto has = [&](Index number) {
      const auto points = mesh_.faces[face];
      return std::any_of(points.begin(), points.end(), [&](Index p) { return number_[std::size_t(p)] == number; });
    };
    for (std::size_t i = 0; i < corners.size(); ++i) {
      if (has(corners[i]) && has(corners[(i + 1) % corners.size()])) return int(i);
    }
    fail(c, "has a side that is at no edge of its front");
  }

  std::vector<Facet> sides_of(Index face) const {
    if (is_empty_[std::size_t(face)]) return {};
    return {sides_[std::size_t(face)]};
  }

  const PolyMesh& mesh_;
  FoamMesh out_;
  std::vector<char> is_empty_;
  std::vector<Index> partner_, number_;
  std::vector<Facet> sides_;
  std::size_t split_ = 0;
};

}  // namespace

FoamMesh plane_of(const PolyMesh& mesh) {
  FoamMesh out = PlaneBuilder(mesh).build();
  mend_foam_mesh(out);
  return out;
}

}  // namespace cotan

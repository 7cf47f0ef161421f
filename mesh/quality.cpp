#include "mesh/quality.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>

#include "mesh/vector3.h"

namespace cotan {
namespace {

Vec3 at(const Mesh& mesh, Index p) {
  return point3(mesh.points(), mesh.dim(), p);
}
Vec3 unit(const Vec3& a) {
  return (1 / std::max(norm(a), std::numeric_limits<double>::min())) * a;
}

template <class Visit>  // visit(length) for every edge of a cell
void for_each_edge(const Mesh& mesh, Index c, Visit visit) {
  for (const auto& [i, j] : shape(mesh.type(c)).edges)
    visit(norm(at(mesh, mesh.cell(c)[j]) - at(mesh, mesh.cell(c)[i])));
}

double squared_edges(const Mesh& mesh, Index c) {
  double sum = 0;
  for_each_edge(mesh, c, [&](double length) { sum += length * length; });
  return sum;
}

Vec3 triangle_normal(const Mesh& mesh, Index a, Index b, Index c) {
  const Vec3 o = at(mesh, a);
  return cross(at(mesh, b) - o, at(mesh, c) - o);
}

double triangle_mean_ratio(const Mesh& mesh, Index c) {
  const auto p = mesh.corners(c);
  const Vec3 twice = triangle_normal(mesh, p[0], p[1], p[2]);
  const double area = (mesh.dim() == 2 ? twice[2] : norm(twice)) / 2;
  return 4 * std::numbers::sqrt3 * area / squared_edges(mesh, c);
}

double tetra_mean_ratio(const Mesh& mesh, Index c) {
  const auto p = mesh.corners(c);
  const Vec3 o = at(mesh, p[0]);
  const double half = dot(at(mesh, p[3]) - o, triangle_normal(mesh, p[0], p[1], p[2])) / 2;  // three times the volume
  return 12 * std::cbrt(half) * std::abs(std::cbrt(half)) / squared_edges(mesh, c);
}

// Least sine between neighbouring edges; in space, seen along the normal of the diagonals.
double quad_jacobian(const Mesh& mesh, Index c) {
  const auto p = mesh.corners(c);
  Vec3 normal{0, 0, 1};
  if (mesh.dim() == 3) normal = unit(cross(at(mesh, p[2]) - at(mesh, p[0]), at(mesh, p[3]) - at(mesh, p[1])));
  double least = 1;
  for (int i = 0; i < 4; ++i) {
    const Vec3 o = at(mesh, p[i]);
    least = std::min(least, dot(normal, cross(unit(at(mesh, p[(i + 1) % 4]) - o), unit(at(mesh, p[(i + 3) % 4]) - o))));
  }
  return least;
}

// Hexa, wedge and pyramid: rings of `m` corners, the second ring above the first or shrunk to the apex (whose frame
// is not unique and follows from the others).
double solid_jacobian(const Mesh& mesh, Index c) {
  const auto p = mesh.corners(c);
  const CellType linear = shape(mesh.type(c)).linear;
  const int m = linear == CellType::wedge ? 3 : 4;
  const bool pyramid = linear == CellType::pyramid;
  const double ideal = pyramid ? std::numbers::sqrt2 / 2 : m == 3 ? std::numbers::sqrt3 / 2 : 1;
  double least = ideal;
  for (int i = 0; i < (pyramid ? m : 2 * m); ++i) {
    const bool top = i >= m;
    const int ring = top ? m : 0, k = i - ring;
    const Vec3 o = at(mesh, p[i]);
    const Vec3 next = unit(at(mesh, p[ring + (k + 1) % m]) - o),
               previous = unit(at(mesh, p[ring + (k + m - 1) % m]) - o);
    const Vec3 across = unit(at(mesh, p[pyramid ? 4 : top ? k : k + m]) - o);
    least = std::min(least, (top ? -1 : 1) * dot(across, cross(next, previous)));
  }
  return least / ideal;
}

double cell_shape(const Mesh& mesh, Index c) {
  switch (shape(mesh.type(c)).linear) {
    case CellType::vertex:
    case CellType::line:
      return 1;
    case CellType::triangle:
      return triangle_mean_ratio(mesh, c);
    case CellType::tetra:
      return tetra_mean_ratio(mesh, c);
    case CellType::quad:
      return quad_jacobian(mesh, c);
    default:
      return solid_jacobian(mesh, c);
  }
}

// Widens [low, high] by the corner angles of a polygon, in radians.
template <class Corner>
void polygon_angles(const Mesh& mesh, int m, Corner corner, double& low, double& high) {
  for (int i = 0; i < m; ++i) {
    const Vec3 o = at(mesh, corner(i)), a = at(mesh, corner((i + 1) % m)) - o,
               b = at(mesh, corner((i + m - 1) % m)) - o;
    const double angle = std::atan2(norm(cross(a, b)), dot(a, b));
    low = std::min(low, angle);
    high = std::max(high, angle);
  }
}

std::pair<double, double> angles(const Mesh& mesh, Index c) {
  const CellShape& s = shape(mesh.type(c));
  const auto p = mesh.corners(c);
  if (s.dim < 2) return {180, 180};
  double low = std::numbers::pi, high = 0;
  if (s.dim == 2)
    polygon_angles(
        mesh, s.num_corners, [&](int i) { return p[i]; }, low, high);
  for (const FacetShape& f : s.facets) {
    if (s.dim == 3)
      polygon_angles(
          mesh, f.num_corners, [&](int i) { return p[f.corners[i]]; }, low, high);
  }
  return {low * 180 / std::numbers::pi, high * 180 / std::numbers::pi};
}

class Gather {
 public:
  void add(double x) {
    if (count_ == 0) spread_.min = spread_.max = x;
    spread_.min = std::min(spread_.min, x);
    spread_.max = std::max(spread_.max, x);
    sum_ += x;
    ++count_;
  }
  Spread spread() const { return {spread_.min, count_ ? sum_ / double(count_) : 0, spread_.max}; }

 private:
  Spread spread_;
  double sum_ = 0;
  std::int64_t count_ = 0;
};

Spread edge_lengths(const Mesh& mesh) {
  const Adjacency graph = point_neighbours(mesh);
  Gather lengths;
  for (Index p = 0; p < graph.size(); ++p) {
    for (const Index q : graph[p]) {
      if (p < q) lengths.add(norm(at(mesh, q) - at(mesh, p)));
    }
  }
  return lengths.spread();
}

}  // namespace

std::vector<double> cell_shapes(const Mesh& mesh) {
  std::vector<double> shapes(mesh.num_cells());
  for (Index c = 0; c < mesh.num_cells(); ++c) shapes[c] = cell_shape(mesh, c);
  return shapes;
}

Quality mesh_quality(const Mesh& mesh) {
  Quality q;
  const std::vector<double> volumes = cell_volumes(mesh), shapes = cell_shapes(mesh);
  Gather volume, low, high, aspect, shape_measure;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    volume.add(volumes[c]);
    q.total_volume += volumes[c];
    shape_measure.add(shapes[c]);
    if (shapes[c] < shapes[q.worst_cell]) q.worst_cell = c;
    const auto [least, greatest] = angles(mesh, c);
    low.add(least);
    high.add(greatest);
    Gather lengths;
    for_each_edge(mesh, c, [&](double length) { lengths.add(length); });
    if (!shape(mesh.type(c)).edges.empty()) aspect.add(lengths.spread().max / lengths.spread().min);
  }
  q.volume = volume.spread();
  q.edge_length = edge_lengths(mesh);
  q.min_angle = low.spread();
  q.max_angle = high.spread();
  q.aspect = aspect.spread();
  q.shape = shape_measure.spread();
  return q;
}

std::string report(const Quality& quality) {
  std::string text = "                       least         mean     greatest\n";
  const auto row = [&](const char* name, const Spread& s) {
    char line[96];
    std::snprintf(line, sizeof line, "%-16s %11.4g  %11.4g  %11.4g\n", name, s.min, s.mean, s.max);
    text += line;
  };
  row("volume", quality.volume);
  row("edge length", quality.edge_length);
  row("least angle", quality.min_angle);
  row("greatest angle", quality.max_angle);
  row("aspect ratio", quality.aspect);
  row("shape", quality.shape);
  char last[96];
  std::snprintf(last, sizeof last, "total volume %.10g, worst shape in cell %d\n", quality.total_volume,
                quality.worst_cell);
  return text + last;
}

}  // namespace cotan

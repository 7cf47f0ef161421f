#pragma once
// Meshes of the unit square without sides: Delaunay triangulations of periodic points, opposite sides glued.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/random.h"
#include "mesh/mesh.h"
#include "mesh/periodic.h"

namespace cotan::laplace_bench {

using Point = std::array<double, 2>;

/// A mesh and how it is glued; the first `points` of the mesh are the square's, the rest their copies across its sides.
struct Sheet {
  Mesh mesh;
  std::vector<PeriodicPair> periodic;
};

/// Delaunay triangles of points in general position, by insertion into a triangle around all of them.
class Delaunay {
 public:
  explicit Delaunay(const std::vector<Point>& points) : points_(points) {
    const int n = static_cast<int>(points.size());
    for (const Point& p : {Point{-50, -50}, Point{60, -50}, Point{0, 80}}) points_.push_back(p);
    add({n, n + 1, n + 2});
    for (int i = 0; i < n; ++i) insert(i);
    std::erase_if(triangles_,
                  [&](const Triangle& t) { return *std::max_element(t.corners.begin(), t.corners.end()) >= n; });
  }
  std::vector<std::array<int, 3>> triangles() const {
    std::vector<std::array<int, 3>> out;
    for (const Triangle& t : triangles_) out.push_back(t.corners);
    return out;
  }

 private:
  struct Triangle {
    std::array<int, 3> corners;
    Point centre;
    double square;  // of the circle's radius
  };
  void add(std::array<int, 3> c) {
    const Point &a = points_[c[0]], b = points_[c[1]], d = points_[c[2]];
    const double bx = b[0] - a[0], by = b[1] - a[1], dx = d[0] - a[0], dy = d[1] - a[1],
                 twice = 2 * (bx * dy - by * dx);
    const double bb = bx * bx + by * by, dd = dx * dx + dy * dy;
    const double ux = (dy * bb - by * dd) / twice, uy = (bx * dd - dx * bb) / twice;
    triangles_.push_back({c, {a[0] + ux, a[1] + uy}, ux * ux + uy * uy});
  }
  void insert(int i) {
    std::map<std::pair<int, int>, int> border;  // directed edges of the triangles that go; those without a twin stay
    const Point& p = points_[i];
    std::erase_if(triangles_, [&](const Triangle& t) {
      const double x = p[0] - t.centre[0], y = p[1] - t.centre[1];
      if (x * x + y * y >= t.square) return false;
      for (int k = 0; k < 3; ++k) ++border[{t.corners[k], t.corners[(k + 1) % 3]}];
      return true;
    });
    for (const auto& [edge, count] : border) {
      if (!border.contains({edge.second, edge.first})) add({edge.first, edge.second, i});
    }
  }
  std::vector<Point> points_;
  std::vector<Triangle> triangles_;
};

inline double wrapped(double x) {
  return x - std::round(x);
}

/// Random points, made even by steps of Lloyd's algorithm on a fine grid of samples. \param grid points are moved to
/// the nearest of 1/grid; 0: left where they are
inline std::vector<Point> even_points(int count, int steps, int grid, std::uint64_t seed) {
  const Random random(seed, purpose::mesh);
  std::vector<Point> points(count);
  for (int i = 0; i < count; ++i) points[i] = {random.uniform(2 * i), random.uniform(2 * i + 1)};
  constexpr int kSamples = 400, kBoxes = 16;
  const auto box = [](double x) { return static_cast<int>((x - std::floor(x)) * kBoxes) % kBoxes; };
  for (int step = 0; step < steps; ++step) {
    std::vector<std::vector<int>> boxes(kBoxes * kBoxes);
    for (int i = 0; i < count; ++i) boxes[box(points[i][0]) * kBoxes + box(points[i][1])].push_back(i);
    std::vector<std::array<double, 3>> sums(count, {0, 0, 0});
    for (int s = 0; s < kSamples * kSamples; ++s) {
      const Point x = {(s % kSamples + 0.5) / kSamples, (s / kSamples + 0.5) / kSamples};
      double least = 1;
      int best = 0;
      for (int b = 0; b < 9; ++b) {
        const int row = (box(x[0]) + b % 3 + kBoxes - 1) % kBoxes, column = (box(x[1]) + b / 3 + kBoxes - 1) % kBoxes;
        for (const int i : boxes[row * kBoxes + column]) {
          const double dx = wrapped(x[0] - points[i][0]), dy = wrapped(x[1] - points[i][1]), d = dx * dx + dy * dy;
          if (d < least) least = d, best = i;
        }
      }
      sums[best][0] += wrapped(x[0] - points[best][0]);
      sums[best][1] += wrapped(x[1] - points[best][1]);
      sums[best][2] += 1;
    }
    for (int i = 0; i < count; ++i) {
      for (int k : {0, 1}) points[i][k] += sums[i][2] > 0 ? sums[i][k] / sums[i][2] : 0;
    }
  }
  for (Point& p : points) {
    for (double& x : p) {
      if (grid > 0) x = std::round(x * grid) / grid;
      x -= std::floor(x);
    }
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

/// The Delaunay triangulation of points and all their images: triangles whose middle is in the square, corners beyond
/// its sides as copies that are glued to the points.
inline Sheet sheet_of(const std::vector<Point>& points, std::uint64_t seed) {
  constexpr double kMargin = 0.35;
  const int n = static_cast<int>(points.size());
  const Random random(seed, purpose::mesh, 1);
  std::vector<Point> all, moved;  // the latter by round-off's worth, so that no four points are on a circle
  std::vector<std::pair<int, std::array<int, 2>>> image;
  for (int shift = 0; shift < 9; ++shift) {
    const int order[] = {4, 0, 1, 2, 3, 5, 6, 7, 8};  // the square itself first
    const int sx = order[shift] % 3 - 1, sy = order[shift] / 3 - 1;
    for (int i = 0; i < n; ++i) {
      const Point p = {points[i][0] + sx, points[i][1] + sy};
      if (std::min(p[0], p[1]) < -kMargin || std::max(p[0], p[1]) > 1 + kMargin) continue;
      all.push_back(p);
      moved.push_back({p[0] + 1e-9 * random.uniform(2 * i), p[1] + 1e-9 * random.uniform(2 * i + 1)});
      image.push_back({i, {sx, sy}});
    }
  }
  MeshData data;
  std::map<int, Index> number;
  for (int i = 0; i < n; ++i) number[i] = i;
  std::map<std::array<int, 2>, PeriodicPair> pairs;
  for (const Point& p : points) data.points.insert(data.points.end(), p.begin(), p.end());
  for (const auto& corners : Delaunay(moved).triangles()) {
    Point middle = {0, 0};
    for (const int c : corners) middle[0] += moved[c][0] / 3, middle[1] += moved[c][1] / 3;
    if (std::min(middle[0], middle[1]) < 0 || std::max(middle[0], middle[1]) >= 1) continue;
    std::vector<Index> cell;
    for (const int c : corners) {
      const auto [place, is_new] = number.try_emplace(c, static_cast<Index>(data.points.size() / 2));
      if (is_new) {
        data.points.insert(data.points.end(), all[c].begin(), all[c].end());
        const auto [original, shift] = image[c];
        PeriodicPair& pair = pairs[shift];
        pair = {"square", "copies", {double(shift[0]), double(shift[1])}, pair.from_points, pair.to_points};
        pair.from_points.push_back(original);
        pair.to_points.push_back(place->second);
      }
      cell.push_back(place->second);
    }
    data.types.push_back(CellType::triangle);
    data.cells.push_row(cell);
  }
  repair_orientation(data);
  Sheet sheet{Mesh(std::move(data)), {}};
  for (auto& [shift, pair] : pairs) sheet.periodic.push_back(std::move(pair));
  return sheet;
}

}  // namespace cotan::laplace_bench

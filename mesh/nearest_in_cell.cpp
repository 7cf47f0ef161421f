#include "mesh/nearest_in_cell.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace cotan {
namespace {

constexpr double kSlack = 1e-10;  // of weights, by which a point on a side counts as inside

using Weights = std::array<double, 8>;
constexpr double kFar = std::numeric_limits<double>::infinity();

// Barycentric coordinates of x's projection onto the span of n corners; nothing where that is degenerate.
std::optional<std::array<double, 4>> barycentric(const std::array<Vec3, 4>& p, int n, const Vec3& x) {
  const Vec3 d = x - p[0], a = p[1] - p[0];
  if (n == 2) {
    const double t = dot(d, a) / dot(a, a);
    if (!std::isfinite(t)) return std::nullopt;
    return {{1 - t, t, 0, 0}};
  }
  const Vec3 b = p[2] - p[0], normal = cross(a, b);
  if (n == 3) {
    const double s = dot(cross(d, b), normal) / dot(normal, normal);
    const double t = dot(cross(a, d), normal) / dot(normal, normal);
    if (!std::isfinite(s + t)) return std::nullopt;
    return {{1 - s - t, s, t, 0}};
  }
  const Vec3 c = p[3] - p[0];
  const double det = dot(c, normal);
  const double r = dot(d, cross(b, c)) / det, s = dot(a, cross(d, c)) / det, t = dot(d, normal) / det;
  if (!std::isfinite(r + s + t)) return std::nullopt;
  return {{1 - r - s - t, r, s, t}};
}

struct NearestInSimplex {
  double squared_distance = kFar;
  std::array<double, 4> weights{};
};

// The nearest point lies on a side whose barycentric coordinate is negative, if any is: otherwise one could go on
// towards x without leaving the simplex.
NearestInSimplex nearest_in_simplex(const std::array<Vec3, 4>& p, int n, const Vec3& x) {
  if (n == 1) return {dot(x - p[0], x - p[0]), {1}};
  const auto weights = barycentric(p, n, x);
  if (weights && *std::min_element(weights->begin(), weights->begin() + n) >= -kSlack) {
    if (n == 4) return {0, *weights};
    Vec3 y{};
    for (int i = 0; i < n; ++i) y = y + (*weights)[i] * p[i];
    return {dot(x - y, x - y), *weights};
  }
  NearestInSimplex best;
  for (int gone = 0; gone < n; ++gone) {
    if (weights && (*weights)[gone] >= 0) continue;
    std::array<Vec3, 4> side{};
    for (int i = 0, k = 0; i < n; ++i) {
      if (i != gone) side[k++] = p[i];
    }
    const NearestInSimplex found = nearest_in_simplex(side, n - 1, x);
    if (found.squared_distance >= best.squared_distance) continue;
    best.squared_distance = found.squared_distance;
    for (int i = 0, k = 0; i < n; ++i) best.weights[i] = i == gone ? 0 : found.weights[k++];
  }
  return best;
}

// Simplices that a shape is cut into.
std::span<const std::array<int, 4>> simplices(CellType linear) {
  static constexpr std::array<std::array<int, 4>, 1> one{{{0, 1, 2, 3}}};
  static constexpr std::array<std::array<int, 4>, 2> quad{{{0, 1, 2, -1}, {0, 2, 3, -1}}};
  static constexpr std::array<std::array<int, 4>, 2> pyramid{{{0, 1, 2, 4}, {0, 2, 3, 4}}};
  static constexpr std::array<std::array<int, 4>, 3> wedge{{{0, 1, 2, 5}, {0, 1, 5, 4}, {0, 4, 5, 3}}};
  static constexpr std::array<std::array<int, 4>, 6> hexa{
      {{0, 1, 2, 6}, {0, 2, 3, 6}, {0, 3, 7, 6}, {0, 7, 4, 6}, {0, 4, 5, 6}, {0, 5, 1, 6}}};
  switch (linear) {
    case CellType::quad:
      return quad;
    case CellType::pyramid:
      return pyramid;
    case CellType::wedge:
      return wedge;
    case CellType::hexa:
      return hexa;
    default:
      return one;
  }
}

NearestInCell nearest_of_simplices(CellType linear, std::span<const Vec3> corners, const Vec3& x) {
  const int n = shape(linear).dim + 1;
  NearestInCell best{kFar, std::vector<double>(corners.size(), 0)};
  for (const auto& simplex : simplices(linear)) {
    std::array<Vec3, 4> p{};
    for (int i = 0; i < n; ++i) p[i] = corners[simplex[i]];
    const NearestInSimplex found = nearest_in_simplex(p, n, x);
    if (found.squared_distance >= best.squared_distance) continue;
    best.squared_distance = found.squared_distance;
    std::fill(best.weights.begin(), best.weights.end(), 0.0);
    for (int i = 0; i < n; ++i) best.weights[simplex[i]] = found.weights[i];
  }
  return best;
}

// Shape functions and their derivatives at `at`.
struct Basis {
  Weights value{};
  std::array<Weights, 3> by{};
};

void tensor_basis(const Vec3& at, bool solid, Basis& basis) {  // quad and hexa over [-1, 1]^dim
  constexpr int sign[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
  for (int i = 0; i < (solid ? 8 : 4); ++i) {
    const double a = sign[i % 4][0], b = sign[i % 4][1], c = i < 4 ? -1 : 1;
    const double u = (1 + a * at[0]) / 2, v = (1 + b * at[1]) / 2, w = solid ? (1 + c * at[2]) / 2 : 1;
    basis.value[i] = u * v * w;
    basis.by[0][i] = a / 2 * v * w;
    basis.by[1][i] = u * b / 2 * w;
    basis.by[2][i] = solid ? u * v * c / 2 : 0;
  }
}

void wedge_basis(const Vec3& at, Basis& basis) {
  const std::array<double, 3> l{1 - at[0] - at[1], at[0], at[1]}, lu{-1, 1, 0}, lv{-1, 0, 1};
  for (int i = 0; i < 6; ++i) {
    const double w = i < 3 ? 1 - at[2] : at[2];
    basis.value[i] = l[i % 3] * w;
    basis.by[0][i] = lu[i % 3] * w;
    basis.by[1][i] = lv[i % 3] * w;
    basis.by[2][i] = l[i % 3] * (i < 3 ? -1 : 1);
  }
}

void pyramid_basis(const Vec3& at, Basis& basis) {  // |u|, |v| <= 1 - t: regular at the apex, \cite bedrosian1992
  constexpr int sign[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
  const double s = std::max(1 - at[2], 1e-12);
  for (int i = 0; i < 4; ++i) {
    const double a = sign[i][0], b = sign[i][1], u = a * at[0], v = b * at[1];
    basis.value[i] = (s + u) * (s + v) / (4 * s);
    basis.by[0][i] = a * (s + v) / (4 * s);
    basis.by[1][i] = b * (s + u) / (4 * s);
    basis.by[2][i] = -(1 - u * v / (s * s)) / 4;
  }
  basis.value[4] = 1 - s;
  basis.by[2][4] = 1;
}

Basis basis_at(CellType linear, const Vec3& at) {
  Basis basis;
  if (linear == CellType::wedge) {
    wedge_basis(at, basis);
  } else if (linear == CellType::pyramid) {
    pyramid_basis(at, basis);
  } else {
    tensor_basis(at, linear == CellType::hexa, basis);
  }
  return basis;
}

Vec3 combine(const Weights& weights, std::span<const Vec3> corners) {
  Vec3 sum{};
  for (std::size_t i = 0; i < corners.size(); ++i) sum = sum + weights[i] * corners[i];
  return sum;
}

// Where Newton's method (on quads in space Gauss-Newton) ends with all weights in range.
std::optional<NearestInCell> inside_multilinear(CellType linear, std::span<const Vec3> corners, const Vec3& x) {
  Vec3 at{};
  if (linear == CellType::wedge) at = {1.0 / 3, 1.0 / 3, 0.5};
  if (linear == CellType::pyramid) at = {0, 0, 0.2};
  for (int iteration = 0; iteration < 30; ++iteration) {
    const Basis basis = basis_at(linear, at);
    const Vec3 left = x - combine(basis.value, corners);
    const Vec3 u = combine(basis.by[0], corners), v = combine(basis.by[1], corners);
    const Vec3 w = shape(linear).dim == 3 ? combine(basis.by[2], corners) : cross(u, v);
    const double det = dot(w, cross(u, v));
    Vec3 move{dot(left, cross(v, w)) / det, dot(u, cross(left, w)) / det, dot(left, cross(u, v)) / det};
    if (shape(linear).dim == 2) move[2] = 0;
    if (!std::isfinite(move[0] + move[1] + move[2])) return std::nullopt;
    const double largest = std::max({std::abs(move[0]), std::abs(move[1]), std::abs(move[2])});
    if (largest < 1e-13 || iteration == 29) {
      const auto n = static_cast<std::ptrdiff_t>(corners.size());
      if (largest > 1e-8 || *std::min_element(basis.value.begin(), basis.value.begin() + n) < -kSlack) break;
      const double squared = shape(linear).dim == 3 ? 0 : dot(left, left);
      return NearestInCell{squared, {basis.value.begin(), basis.value.begin() + n}};
    }
    if (largest > 10) break;  // far outside
    at = at + move;
  }
  return std::nullopt;
}

}  // namespace

NearestInCell nearest_in_cell(CellType linear, std::span<const Vec3> corners, const Vec3& x) {
  if (shape(linear).num_corners > shape(linear).dim + 1) {
    if (auto found = inside_multilinear(linear, corners, x)) return *std::move(found);
  }
  return nearest_of_simplices(linear, corners, x);
}

}  // namespace cotan

#pragma once
#include <array>
#include <cmath>
#include <span>

#include "core/types.h"

namespace cotan {

/// A vector in space; meshes of lower dimension leave the last entries zero.
using Vec3 = std::array<double, 3>;

inline Vec3 operator+(const Vec3& a, const Vec3& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
inline Vec3 operator-(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline Vec3 operator*(double s, const Vec3& a) {
  return {s * a[0], s * a[1], s * a[2]};
}
inline double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline double norm(const Vec3& a) {
  return std::sqrt(dot(a, a));
}
inline Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Row i of `points` (n, dim).
inline Vec3 point3(std::span<const double> points, int dim, Index i) {
  Vec3 x{};
  for (int k = 0; k < dim; ++k) x[k] = points[std::size_t(i) * dim + k];
  return x;
}

}  // namespace cotan

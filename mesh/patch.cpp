#include "mesh/patch.h"

#include <cmath>
#include <utility>
#include <vector>

namespace cotan {
namespace {

struct Gauss {
  std::vector<double> at, weights;  // on [-1, 1]
};
Gauss gauss(int n) {
  if (n == 2) return {{-std::sqrt(1.0 / 3), std::sqrt(1.0 / 3)}, {1, 1}};
  return {{-std::sqrt(0.6), 0, std::sqrt(0.6)}, {5.0 / 9, 8.0 / 9, 5.0 / 9}};
}

std::vector<PatchPoint> line_rule(CellType type) {
  std::vector<PatchPoint> rule;
  const Gauss g = gauss(3);
  for (int i = 0; i < 3; ++i) rule.push_back(patch_point(type, (1 + g.at[i]) / 2, 0, g.weights[i] / 2));
  return rule;
}

std::vector<PatchPoint> quad_rule(CellType type) {
  std::vector<PatchPoint> rule;
  const Gauss g = gauss(type == CellType::quad ? 2 : 3);
  for (std::size_t i = 0; i < g.at.size(); ++i) {
    for (std::size_t j = 0; j < g.at.size(); ++j) {
      rule.push_back(patch_point(type, g.at[i], g.at[j], g.weights[i] * g.weights[j]));
    }
  }
  return rule;
}

// One point for the plane triangle; else six points, exact to degree 4 (\cite strang1973).
std::vector<PatchPoint> triangle_rule(CellType type) {
  if (type == CellType::triangle) return {patch_point(type, 1.0 / 3, 1.0 / 3, 0.5)};
  std::vector<PatchPoint> rule;
  for (const auto& [a, weight] : {std::pair{0.44594849091596488632, 0.22338158967801146570},
                                  std::pair{0.09157621350977074346, 0.10995174365532186764}}) {
    rule.push_back(patch_point(type, a, a, weight / 2));
    rule.push_back(patch_point(type, 1 - 2 * a, a, weight / 2));
    rule.push_back(patch_point(type, a, 1 - 2 * a, weight / 2));
  }
  return rule;
}

// Quadratic Lagrange functions on [-1, 1] through -1, 1 and 0, with derivatives.
std::array<std::array<double, 2>, 3> quadratic(double x) {
  return {{{x * (x - 1) / 2, x - 0.5}, {x * (x + 1) / 2, x + 0.5}, {1 - x * x, -2 * x}}};
}

constexpr std::array<std::array<int, 2>, 8> kQuadNodes{
    {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {0, -1}, {1, 0}, {0, 1}, {-1, 0}}};

void fill_triangle6(PatchPoint& p, double u, double v) {
  const std::array<double, 3> l{1 - u - v, u, v}, lu{-1, 1, 0}, lv{-1, 0, 1};
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3;
    p.value[i] = l[i] * (2 * l[i] - 1);
    p.du[i] = (4 * l[i] - 1) * lu[i];
    p.dv[i] = (4 * l[i] - 1) * lv[i];
    p.value[3 + i] = 4 * l[i] * l[j];
    p.du[3 + i] = 4 * (lu[i] * l[j] + l[i] * lu[j]);
    p.dv[3 + i] = 4 * (lv[i] * l[j] + l[i] * lv[j]);
  }
}

void fill_quad(PatchPoint& p, double u, double v) {
  for (int i = 0; i < 4; ++i) {
    const double a = kQuadNodes[i][0], b = kQuadNodes[i][1];
    p.value[i] = (1 + a * u) * (1 + b * v) / 4;
    p.du[i] = a * (1 + b * v) / 4;
    p.dv[i] = b * (1 + a * u) / 4;
  }
}

void fill_quad8(PatchPoint& p, double u, double v) {
  for (int i = 0; i < 8; ++i) {
    const double a = kQuadNodes[i][0], b = kQuadNodes[i][1];
    if (i < 4) {
      p.value[i] = (1 + a * u) * (1 + b * v) * (a * u + b * v - 1) / 4;
      p.du[i] = a * (1 + b * v) * (2 * a * u + b * v) / 4;
      p.dv[i] = b * (1 + a * u) * (2 * b * v + a * u) / 4;
    } else if (a == 0) {
      p.value[i] = (1 - u * u) * (1 + b * v) / 2;
      p.du[i] = -u * (1 + b * v);
      p.dv[i] = b * (1 - u * u) / 2;
    } else {
      p.value[i] = (1 - v * v) * (1 + a * u) / 2;
      p.du[i] = a * (1 - v * v) / 2;
      p.dv[i] = -v * (1 + a * u);
    }
  }
}

void fill_quad9(PatchPoint& p, double u, double v) {
  const auto fu = quadratic(u), fv = quadratic(v);
  const auto which = [](int sign) { return sign < 0 ? 0 : sign > 0 ? 1 : 2; };
  for (int i = 0; i < 9; ++i) {
    const auto& a = fu[i < 8 ? which(kQuadNodes[i][0]) : 2];
    const auto& b = fv[i < 8 ? which(kQuadNodes[i][1]) : 2];
    p.value[i] = a[0] * b[0];
    p.du[i] = a[1] * b[0];
    p.dv[i] = a[0] * b[1];
  }
}

void fill_line3(PatchPoint& p, double t) {
  p.value = {(1 - t) * (1 - 2 * t), t * (2 * t - 1), 4 * t * (1 - t)};
  p.du = {4 * t - 3, 4 * t - 1, 4 - 8 * t};
}

}  // namespace

PatchPoint patch_point(CellType type, double u, double v, double weight) {
  PatchPoint p{weight, {}, {}, {}};
  switch (type) {
    case CellType::line:
      p.value = {1 - u, u}, p.du = {-1, 1};
      break;
    case CellType::line3:
      fill_line3(p, u);
      break;
    case CellType::triangle:
      p.value = {1 - u - v, u, v}, p.du = {-1, 1, 0}, p.dv = {-1, 0, 1};
      break;
    case CellType::triangle6:
      fill_triangle6(p, u, v);
      break;
    case CellType::quad:
      fill_quad(p, u, v);
      break;
    case CellType::quad8:
      fill_quad8(p, u, v);
      break;
    default:
      fill_quad9(p, u, v);
      break;
  }
  return p;
}

std::span<const PatchPoint> patch_rule(CellType type) {
  using enum CellType;
  static const std::vector<PatchPoint> lines = line_rule(line), lines3 = line_rule(line3),
                                       triangles = triangle_rule(triangle), triangles6 = triangle_rule(triangle6),
                                       quads = quad_rule(quad), quads8 = quad_rule(quad8), quads9 = quad_rule(quad9);
  switch (type) {
    case line:
      return lines;
    case line3:
      return lines3;
    case triangle:
      return triangles;
    case triangle6:
      return triangles6;
    case quad:
      return quads;
    case quad8:
      return quads8;
    default:
      return quads9;
  }
}

}  // namespace cotan

#include "physics/cloth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/check.h"
#include "mesh/quality.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

Vec3 at(std::span<const double> values, Index p) {
  return point3(values, 3, p);
}

// The cotangent of the angle at `corner` between the ways to a and b.
double cotangent(const Mesh& mesh, Index corner, Index a, Index b) {
  const Vec3 u = at(mesh.points(), a) - at(mesh.points(), corner), v = at(mesh.points(), b) - at(mesh.points(), corner);
  return dot(u, v) / norm(cross(u, v));
}

// An edge with the triangles beside it, and the corner opposite in each.
struct Side {
  std::vector<Index> cells, opposite;
};

std::map<std::pair<Index, Index>, Side> edges_of(const Mesh& mesh) {
  std::map<std::pair<Index, Index>, Side> edges;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto corners = mesh.cell(c);
    for (int k = 0; k < 3; ++k) {
      Side& side = edges[std::minmax(corners[k], corners[(k + 1) % 3])];
      side.cells.push_back(c);
      side.opposite.push_back(corners[(k + 2) % 3]);
    }
  }
  return edges;
}

// By differences to the first point, so that a shift leaves no rounding.
Vec3 across(const std::array<Index, 4>& points, const std::array<double, 4>& factors,
            std::span<const double> position) {
  Vec3 sum{};
  for (int i = 1; i < 4; ++i) sum = sum + factors[i] * (at(position, points[i]) - at(position, points[0]));
  return sum;
}

}  // namespace

Cloth::Cloth(const Mesh& mesh, Material material, std::vector<char> held)
    : material_(material), held_(std::move(held)), mass_(mesh.num_points(), 0.0) {
  const auto areas = cell_volumes(mesh);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const Index p : mesh.cell(c)) mass_[p] += material_.density * areas[c] / 3;
  }
  add_springs(mesh);
  add_hinges(mesh);
  bound_step();
}

void Cloth::add_springs(const Mesh& mesh) {
  const auto areas = cell_volumes(mesh);
  for (const auto& [ends, side] : edges_of(mesh)) {
    const double length = norm(at(mesh.points(), ends.second) - at(mesh.points(), ends.first));
    double area = 0;
    for (const Index c : side.cells) area += areas[c];
    springs_.push_back({ends.first, ends.second, length, material_.stretching * area / (length * length)});
  }
}

void Cloth::add_hinges(const Mesh& mesh) {
  if (material_.bending == 0) return;
  const auto areas = cell_volumes(mesh);
  for (const auto& [ends, side] : edges_of(mesh)) {
    if (side.cells.size() != 2) continue;
    const auto [a, b] = ends;
    const Index c = side.opposite[0], d = side.opposite[1];
    const double at_a = cotangent(mesh, a, b, c), at_b = cotangent(mesh, b, a, c), beyond_a = cotangent(mesh, a, b, d),
                 beyond_b = cotangent(mesh, b, a, d);
    hinges_.push_back({{a, b, c, d},
                       {at_b + beyond_b, at_a + beyond_a, -at_a - at_b, -beyond_a - beyond_b},
                       material_.bending / (areas[side.cells[0]] + areas[side.cells[1]])});
  }
}

// Gershgorin's bound of the largest frequency at rest: Verlet's method is stable up to 2 over it.
void Cloth::bound_step() {
  std::vector<double> stiffness(mass_.size(), 0.0);
  for (const Spring& s : springs_) {
    stiffness[s.a] += 2 * s.stiffness;
    stiffness[s.b] += 2 * s.stiffness;
  }
  for (const Hinge& h : hinges_) {
    double sum = 0;
    for (const double f : h.factors) sum += std::abs(f);
    for (int i = 0; i < 4; ++i) stiffness[h.points[i]] += h.weight * std::abs(h.factors[i]) * sum;
  }
  double most = 0;
  for (std::size_t p = 0; p < mass_.size(); ++p) most = std::max(most, stiffness[p] / mass_[p]);
  stable_step_ = most > 0 ? 2 / std::sqrt(most) : std::numeric_limits<double>::infinity();
}

std::vector<double> Cloth::acceleration(std::span<const double> position, std::span<const double> velocity) const {
  std::vector<double> out(position.size(), 0.0);
  const auto add = [&](Index p, double factor, const Vec3& v) {
    for (int k = 0; k < 3; ++k) out[3 * p + k] += factor * v[k];
  };
  for (const Spring& s : springs_) {
    const Vec3 way = at(position, s.b) - at(position, s.a);
    const double length = norm(way);
    if (length == 0) continue;  // no direction to push in
    const double pull = s.stiffness * (length - s.length) / length;
    add(s.a, pull, way);
    add(s.b, -pull, way);
  }
  for (const Hinge& h : hinges_) {
    const Vec3 bent = across(h.points, h.factors, position);
    for (int i = 0; i < 4; ++i) add(h.points[i], -h.weight * h.factors[i], bent);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = held_[i] ? 0 : out[i] / mass_[i / 3] + material_.gravity[i % 3] - material_.damping * velocity[i];
  }
  return out;
}

double Cloth::energy(std::span<const double> position, std::span<const double> velocity) const {
  double sum = 0;
  for (std::size_t i = 0; i < position.size(); ++i)
    sum += mass_[i / 3] * (0.5 * velocity[i] * velocity[i] - material_.gravity[i % 3] * position[i]);
  for (const Spring& s : springs_) {
    const double longer = norm(at(position, s.b) - at(position, s.a)) - s.length;
    sum += 0.5 * s.stiffness * longer * longer;
  }
  for (const Hinge& h : hinges_) {
    const Vec3 bent = across(h.points, h.factors, position);
    sum += 0.5 * h.weight * dot(bent, bent);
  }
  return sum;
}

}  // namespace cotan

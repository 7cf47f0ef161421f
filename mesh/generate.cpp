#include "mesh/generate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "mesh/generate_builder.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

// i/n of the length, with the last point exactly on the far side.
double grid_point(int i, int n, double length) {
  return i == n ? length : length * i / n;
}

std::function<bool(std::span<const double>)> at(int axis, double value) {
  return [=](std::span<const double> x) { return x[axis] == value; };
}

std::vector<NamedSide> box_sides(std::span<const double> size) {
  constexpr const char* names[] = {"left", "right", "bottom", "top", "back", "front"};
  std::vector<NamedSide> sides;
  for (int k = 0; k < static_cast<int>(size.size()); ++k) {
    sides.push_back({names[2 * k], at(k, 0)});
    sides.push_back({names[2 * k + 1], at(k, size[k])});
  }
  return sides;
}

// Two triangles of the square a, b, c, d; the diagonal alternates like a chess board.
void add_triangles(MeshBuilder& out, bool even, Index a, Index b, Index c, Index d) {
  if (even) {
    out.add(CellType::triangle, {a, b, c});
    out.add(CellType::triangle, {a, c, d});
  } else {
    out.add(CellType::triangle, {a, b, d});
    out.add(CellType::triangle, {b, c, d});
  }
}

// The rectangle's grid; quads(i, j) says which squares stay whole.
template <class Quads>
Mesh rectangle_of(int nx, int ny, std::array<double, 2> size, Quads quads) {
  MeshBuilder out;
  for (int j = 0; j <= ny; ++j) {
    for (int i = 0; i <= nx; ++i) {
      out.data.points.insert(out.data.points.end(), {grid_point(i, nx, size[0]), grid_point(j, ny, size[1])});
    }
  }
  for (int j = 0; j < ny; ++j) {
    for (int i = 0; i < nx; ++i) {
      const Index a = j * (nx + 1) + i, b = a + 1, d = a + nx + 1, c = d + 1;
      if (quads(i, j)) {
        out.add(CellType::quad, {a, b, c, d});
      } else {
        add_triangles(out, (i + j) % 2 == 0, a, b, c, d);
      }
    }
  }
  return std::move(out).finish(box_sides(size));
}

using Brick = std::array<Index, 8>;  // corners in VTK's order

// Six tetrahedra around the diagonal 0-6, the same in each brick, so that faces match; \cite kuhn1960
void add_tetrahedra(MeshBuilder& out, const Brick& b) {
  constexpr int paths[6][2] = {{1, 2}, {2, 3}, {3, 7}, {7, 4}, {4, 5}, {5, 1}};
  for (const auto& [i, j] : paths) out.add(CellType::tetra, {b[0], b[i], b[j], b[6]});
}

void add_wedges(MeshBuilder& out, const Brick& b, bool even) {
  if (even) {
    out.add(CellType::wedge, {b[0], b[1], b[2], b[4], b[5], b[6]});
    out.add(CellType::wedge, {b[0], b[2], b[3], b[4], b[6], b[7]});
  } else {
    out.add(CellType::wedge, {b[0], b[1], b[3], b[4], b[5], b[7]});
    out.add(CellType::wedge, {b[1], b[2], b[3], b[5], b[6], b[7]});
  }
}

void add_pyramids(MeshBuilder& out, const Brick& b) {
  const auto middle = static_cast<Index>(out.data.points.size() / 3);
  Vec3 x{};
  for (const Index p : b) x = x + 0.125 * point3(out.data.points, 3, p);
  out.data.points.insert(out.data.points.end(), x.begin(), x.end());
  for (const FacetShape& f : shape(CellType::hexa).facets) {  // outward sides, so the base is turned inward
    out.add(CellType::pyramid, {b[f.corners[0]], b[f.corners[3]], b[f.corners[2]], b[f.corners[1]], middle});
  }
}

void add_brick(MeshBuilder& out, CellType type, const Brick& b, bool even) {
  switch (type) {
    case CellType::tetra:
      return add_tetrahedra(out, b);
    case CellType::wedge:
      return add_wedges(out, b, even);
    case CellType::pyramid:
      return add_pyramids(out, b);
    default:
      return out.add(CellType::hexa, {b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]});
  }
}

Mesh raised_to(Mesh mesh, CellType type) {
  if (shape(type).order == 1) return mesh;
  return second_order(mesh, type == CellType::quad9 || type == CellType::hexa27);
}

}  // namespace

Mesh rectangle(int nx, int ny, std::array<double, 2> size, CellType type) {
  require_count("rectangle", {nx, ny});
  require_size("rectangle", size);
  COTAN_REQUIRE(shape(type).dim == 2,
                "a rectangle of cells of type " << shape(type).name << ": expected triangles or quads");
  const bool quads = shape(type).linear == CellType::quad;
  return raised_to(rectangle_of(nx, ny, size, [=](int, int) { return quads; }), type);
}

Mesh mixed_rectangle(int nx, int ny) {
  require_count("mixed_rectangle", {nx, ny});
  return rectangle_of(nx, ny, {1, 1}, [=](int i, int) { return 2 * i < nx; });
}

Mesh box(int nx, int ny, int nz, std::array<double, 3> size, CellType type) {
  require_count("box", {nx, ny, nz});
  require_size("box", size);
  COTAN_REQUIRE(shape(type).dim == 3, "a box of cells of type " << shape(type).name << ": expected solid cells");
  MeshBuilder out;
  out.data.dim = 3;
  for (int k = 0; k <= nz; ++k) {
    for (int j = 0; j <= ny; ++j) {
      for (int i = 0; i <= nx; ++i) {
        out.data.points.insert(out.data.points.end(),
                               {grid_point(i, nx, size[0]), grid_point(j, ny, size[1]), grid_point(k, nz, size[2])});
      }
    }
  }
  const Index row = nx + 1, layer = row * (ny + 1);
  for (int k = 0; k < nz; ++k) {
    for (int j = 0; j < ny; ++j) {
      for (int i = 0; i < nx; ++i) {
        const Index a = k * layer + j * row + i, e = a + layer;
        const Brick brick{a, a + 1, a + row + 1, a + row, e, e + 1, e + row + 1, e + row};
        add_brick(out, shape(type).linear, brick, (i + j) % 2 == 0);
      }
    }
  }
  return raised_to(std::move(out).finish(box_sides(size)), type);
}

Mesh annulus(int around, int across, double inner, double outer) {
  require_count("annulus", {across});
  require_size("annulus", std::array{inner, outer});
  COTAN_REQUIRE(around >= 3, "annulus: " << around << " points around; expected at least 3");
  COTAN_REQUIRE(inner < outer, "annulus: an inner radius of " << inner << "; expected less than the outer, " << outer);
  MeshBuilder out;
  for (int j = 0; j <= across; ++j) {
    const double r = inner + grid_point(j, across, outer - inner);
    for (int i = 0; i < around; ++i) {
      const double angle = 2 * std::numbers::pi * i / around;
      out.data.points.insert(out.data.points.end(), {r * std::cos(angle), r * std::sin(angle)});
    }
  }
  for (int j = 0; j < across; ++j) {
    for (int i = 0; i < around; ++i) {
      const int next = (i + 1) % around;
      const Index a = j * around + i, b = a + around, c = (j + 1) * around + next, d = j * around + next;
      add_triangles(out, (i + j) % 2 == 0, a, b, c, d);
    }
  }
  const double middle = (inner + outer) / 2 * std::cos(std::numbers::pi / around);
  const auto inside = [=](std::span<const double> x) { return std::hypot(x[0], x[1]) < middle; };
  return std::move(out).finish({{"inner", inside}, {"outer", std::not_fn(inside)}});
}

Mesh sphere_surface(int subdivisions) {
  COTAN_REQUIRE(subdivisions >= 0 && subdivisions <= 10,
                "sphere_surface: " << subdivisions << " subdivisions; expected 0 to 10");
  const double g = std::numbers::phi;
  std::vector<Vec3> points = {{-1, g, 0},  {1, g, 0},  {-1, -g, 0}, {1, -g, 0}, {0, -1, g},  {0, 1, g},
                              {0, -1, -g}, {0, 1, -g}, {g, 0, -1},  {g, 0, 1},  {-g, 0, -1}, {-g, 0, 1}};
  std::vector<std::array<Index, 3>> faces = {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                                             {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                                             {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                                             {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
  for (int level = 0; level < subdivisions; ++level) {
    std::map<std::pair<Index, Index>, Index> middles;
    const auto middle = [&](Index a, Index b) {
      const auto [entry, added] = middles.try_emplace(std::minmax(a, b), static_cast<Index>(points.size()));
      if (added) points.push_back(0.5 * (points[a] + points[b]));
      return entry->second;
    };
    std::vector<std::array<Index, 3>> finer;
    for (const auto& [a, b, c] : faces) {
      const Index ab = middle(a, b), bc = middle(b, c), ca = middle(c, a);
      finer.insert(finer.end(), {{a, ab, ca}, {ab, b, bc}, {ca, bc, c}, {ab, bc, ca}});
    }
    faces = std::move(finer);
    for (Vec3& x : points) x = 1 / norm(x) * x;
  }
  MeshBuilder out;
  out.data.dim = 3;
  for (const Vec3& x : points) {
    const Vec3 unit = 1 / norm(x) * x;
    out.data.points.insert(out.data.points.end(), unit.begin(), unit.end());
  }
  for (const auto& [a, b, c] : faces) out.add(CellType::triangle, {a, b, c});
  return std::move(out).finish({});
}

Mesh saddle_surface(int n) {
  const Mesh flat = rectangle(n, n, {2, 2});
  MeshData data = flat.data();
  data.dim = 3;
  data.points.clear();
  for (Index p = 0; p < flat.num_points(); ++p) {
    const double x = flat.point(p)[0] - 1, y = flat.point(p)[1] - 1;
    data.points.insert(data.points.end(), {x, y, x * y});
  }
  data.facet_sets = {{"border", boundary_facets(flat)}};
  return Mesh(std::move(data));
}

Mesh interval(int n, double length) {
  require_count("interval", {n});
  require_size("interval", std::array{length});
  MeshBuilder out;
  out.data.dim = 1;
  for (int i = 0; i <= n; ++i) out.data.points.push_back(grid_point(i, n, length));
  for (int i = 0; i < n; ++i) out.add(CellType::line, {i, i + 1});
  return std::move(out).finish({{"left", at(0, 0)}, {"right", at(0, length)}});
}

}  // namespace cotan

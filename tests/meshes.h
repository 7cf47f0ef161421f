#pragma once
// Families of small meshes for tests: each has a name for messages, and all are generated.
#include <ostream>
#include <string>
#include <vector>

#include "mesh/generate.h"

namespace cotan::meshes {

struct Named {
  std::string name;
  Mesh mesh;
  friend std::ostream& operator<<(std::ostream& out, const Named& named) { return out << named.name; }
};
using Family = std::vector<Named>;

/// Triangles in the plane.
inline Family triangles() {
  return {{"rectangle", rectangle(5, 4, {2, 1})},
          {"one_square", rectangle(1, 1)},
          {"jiggled", jiggled(rectangle(7, 6), 0.3, 1)},
          {"annulus", annulus(12, 3)}};
}

inline Family tetrahedra() {
  return {
      {"box", box(3, 2, 2, {3, 2, 1})}, {"one_brick", box(1, 1, 1)}, {"jiggled_box", jiggled(box(4, 4, 4), 0.3, 2)}};
}

/// Triangles in space: closed, with a border, and non-planar quads.
inline Family surfaces() {
  MeshData bent = rectangle(4, 4, {2, 2}, CellType::quad).data();
  bent.dim = 3;
  std::vector<double> points;
  for (std::size_t i = 0; i < bent.points.size(); i += 2) {
    const double x = bent.points[i], y = bent.points[i + 1];
    points.insert(points.end(), {x, y, x * x - 0.3 * x * y});
  }
  bent.points = points;
  return {{"sphere", sphere_surface(2)}, {"saddle", saddle_surface(5)}, {"bent_quads", Mesh(bent)}};
}

/// Every linear shape but triangle and tetra, and two shapes in one mesh.
inline Family mixed() {
  return {{"quads", rectangle(4, 3, {1, 1}, CellType::quad)},
          {"jiggled_quads", jiggled(rectangle(6, 6, {1, 1}, CellType::quad), 0.25, 3)},
          {"quads_and_triangles", mixed_rectangle(6, 4)},
          {"hexa", box(2, 3, 2, {1, 1, 1}, CellType::hexa)},
          {"jiggled_hexa", jiggled(box(4, 4, 4, {1, 1, 1}, CellType::hexa), 0.25, 4)},
          {"wedge", box(2, 2, 2, {1, 2, 1}, CellType::wedge)},
          {"pyramid", box(2, 1, 1, {2, 1, 1}, CellType::pyramid)},
          {"interval", interval(7, 2.5)}};
}

/// Second order, straight and (annulus, ball-like) curved.
inline Family second_order() {
  Family family;
  for (const CellType type : {CellType::triangle6, CellType::quad8, CellType::quad9}) {
    family.push_back({std::string(shape(type).name), rectangle(3, 2, {1, 1}, type)});
  }
  for (const CellType type :
       {CellType::tetra10, CellType::pyramid13, CellType::wedge15, CellType::hexa20, CellType::hexa27}) {
    family.push_back({std::string(shape(type).name), box(2, 1, 2, {1, 1, 1}, type)});
  }
  family.push_back({"line3", cotan::second_order(interval(4))});
  family.push_back({"jiggled_triangle6", jiggled(rectangle(5, 5, {1, 1}, CellType::triangle6), 0.3, 5)});
  family.push_back({"jiggled_hexa20", jiggled(box(3, 3, 3, {1, 1, 1}, CellType::hexa20), 0.2, 6)});
  return family;
}

/// Not simply connected.
inline Family with_hole() {
  MeshData frame = rectangle(6, 6).data();  // the middle four squares cut out
  MeshData cut;
  cut.points = frame.points;
  const Mesh whole(std::move(frame));
  for (Index c = 0; c < whole.num_cells(); ++c) {
    double x = 0, y = 0;
    for (const Index p : whole.cell(c)) x += whole.point(p)[0] / 3, y += whole.point(p)[1] / 3;
    if (x > 1.0 / 3 && x < 2.0 / 3 && y > 1.0 / 3 && y < 2.0 / 3) continue;
    cut.types.push_back(whole.type(c));
    cut.cells.push_row(whole.cell(c));
  }
  drop_unused_points(cut);
  return {{"annulus_wide", annulus(16, 4, 0.2, 1)}, {"frame", Mesh(std::move(cut))}};
}

inline Family all() {
  Family family;
  for (const Family& part : {triangles(), tetrahedra(), surfaces(), mixed(), second_order(), with_hole()}) {
    family.insert(family.end(), part.begin(), part.end());
  }
  return family;
}

}  // namespace cotan::meshes

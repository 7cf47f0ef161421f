#pragma once
#include <array>

#include "mesh/mesh.h"

namespace cotan {

/// Structured shapes for tests and examples, no meshing library needed. Facet sets are named left, right, bottom,
/// top (and back, front in 3-D: z low, z high) unless said otherwise.
/// All throw InputError for counts below 1, sizes that are not positive and types that they do not make.

/// nx by ny squares over [0, size], as triangle, quad, triangle6, quad8 or quad9.
/// Triangles: each square's diagonal alternates, so that no direction is preferred.
Mesh rectangle(int nx, int ny, std::array<double, 2> size = {1, 1}, CellType type = CellType::triangle);
/// nx by ny by nz bricks, as tetra (six each), hexa, wedge (two each), pyramid (six each, one inner point), or any
/// second-order type of these.
Mesh box(int nx, int ny, int nz, std::array<double, 3> size = {1, 1, 1}, CellType type = CellType::tetra);
/// A ring of triangles; facet sets inner, outer.
Mesh annulus(int around, int across, double inner = 0.5, double outer = 1.0);
/// The unit sphere as a closed surface of triangles in 3-D (subdivided icosahedron).
Mesh sphere_surface(int subdivisions);
/// A saddle surface with a border in 3-D, (x, y, x y) over [-1, 1]^2; facet set border.
Mesh saddle_surface(int n);
/// n line cells over [0, length]; facet sets left, right.
Mesh interval(int n, double length = 1);
/// A rectangle of quads on the left half and triangles on the right half.
Mesh mixed_rectangle(int nx, int ny);
/// The same mesh with interior points moved at random by up to `share` (0..0.4) of the shortest edge there; less where
/// a cell would fold. Second-order nodes follow their corners.
Mesh jiggled(const Mesh& mesh, double share, std::uint64_t seed);
/// The mesh with second-order cells: new nodes midway along edges and, where `full`, in the middle of quads' and
/// bricks' faces and bricks (quad9, hexa27). New points come after the old; sets are kept.
Mesh second_order(const Mesh& mesh, bool full = true);

}  // namespace cotan

#include "mesh/dual_volume.h"

#include <cmath>

#include "mesh/quality.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

Vec3 corner(const Mesh& mesh, Index i) {
  return point3(mesh.points(), mesh.dim(), i);
}

template <class Range>
Vec3 centre(const Mesh& mesh, const Range& points) {
  Vec3 sum{};
  for (Index i : points) sum = sum + corner(mesh, i);
  return (1.0 / std::size(points)) * sum;
}

// Polygons: the triangle of an edge and the centre is halved between the edge's ends by the edge's middle.
void add_polygon(const Mesh& mesh, Index c, std::vector<double>& volume) {
  const auto corners = mesh.corners(c);
  const Vec3 middle = centre(mesh, corners);
  for (std::size_t k = 0; k < corners.size(); ++k) {
    const Index a = corners[k], b = corners[(k + 1) % corners.size()];
    const Vec3 normal = cross(corner(mesh, a) - middle, corner(mesh, b) - middle);
    const double area = (mesh.dim() == 2 ? normal[2] : norm(normal)) / 2;
    volume[a] += area / 2;
    volume[b] += area / 2;
  }
}

// Polyhedra: the tetrahedra of a facet's edge, the facet's centre and the cell's centre are halved likewise.
void add_polyhedron(const Mesh& mesh, Index c, std::vector<double>& volume) {
  const auto corners = mesh.corners(c);
  const Vec3 middle = centre(mesh, corners);
  for (const FacetShape& facet : shape(mesh.type(c)).facets) {
    std::vector<Index> points;
    for (int k = 0; k < facet.num_corners; ++k) points.push_back(corners[facet.corners[k]]);
    const Vec3 to_facet = centre(mesh, points) - middle;
    for (std::size_t k = 0; k < points.size(); ++k) {
      const Index a = points[k], b = points[(k + 1) % points.size()];
      const Vec3 to_a = corner(mesh, a) - middle, to_b = corner(mesh, b) - middle;
      const double tetra = dot(to_facet, cross(to_a, to_b)) / 6;
      volume[a] += tetra / 2;
      volume[b] += tetra / 2;
    }
  }
}

}  // namespace

std::vector<double> dual_volumes(const Mesh& mesh) {
  std::vector<double> volume(mesh.num_points(), 0), of_cell = cell_volumes(mesh);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto corners = mesh.corners(c);
    if (static_cast<int>(corners.size()) == mesh.cell_dim() + 1) {  // simplices: equal shares
      for (Index i : corners) volume[i] += std::abs(of_cell[c]) / corners.size();
    } else if (mesh.cell_dim() == 2) {
      add_polygon(mesh, c, volume);
    } else {
      add_polyhedron(mesh, c, volume);
    }
  }
  return volume;
}

}  // namespace cotan

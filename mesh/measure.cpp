// Lengths, areas and volumes: closed forms for simplices, Gauss quadrature over curves and patches else. A solid's
// volume is a third of the flux of x through its facets, which needs no shape functions of the solid itself.
#include <array>
#include <cmath>

#include "mesh/patch.h"
#include "mesh/quality.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

// A cell's nodes as points in space; absent coordinates are zero.
struct Nodes {
  const MeshData& data;
  Index cell;
  Vec3 operator[](int local) const { return point3(data.points, data.dim, data.cells[cell][local]); }
};

template <class At>  // At: node of the patch -> Vec3
Vec3 combine(const std::array<double, 9>& factors, int n, At at) {
  Vec3 sum{};
  for (int i = 0; i < n; ++i) sum = sum + factors[i] * at(i);
  return sum;
}

template <class At>
double curve_length(CellType type, At at) {
  double length = 0;
  const int n = shape(type).num_nodes;
  for (const PatchPoint& p : patch_rule(type)) length += p.weight * norm(combine(p.du, n, at));
  return length;
}

template <class At>
double patch_area(CellType type, At at) {
  double area = 0;
  const int n = shape(type).num_nodes;
  for (const PatchPoint& p : patch_rule(type)) {
    area += p.weight * norm(cross(combine(p.du, n, at), combine(p.dv, n, at)));
  }
  return area;
}

template <class At>
Vec3 patch_area_vector(CellType type, At at) {
  Vec3 area{};
  const int n = shape(type).num_nodes;
  for (const PatchPoint& p : patch_rule(type)) {
    area = area + p.weight * cross(combine(p.du, n, at), combine(p.dv, n, at));
  }
  return area;
}

// Integral of (x - origin) . n over a patch.
template <class At>
double patch_flux(CellType type, Vec3 origin, At at) {
  double flux = 0;
  const int n = shape(type).num_nodes;
  for (const PatchPoint& p : patch_rule(type)) {
    const Vec3 normal = cross(combine(p.du, n, at), combine(p.dv, n, at));
    flux += p.weight * dot(combine(p.value, n, at) - origin, normal);
  }
  return flux;
}

double solid_volume(CellType type, const Nodes& x) {
  const Vec3 o = x[0];
  if (type == CellType::tetra) return dot(x[1] - o, cross(x[2] - o, x[3] - o)) / 6;
  double flux = 0;
  for (int f = 0; f < static_cast<int>(shape(type).facets.size()); ++f) {
    const auto local = facet_nodes(type, f);
    flux += patch_flux(facet_type(type, f), o, [&](int i) { return x[local[i]]; });
  }
  return flux / 3;
}

// Half the flux of x through the sides, which run counter-clockwise.
double plane_area(CellType type, const Nodes& x) {
  const CellShape& s = shape(type);
  const Vec3 o = x[0];
  double twice = 0;
  for (int f = 0; f < static_cast<int>(s.facets.size()); ++f) {
    const auto local = facet_nodes(type, f);
    const auto at = [&](int i) { return x[local[i]] - o; };
    if (s.order == 1) {
      twice += cross(at(0), at(1))[2];
      continue;
    }
    for (const PatchPoint& p : patch_rule(CellType::line3)) {
      twice += p.weight * cross(combine(p.value, 3, at), combine(p.du, 3, at))[2];
    }
  }
  return twice / 2;
}

double volume(const MeshData& data, Index c) {
  const CellType type = data.types[c];
  const Nodes x{data, c};
  const auto at = [&](int i) { return x[i]; };
  switch (shape(type).dim) {
    case 0:
      return 1;
    case 1:
      return data.dim == 1 ? (x[1] - x[0])[0] : curve_length(type, at);
    case 2:
      return data.dim == 2 ? plane_area(type, x) : patch_area(type, at);
    default:
      return solid_volume(type, x);
  }
}

}  // namespace

std::vector<double> cell_volumes(const MeshData& data) {
  std::vector<double> volumes(data.types.size());
  for (std::size_t c = 0; c < volumes.size(); ++c) volumes[c] = volume(data, static_cast<Index>(c));
  return volumes;
}

std::vector<double> cell_volumes(const Mesh& mesh) {
  return cell_volumes(mesh.data());
}

std::vector<double> cell_centres(const Mesh& mesh) {
  const std::size_t dim = static_cast<std::size_t>(mesh.dim());
  std::vector<double> centres(mesh.num_cells() * dim);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto corners = mesh.corners(c);
    for (const Index p : corners) {
      for (std::size_t k = 0; k < dim; ++k) centres[c * dim + k] += mesh.point(p)[k] / double(corners.size());
    }
  }
  return centres;
}

std::vector<double> facet_area(const Mesh& mesh, Facet facet) {
  const CellType type = mesh.type(facet.cell);
  const Nodes x{mesh.data(), facet.cell};
  const auto local = facet_nodes(type, facet.local);
  if (mesh.dim() == 1) return {facet.local == 0 ? -1.0 : 1.0};
  if (mesh.dim() == 2) {
    const Vec3 along = x[local[1]] - x[local[0]];  // a curved side has the same area vector as its chord
    return {along[1], -along[0]};
  }
  const Vec3 area = patch_area_vector(facet_type(type, facet.local), [&](int i) { return x[local[i]]; });
  return {area.begin(), area.end()};
}

}  // namespace cotan

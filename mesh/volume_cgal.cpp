#include <CGAL/Exact_predicates_inexact_constructions_kernel.h>
#include <CGAL/Mesh_complex_3_in_triangulation_3.h>
#include <CGAL/Mesh_criteria_3.h>
#include <CGAL/Mesh_triangulation_3.h>
#include <CGAL/Polygon_mesh_processing/measure.h>
#include <CGAL/Polygon_mesh_processing/orient_polygon_soup.h>
#include <CGAL/Polygon_mesh_processing/orientation.h>
#include <CGAL/Polygon_mesh_processing/polygon_soup_to_polygon_mesh.h>
#include <CGAL/Polygon_mesh_processing/self_intersections.h>
#include <CGAL/Polyhedral_mesh_domain_with_features_3.h>
#include <CGAL/Random.h>
#include <CGAL/make_mesh_3.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/check.h"
#include "mesh/locate.h"
#include "mesh/volume.h"

namespace cotan {
namespace {

namespace pmp = CGAL::Polygon_mesh_processing;
using Kernel = CGAL::Exact_predicates_inexact_constructions_kernel;
using Point = Kernel::Point_3;
using Polyhedron = CGAL::Mesh_polyhedron_3<Kernel>::type;
using Domain = CGAL::Polyhedral_mesh_domain_with_features_3<Kernel>;
using Triangulation = CGAL::Mesh_triangulation_3<Domain>::type;
using Complex = CGAL::Mesh_complex_3_in_triangulation_3<Triangulation, Domain::Corner_index, Domain::Curve_index>;
using Criteria = CGAL::Mesh_criteria_3<Triangulation>;

constexpr double kMostCells = 5e7;

std::vector<Point> points_of(const Mesh& surface) {
  std::vector<Point> points;
  for (Index p = 0; p < surface.num_points(); ++p)
    points.emplace_back(surface.point(p)[0], surface.point(p)[1], surface.point(p)[2]);
  return points;
}

// Triangles; quadrilaterals by their first diagonal.
std::vector<std::vector<std::size_t>> triangles_of(const Mesh& surface) {
  std::vector<std::vector<std::size_t>> triangles;
  for (Index c = 0; c < surface.num_cells(); ++c) {
    const auto corners = surface.corners(c);
    for (std::size_t k = 2; k < corners.size(); ++k)
      triangles.push_back({std::size_t(corners[0]), std::size_t(corners[k - 1]), std::size_t(corners[k])});
  }
  return triangles;
}

void require_sound(const Polyhedron& shell) {
  const auto halves = CGAL::halfedges(shell);
  const auto open = std::count_if(halves.begin(), halves.end(), [&](auto h) { return CGAL::is_border(h, shell); });
  COTAN_REQUIRE(open == 0, "the surface is not closed: " << open << " edges belong to one face only");
  std::vector<
      std::pair<boost::graph_traits<Polyhedron>::face_descriptor, boost::graph_traits<Polyhedron>::face_descriptor>>
      crossing;
  pmp::self_intersections(shell, std::back_inserter(crossing));
  COTAN_REQUIRE(crossing.empty(), "the surface cuts itself in " << crossing.size() << " pairs of faces");
}

Polyhedron shell_of(const Mesh& surface) {
  COTAN_REQUIRE(surface.dim() == 3 && surface.cell_dim() == 2,
                "expected a surface in space; the mesh has cells of dimension " << surface.cell_dim() << " in "
                                                                                << surface.dim() << " dimensions");
  auto points = points_of(surface);
  auto triangles = triangles_of(surface);
  const std::size_t before = points.size();
  pmp::orient_polygon_soup(points, triangles);
  COTAN_REQUIRE(points.size() == before, "the surface cannot be oriented: " << points.size() - before
                                                                            << " points at edges of more than two "
                                                                               "faces, or a side that is both");
  Polyhedron shell;
  pmp::polygon_soup_to_polygon_mesh(points, triangles, shell);
  require_sound(shell);
  return shell;
}

Complex fill(const Polyhedron& shell, const VolumeOptions& options) {
  const double surface_size = options.surface_size > 0 ? options.surface_size : options.size;
  const double distance = options.distance > 0 ? options.distance : surface_size / 20;
  const double volume = std::abs(CGAL::to_double(pmp::volume(shell)));
  const double cells = 6 * std::sqrt(2) * volume / std::pow(options.size, 3);
  COTAN_REQUIRE(cells < kMostCells,
                "size " << options.size << " would make about " << cells << " cells (at most " << kMostCells << ")");
  CGAL::get_default_random() = CGAL::Random(0);
  Domain domain(shell);
  domain.detect_features(options.feature_angle);
  namespace params = CGAL::parameters;
  // radii of regular triangles and tetrahedra with such edges
  const Criteria criteria(params::edge_size = surface_size, params::facet_angle = options.facet_angle,
                          params::facet_size = surface_size / std::sqrt(3), params::facet_distance = distance,
                          params::cell_radius_edge_ratio = options.radius_edge,
                          params::cell_size = options.size * std::sqrt(6) / 4);
  // without exudation, which goes by addresses: another run would most often end on other cells
  return CGAL::make_mesh_3<Complex>(domain, criteria, params::no_exude());
}

// The local side of a tetrahedron that lacks the corner.
int side_without(int corner) {
  const auto& facets = shape(CellType::tetra).facets;
  int found = 0;
  while (std::count(facets[found].corners.begin(), facets[found].corners.begin() + 3, corner) > 0) ++found;
  return found;
}

// The cell sets of each cell of the surface.
std::vector<std::vector<std::string>> names_of_cells(const Mesh& surface) {
  std::vector<std::vector<std::string>> names(surface.num_cells());
  for (const auto& [name, cells] : surface.data().cell_sets)
    for (const Index c : cells) names[c].push_back(name);
  return names;
}

MeshData cells_of(const Complex& complex, const Mesh& surface) {
  MeshData data;
  data.dim = 3;
  std::unordered_map<Triangulation::Vertex_handle, Index> number;
  const auto names = names_of_cells(surface);
  const Locator locator(surface);
  for (auto cell = complex.cells_in_complex_begin(); cell != complex.cells_in_complex_end(); ++cell) {
    std::array<Index, 4> corners;
    for (int k = 0; k < 4; ++k) {
      const auto [at, is_new] = number.try_emplace(cell->vertex(k), static_cast<Index>(data.points.size() / 3));
      if (is_new) {
        const auto& p = cell->vertex(k)->point();
        data.points.insert(data.points.end(), {p.x(), p.y(), p.z()});
      }
      corners[k] = at->second;
    }
    const auto c = static_cast<Index>(data.types.size());
    for (int k = 0; k < 4; ++k) {
      if (!complex.is_in_complex(cell, k)) continue;
      std::array<double, 3> centre{};
      for (int other = 0; other < 4; ++other) {
        if (other == k) continue;
        for (int d = 0; d < 3; ++d) centre[d] += data.points[3 * std::size_t(corners[other]) + d] / 3;
      }
      const auto& sets = names[locator.find(centre).cell];
      for (const auto& name : sets) data.facet_sets[name].push_back({c, side_without(k)});
      if (sets.empty()) data.facet_sets["surface"].push_back({c, side_without(k)});
    }
    data.cells.push_row(corners);
    data.types.push_back(CellType::tetra);
  }
  for (auto& [name, facets] : data.facet_sets) std::sort(facets.begin(), facets.end());
  return data;
}

}  // namespace

Mesh mesh_volume(const Mesh& surface, const VolumeOptions& options) {
  const Complex complex = fill(shell_of(surface), options);
  MeshData data = cells_of(complex, surface);
  COTAN_REQUIRE(!data.types.empty(),
                "no cell of size " << options.size << " fits into the surface: ask for smaller ones");
  repair_orientation(data);
  return Mesh(std::move(data));
}

}  // namespace cotan

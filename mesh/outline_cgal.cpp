#include <CGAL/Constrained_Delaunay_triangulation_2.h>
#include <CGAL/Delaunay_mesh_face_base_2.h>
#include <CGAL/Delaunay_mesh_vertex_base_2.h>
#include <CGAL/Delaunay_mesher_2.h>
#include <CGAL/Exact_predicates_inexact_constructions_kernel.h>
#include <CGAL/Polygon_2_algorithms.h>
#include <CGAL/Triangulation_vertex_base_with_info_2.h>
#include <CGAL/box_intersection_d.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <optional>

#include "core/check.h"
#include "mesh/box_tree.h"
#include "mesh/outline.h"

namespace cotan {
namespace {

using Kernel = CGAL::Exact_predicates_inexact_constructions_kernel;
using Point = Kernel::Point_2;
using Segment = Kernel::Segment_2;
using PlainVertex = CGAL::Delaunay_mesh_vertex_base_2<Kernel>;
using VertexBase = CGAL::Triangulation_vertex_base_with_info_2<Index, Kernel, PlainVertex>;
using Structure = CGAL::Triangulation_data_structure_2<VertexBase, CGAL::Delaunay_mesh_face_base_2<Kernel>>;
using Triangulation = CGAL::Constrained_Delaunay_triangulation_2<Kernel, Structure>;
using Vertex = Triangulation::Vertex_handle;
using Face = Triangulation::Face_handle;

constexpr double kMostCells = 5e7;

// A loop that keeps the domain on its left: the outer one runs counter-clockwise, holes clockwise.
struct Ring {
  std::string label;               // "the outer loop", "hole 2 (cylinder)"
  std::vector<Point> points;       // side i goes from point i to the next
  std::vector<std::string> names;  // of the sides

  std::size_t size() const { return points.size(); }
  const Point& next(std::size_t i) const { return points[(i + 1) % size()]; }
  Segment side(std::size_t i) const { return {points[i], next(i)}; }
};

std::string text(const Point& p) {
  std::ostringstream out;
  out << "(" << p.x() << ", " << p.y() << ")";
  return std::move(out).str();
}

void require_sound(const Ring& ring) {
  COTAN_REQUIRE(ring.size() >= 3, ring.label << ": " << ring.size() << " points, expected at least three");
  for (const Point& p : ring.points) {
    COTAN_REQUIRE(std::isfinite(p.x()) && std::isfinite(p.y()), ring.label << ": a point is not finite: " << text(p));
  }
  for (std::size_t i = 0; i < ring.size(); ++i) {
    COTAN_REQUIRE(ring.points[i] != ring.next(i),
                  ring.label << ": the side at " << text(ring.points[i]) << " has no length");
  }
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point &a = ring.points[i], &b = ring.next(i), &c = ring.next((i + 1) % ring.size());
    COTAN_REQUIRE(!CGAL::collinear(a, b, c) || CGAL::scalar_product(b - a, c - b) > 0,
                  ring.label << ": the loop turns back on itself at " << text(b));
  }
}

// Whether sides i of `a` and j of `b` meet other than two neighbours of one loop in their common point.
bool sides_meet(const Ring& a, std::size_t i, const Ring& b, std::size_t j) {
  if (&a == &b && (i == j || (i + 1) % a.size() == j || (j + 1) % a.size() == i)) return false;
  return CGAL::do_overlap(a.side(i).bbox(), b.side(j).bbox()) && CGAL::do_intersect(a.side(i), b.side(j));
}

// Pairs whose boxes meet are few; of those that meet themselves the first is named.
void require_apart(const std::vector<Ring>& rings) {
  using Side = std::pair<std::size_t, std::size_t>;  // ring, side
  using Box = CGAL::Box_intersection_d::Box_with_info_d<double, 2, Side>;
  std::vector<Box> boxes;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    for (std::size_t i = 0; i < rings[r].size(); ++i) boxes.emplace_back(rings[r].side(i).bbox(), Side(r, i));
  }
  std::optional<std::pair<Side, Side>> first;
  CGAL::box_self_intersection_d(boxes.begin(), boxes.end(), [&](const Box& one, const Box& other) {
    Side a = one.info(), b = other.info();
    if (a.first < b.first || (a.first == b.first && b < a)) std::swap(a, b);  // a hole before the loop it touches
    if (first && *first <= std::pair(a, b)) return;
    if (sides_meet(rings[a.first], a.second, rings[b.first], b.second)) first = {a, b};
  });
  if (!first) return;
  const auto& [a, b] = *first;
  const Ring &ring = rings[a.first], &other = rings[b.first];
  COTAN_REQUIRE(false, ring.label << (&ring == &other ? " crosses itself" : " crosses or touches " + other.label)
                                  << ": side " << text(ring.points[a.second]) << " to " << text(ring.next(a.second))
                                  << " and side " << text(other.points[b.second]) << " to "
                                  << text(other.next(b.second)));
}

Ring make_ring(const Loop& loop, const std::string& label) {
  if (loop.names.size() != loop.points.size() / 2) throw Error(label + ": expected a name for each side");
  Ring ring{label, {}, loop.names};
  for (std::size_t i = 0; i < loop.names.size(); ++i)
    ring.points.emplace_back(loop.points[2 * i], loop.points[2 * i + 1]);
  require_sound(ring);
  return ring;
}

// \pre the ring does not cross itself
void turn(Ring& ring, CGAL::Orientation wanted) {
  if (CGAL::orientation_2(ring.points.begin(), ring.points.end()) == wanted) return;
  std::reverse(ring.points.begin(), ring.points.end());  // side i now ends where it began, so names move on by one
  std::reverse(ring.names.begin(), ring.names.end() - 1);
}

bool contains(const Ring& ring, const Point& p) {
  return CGAL::bounded_side_2(ring.points.begin(), ring.points.end(), p) == CGAL::ON_BOUNDED_SIDE;
}

// The size that sides of that name ask for; `at_holes`: those of a hole.
double size_at_sides(const Outline& outline, const std::string& name, bool at_holes) {
  const auto named = outline.sizes.find(name);
  if (named != outline.sizes.end()) return named->second;
  return at_holes ? edge_length_at(outline, 0) : outline.size;
}

void require_few_cells(const Outline& outline, const std::vector<Ring>& rings) {
  double sides = 0, area = 0;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    for (std::size_t i = 0; i < rings[r].size(); ++i)
      sides += 1 + std::sqrt(rings[r].side(i).squared_length()) / size_at_sides(outline, rings[r].names[i], r > 0);
    const double inside = std::abs(CGAL::polygon_area_2(rings[r].points.begin(), rings[r].points.end(), Kernel()));
    area += r == 0 ? inside : -inside;
  }
  const double cells = area / (std::sqrt(3) / 4 * outline.size * outline.size);
  COTAN_REQUIRE(cells < kMostCells && sides < kMostCells, "size " << outline.size << " would make more than "
                                                                  << std::max(cells, sides) << " cells (at most "
                                                                  << kMostCells << ")");
}

// The outer ring, then the holes.
std::vector<Ring> sound_rings(const Outline& outline) {
  std::vector<Ring> rings = {make_ring(outline.outer, "the outer loop")};
  for (std::size_t i = 0; i < outline.holes.size(); ++i) {
    const auto& names = outline.holes[i].names;
    const std::string label = "hole " + std::to_string(i + 1) + (names.empty() ? "" : " (" + names[0] + ")");
    rings.push_back(make_ring(outline.holes[i], label));
  }
  require_few_cells(outline, rings);
  require_apart(rings);
  for (Ring& ring : rings) turn(ring, &ring == &rings[0] ? CGAL::COUNTERCLOCKWISE : CGAL::CLOCKWISE);
  for (std::size_t i = 1; i < rings.size(); ++i) {
    COTAN_REQUIRE(contains(rings[0], rings[i].points[0]), rings[i].label << " lies outside the outer loop");
  }
  for (std::size_t i = 1; i < rings.size(); ++i) {
    for (std::size_t j = 1; j < rings.size(); ++j) {
      COTAN_REQUIRE(j == i || !contains(rings[j], rings[i].points[0]),
                    rings[i].label << " lies inside " << rings[j].label);
    }
  }
  return rings;
}

// Every side in equal parts no longer than the size of its name.
template <class SizeOf>
Ring divided(const Ring& ring, SizeOf size_of) {
  Ring fine{ring.label, {}, {}};
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const double size = size_of(ring.names[i]);
    const auto along = ring.next(i) - ring.points[i];
    const auto parts = static_cast<int>(std::ceil(std::sqrt(along.squared_length()) / size * (1 - 1e-9)));
    for (int k = 0; k < std::max(parts, 1); ++k) {
      fine.points.push_back(ring.points[i] + along * (static_cast<double>(k) / std::max(parts, 1)));
      fine.names.push_back(ring.names[i]);
    }
  }
  return fine;
}

// The largest edge at a place: what each group of sides asks for, which grows with the distance from them.
class EdgeLength {
 public:
  EdgeLength(const Outline& outline, const std::vector<Ring>& rings) : outline_(&outline) {
    std::map<double, std::vector<Segment>> sides;
    for (std::size_t r = 0; r < rings.size(); ++r) {
      for (std::size_t i = 0; i < rings[r].size(); ++i) {
        const double size = size_at_sides(outline, rings[r].names[i], r > 0);
        if (size < outline.size) sides[size].push_back(rings[r].side(i));
      }
    }
    for (auto& [size, segments] : sides) groups_.emplace_back(size, std::move(segments));
  }
  double operator()(const Point& p) const {
    double least = outline_->size;
    for (const Group& group : groups_) {
      if (group.size >= least) break;  // the finest come first
      least = std::min(least, group.size + outline_->grading * group.distance(p));
    }
    return outline_->size_at ? std::min(least, outline_->size_at(p.x(), p.y())) : least;
  }

 private:
  struct Group {
    double size;
    std::vector<Segment> sides;
    BoxTree tree;
    Group(double edge, std::vector<Segment> segments) : size(edge), sides(std::move(segments)) {
      std::vector<Box> boxes(sides.size());
      for (std::size_t i = 0; i < sides.size(); ++i) {
        for (const Point& end : {sides[i].source(), sides[i].target()}) boxes[i].include({end.x(), end.y(), 0});
      }
      tree = BoxTree(boxes);
    }
    double distance(const Point& p) const {
      double square = std::numeric_limits<double>::infinity();
      tree.nearest({p.x(), p.y(), 0}, [&](Index i) {
        const double here = CGAL::squared_distance(p, sides[i]);
        square = std::min(square, here);
        return here;
      });
      return std::sqrt(square);
    }
  };
  const Outline* outline_;
  std::vector<Group> groups_;
};

// CGAL's MeshingCriteria_2: edges above the size that holds at the centre come first, then small angles.
class Criteria {
 public:
  using Face_handle = Face;
  struct Quality {
    double size = 0;                              // longest edge over the size there
    double sine_squared = 1;                      // of the least angle
    bool operator<(const Quality& other) const {  // less: refined earlier
      if (size > 1 || other.size > 1) return size > other.size;
      return sine_squared < other.sine_squared;
    }
  };
  struct Is_bad {
    const EdgeLength* edge_length;
    double least_sine_squared;

    CGAL::Mesh_2::Face_badness operator()(const Quality& q) const {
      if (q.size > 1) return CGAL::Mesh_2::IMPERATIVELY_BAD;
      return q.sine_squared < least_sine_squared ? CGAL::Mesh_2::BAD : CGAL::Mesh_2::NOT_BAD;
    }
    CGAL::Mesh_2::Face_badness operator()(const Face& face, Quality& q) const {
      const Point &a = face->vertex(0)->point(), &b = face->vertex(1)->point(), &c = face->vertex(2)->point();
      std::array<double, 3> length = {CGAL::squared_distance(a, b), CGAL::squared_distance(b, c),
                                      CGAL::squared_distance(c, a)};
      std::sort(length.begin(), length.end());
      const double twice_area = 2 * CGAL::area(a, b, c);
      q.sine_squared = twice_area * twice_area / (length[1] * length[2]);
      q.size = std::sqrt(length[2]) / (*edge_length)(CGAL::centroid(a, b, c));
      return (*this)(q);
    }
  };

  Criteria(const Outline& outline, const EdgeLength& edge_length)
      : is_bad_{&edge_length, std::pow(std::sin(outline.min_angle * std::numbers::pi / 180), 2)} {}
  Is_bad is_bad_object() const { return is_bad_; }

 private:
  Is_bad is_bad_;
};

using Mesher = CGAL::Delaunay_mesher_2<Triangulation, Criteria>;
using Corners = std::vector<std::vector<Vertex>>;  // of each ring's points

Corners insert(Triangulation& triangulation, const std::vector<Ring>& rings) {
  Corners corners;
  for (const Ring& ring : rings) {
    auto& vertices = corners.emplace_back();
    for (const Point& p : ring.points) {
      vertices.push_back(triangulation.insert(p, vertices.empty() ? Face() : vertices.back()->face()));
    }
    for (std::size_t i = 0; i < vertices.size(); ++i) {
      triangulation.insert_constraint(vertices[i], vertices[(i + 1) % vertices.size()]);
    }
  }
  return corners;
}

// In the domain are faces that are neither outside nor behind a side of a hole.
void mark_domain(Triangulation& triangulation, const Corners& corners) {
  for (const auto face : triangulation.all_face_handles()) face->set_in_domain(true);
  Mesher::propagate_marks(triangulation.infinite_face(), false);
  for (std::size_t r = 1; r < corners.size(); ++r) {
    Face behind;  // to the right of a side
    int opposite = 0;
    if (!triangulation.is_edge(corners[r][0], corners[r][1], behind, opposite)) throw Error("a hole's side was lost");
    Mesher::propagate_marks(behind, false);
  }
}

void refine(Triangulation& triangulation, const Outline& outline, const std::vector<Ring>& rings) {
  const EdgeLength edge_length(outline, rings);
  Mesher mesher(triangulation, Criteria(outline, edge_length));
  mesher.init(true);  // the domain is marked
  while (!mesher.is_refinement_done()) {
    mesher.step_by_step_refine_mesh();
    COTAN_REQUIRE(triangulation.number_of_faces() < kMostCells, "the outline needs more than "
                                                                    << kMostCells << " cells; size " << outline.size
                                                                    << ", boundary_size or grading is too small");
  }
}

// A side of a cell, by the vertex where it begins; the domain is on its left.
struct DirectedSide {
  Index to = -1;
  Facet facet{-1, 0};
};

// Points and triangles of the domain; `begins` receives, for each point, the border side that begins there.
MeshData domain_of(Triangulation& triangulation, std::vector<DirectedSide>& begins) {
  MeshData data;
  for (const auto vertex : triangulation.finite_vertex_handles()) vertex->info() = -1;
  for (const auto face : triangulation.finite_face_handles()) {
    if (!face->is_in_domain()) continue;
    std::array<Index, 3> cell;
    for (int k = 0; k < 3; ++k) {
      Index& number = face->vertex(k)->info();
      if (number < 0) {
        number = static_cast<Index>(data.points.size() / 2);
        data.points.insert(data.points.end(), {face->vertex(k)->point().x(), face->vertex(k)->point().y()});
      }
      cell[k] = number;
    }
    begins.resize(data.points.size() / 2);
    for (int k = 0; k < 3; ++k) {  // local side k of a triangle joins its corners k and k + 1
      const bool border = !face->neighbor((k + 2) % 3)->is_in_domain();
      if (border) begins[cell[k]] = {cell[(k + 1) % 3], {static_cast<Index>(data.types.size()), k}};
    }
    data.cells.push_row(cell);
    data.types.push_back(CellType::triangle);
  }
  return data;
}

// Walks every side from corner to corner along the border, which refinement has divided.
void name_sides(MeshData& data, const std::vector<Ring>& rings, const Corners& corners,
                const std::vector<DirectedSide>& begins) {
  for (std::size_t r = 0; r < rings.size(); ++r) {
    for (std::size_t i = 0; i < rings[r].size(); ++i) {
      auto& facets = data.facet_sets[rings[r].names[i]];
      const Index end = corners[r][(i + 1) % rings[r].size()]->info();
      for (Index p = corners[r][i]->info(); p != end; p = begins[p].to) {
        if (begins[p].to < 0) throw Error(rings[r].label + ": a side was lost");
        facets.push_back(begins[p].facet);
      }
    }
  }
  for (auto& [name, facets] : data.facet_sets) std::sort(facets.begin(), facets.end());
}

}  // namespace

Mesh mesh_outline(const Outline& outline) {
  const auto rings = sound_rings(outline);
  std::vector<Ring> fine;
  for (const Ring& ring : rings) {
    const bool at_holes = !fine.empty();
    fine.push_back(divided(ring, [&](const std::string& name) { return size_at_sides(outline, name, at_holes); }));
  }
  Triangulation triangulation;
  const Corners corners = insert(triangulation, fine);
  mark_domain(triangulation, corners);
  refine(triangulation, outline, rings);
  std::vector<DirectedSide> begins;
  MeshData data = domain_of(triangulation, begins);
  name_sides(data, fine, corners, begins);
  return Mesh(std::move(data));
}

}  // namespace cotan

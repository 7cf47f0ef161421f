#include "mesh/cell.h"

#include <algorithm>

namespace cotan {
namespace {

using enum CellType;
using Pair = std::array<std::int8_t, 2>;

constexpr FacetShape end(std::int8_t a) {
  return {vertex, 1, {a, -1, -1, -1}};
}
constexpr FacetShape side(std::int8_t a, std::int8_t b) {
  return {line, 2, {a, b, -1, -1}};
}
constexpr FacetShape face(std::int8_t a, std::int8_t b, std::int8_t c) {
  return {triangle, 3, {a, b, c, -1}};
}
constexpr FacetShape face(std::int8_t a, std::int8_t b, std::int8_t c, std::int8_t d) {
  return {quad, 4, {a, b, c, d}};
}

constexpr std::array kLineFacets{end(0), end(1)};
constexpr std::array kTriangleFacets{side(0, 1), side(1, 2), side(2, 0)};
constexpr std::array kQuadFacets{side(0, 1), side(1, 2), side(2, 3), side(3, 0)};
constexpr std::array kTetraFacets{face(0, 1, 3), face(1, 2, 3), face(2, 0, 3), face(0, 2, 1)};
constexpr std::array kPyramidFacets{face(0, 3, 2, 1), face(0, 1, 4), face(1, 2, 4), face(2, 3, 4), face(3, 0, 4)};
constexpr std::array kWedgeFacets{face(0, 2, 1), face(3, 4, 5), face(0, 1, 4, 3), face(1, 2, 5, 4), face(2, 0, 3, 5)};
// in the order of hexa27's face nodes
constexpr std::array kHexaFacets{face(0, 4, 7, 3), face(1, 2, 6, 5), face(0, 1, 5, 4),
                                 face(3, 7, 6, 2), face(0, 3, 2, 1), face(4, 5, 6, 7)};

constexpr std::array<Pair, 1> kLineEdges{{{0, 1}}};
constexpr std::array<Pair, 3> kTriangleEdges{{{0, 1}, {1, 2}, {2, 0}}};
constexpr std::array<Pair, 4> kQuadEdges{{{0, 1}, {1, 2}, {2, 3}, {3, 0}}};
constexpr std::array<Pair, 6> kTetraEdges{{{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}};
constexpr std::array<Pair, 8> kPyramidEdges{{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {1, 4}, {2, 4}, {3, 4}}};
constexpr std::array<Pair, 9> kWedgeEdges{{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {0, 3}, {1, 4}, {2, 5}}};
constexpr std::array<Pair, 12> kHexaEdges{
    {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {4, 5}, {5, 6}, {6, 7}, {7, 4}, {0, 4}, {1, 5}, {2, 6}, {3, 7}}};

// What follows from corners, edges and facets: which corners carry a node, the mirrored order, the nodes of facets.
struct Nodes {
  int count = 0;
  std::array<std::int8_t, 9> local{};
};
struct Derived {
  std::array<std::uint8_t, 27> supports{};
  std::array<std::int8_t, 27> mirror{};
  std::array<Nodes, 6> facets{};
};

constexpr std::int8_t node_on(const std::array<std::uint8_t, 27>& supports, int num_nodes, unsigned mask) {
  for (int i = 0; i < num_nodes; ++i) {
    if (supports[i] == mask) return static_cast<std::int8_t>(i);
  }
  return -1;
}

constexpr unsigned mask_of(const FacetShape& facet) {
  unsigned mask = 0;
  for (int i = 0; i < facet.num_corners; ++i) mask |= 1u << facet.corners[i];
  return mask;
}

constexpr void fill_supports(const CellShape& s, Derived& d) {
  int n = 0;
  for (; n < s.num_corners; ++n) d.supports[n] = static_cast<std::uint8_t>(1u << n);
  if (s.order == 1) return;
  for (const Pair& e : s.edges) d.supports[n++] = static_cast<std::uint8_t>(1u << e[0] | 1u << e[1]);
  const int missing = s.num_nodes - n;  // none, one in the middle, or also one a face
  if (missing > 1) {
    for (const FacetShape& facet : s.facets) d.supports[n++] = static_cast<std::uint8_t>(mask_of(facet));
  }
  if (missing > 0) d.supports[n] = static_cast<std::uint8_t>((1u << s.num_corners) - 1);
}

constexpr void fill_facets(const CellShape& s, Derived& d) {
  for (std::size_t f = 0; f < s.facets.size(); ++f) {
    const FacetShape& facet = s.facets[f];
    Nodes& nodes = d.facets[f];
    const auto add = [&](unsigned mask) {
      const std::int8_t node = node_on(d.supports, s.num_nodes, mask);
      if (node >= 0) nodes.local[nodes.count++] = node;
    };
    const int m = facet.num_corners;
    for (int i = 0; i < m; ++i) add(1u << facet.corners[i]);
    if (m == 2) add(mask_of(facet));
    for (int i = 0; m > 2 && i < m; ++i) add(1u << facet.corners[i] | 1u << facet.corners[(i + 1) % m]);
    if (m == 4) add(mask_of(facet));
  }
}

// `corners` is the mirrored order of the corners; second-order nodes follow from theirs.
constexpr Derived derive(const CellShape& s, std::array<std::int8_t, 8> corners) {
  Derived d;
  fill_supports(s, d);
  fill_facets(s, d);
  for (int i = 0; i < s.num_nodes; ++i) {
    unsigned mask = 0;
    for (int k = 0; k < s.num_corners; ++k) mask |= d.supports[i] >> k & 1u ? 1u << corners[k] : 0u;
    d.mirror[i] = node_on(d.supports, s.num_nodes, mask);
  }
  return d;
}

// The mirrored order of a linear shape's corners.
constexpr std::array<std::int8_t, 8> mirrored_corners(CellType linear) {
  switch (linear) {
    case line:
      return {1, 0};
    case triangle:
      return {0, 2, 1};
    case quad:
      return {0, 3, 2, 1};
    case tetra:
      return {0, 2, 1, 3};
    case pyramid:
      return {0, 3, 2, 1, 4};
    case wedge:
      return {0, 2, 1, 3, 5, 4};
    case hexa:
      return {0, 3, 2, 1, 4, 7, 6, 5};
    default:
      return {0};
  }
}

// In the order of CellType: name, dim, nodes, corners, order, linear, VTK, Gmsh, facets, edges.
constexpr std::array<CellShape, kNumCellTypes> kBare{{
    {"vertex", 0, 1, 1, 1, vertex, 1, 15, {}, {}, {}, {}},
    {"line", 1, 2, 2, 1, line, 3, 1, kLineFacets, kLineEdges, {}, {}},
    {"triangle", 2, 3, 3, 1, triangle, 5, 2, kTriangleFacets, kTriangleEdges, {}, {}},
    {"quad", 2, 4, 4, 1, quad, 9, 3, kQuadFacets, kQuadEdges, {}, {}},
    {"tetra", 3, 4, 4, 1, tetra, 10, 4, kTetraFacets, kTetraEdges, {}, {}},
    {"pyramid", 3, 5, 5, 1, pyramid, 14, 7, kPyramidFacets, kPyramidEdges, {}, {}},
    {"wedge", 3, 6, 6, 1, wedge, 13, 6, kWedgeFacets, kWedgeEdges, {}, {}},
    {"hexa", 3, 8, 8, 1, hexa, 12, 5, kHexaFacets, kHexaEdges, {}, {}},
    {"line3", 1, 3, 2, 2, line, 21, 8, kLineFacets, kLineEdges, {}, {}},
    {"triangle6", 2, 6, 3, 2, triangle, 22, 9, kTriangleFacets, kTriangleEdges, {}, {}},
    {"quad8", 2, 8, 4, 2, quad, 23, 16, kQuadFacets, kQuadEdges, {}, {}},
    {"quad9", 2, 9, 4, 2, quad, 28, 10, kQuadFacets, kQuadEdges, {}, {}},
    {"tetra10", 3, 10, 4, 2, tetra, 24, 11, kTetraFacets, kTetraEdges, {}, {}},
    {"pyramid13", 3, 13, 5, 2, pyramid, 27, 19, kPyramidFacets, kPyramidEdges, {}, {}},
    {"wedge15", 3, 15, 6, 2, wedge, 26, 18, kWedgeFacets, kWedgeEdges, {}, {}},
    {"hexa20", 3, 20, 8, 2, hexa, 25, 17, kHexaFacets, kHexaEdges, {}, {}},
    {"hexa27", 3, 27, 8, 2, hexa, 29, 12, kHexaFacets, kHexaEdges, {}, {}},
}};

constexpr std::array<Derived, kNumCellTypes> derive_all() {
  std::array<Derived, kNumCellTypes> all;
  for (int i = 0; i < kNumCellTypes; ++i) all[i] = derive(kBare[i], mirrored_corners(kBare[i].linear));
  return all;
}
constexpr std::array<Derived, kNumCellTypes> kDerived = derive_all();

constexpr std::array<CellShape, kNumCellTypes> complete() {
  std::array<CellShape, kNumCellTypes> all = kBare;
  for (int i = 0; i < kNumCellTypes; ++i) {
    all[i].supports = {kDerived[i].supports.data(), static_cast<std::size_t>(all[i].num_nodes)};
    all[i].mirror = {kDerived[i].mirror.data(), static_cast<std::size_t>(all[i].num_nodes)};
  }
  return all;
}
constexpr std::array<CellShape, kNumCellTypes> kShapes = complete();

template <class Match>
std::optional<CellType> first_type(Match match) {
  const auto found = std::find_if(kShapes.begin(), kShapes.end(), match);
  if (found == kShapes.end()) return std::nullopt;
  return static_cast<CellType>(found - kShapes.begin());
}

}  // namespace

const CellShape& shape(CellType type) {
  return kShapes[static_cast<std::size_t>(type)];
}

std::optional<CellType> cell_type_from_vtk(int number) {
  return first_type([&](const CellShape& s) { return s.vtk == number; });
}

std::optional<CellType> cell_type_from_gmsh(int number) {
  return first_type([&](const CellShape& s) { return s.gmsh == number; });
}

std::optional<CellType> cell_type_from_name(std::string_view name) {
  return first_type([&](const CellShape& s) { return s.name == name; });
}

std::span<const std::int8_t> facet_nodes(CellType type, int facet) {
  const Nodes& nodes = kDerived[static_cast<std::size_t>(type)].facets[static_cast<std::size_t>(facet)];
  return {nodes.local.data(), static_cast<std::size_t>(nodes.count)};
}

CellType facet_type(CellType type, int facet) {
  const CellShape& s = shape(type);
  const CellType corners_only = s.facets[static_cast<std::size_t>(facet)].linear;
  if (s.order == 1 || corners_only == vertex) return corners_only;
  if (corners_only == line) return line3;
  if (corners_only == triangle) return triangle6;
  return facet_nodes(type, facet).size() == 9 ? quad9 : quad8;
}

}  // namespace cotan

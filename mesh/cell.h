#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cotan {

/// Cell shapes with their nodes in VTK's order (corners first, then edge, face and volume nodes). The wedge stands as
/// in Gmsh and in VTK's parametric coordinates: corners 3, 4, 5 above 0, 1, 2, which run counter-clockwise from there.
// clang-format off
enum class CellType : std::uint8_t {
  vertex, line, triangle, quad, tetra, pyramid, wedge, hexa,                    // linear
  line3, triangle6, quad8, quad9, tetra10, pyramid13, wedge15, hexa20, hexa27,  // second order
};
// clang-format on
inline constexpr int kNumCellTypes = 17;

/// A facet of a cell: its corners as local numbers, outward by the right-hand rule in 3-D, and
/// counter-clockwise around the cell in 2-D (so the outward normal of edge (a, b) is (y_b - y_a, x_a - x_b)).
struct FacetShape {
  CellType linear;  ///< vertex, line, triangle or quad
  int num_corners;
  std::array<std::int8_t, 4> corners;
};

/// What there is to know of a cell type.
struct CellShape {
  std::string_view name;  ///< "triangle6"
  int dim;                ///< topological
  int num_nodes;
  int num_corners;
  int order;        ///< 1 or 2
  CellType linear;  ///< the same shape with corners only
  int vtk;          ///< VTK's cell type number
  int gmsh;         ///< Gmsh's element type number
  std::span<const FacetShape> facets;
  std::span<const std::array<std::int8_t, 2>> edges;  ///< corner pairs, in the order of their second-order nodes
  std::span<const std::uint8_t> supports;             ///< per node: the corners (as bits) in whose middle it sits
  std::span<const std::int8_t> mirror;                ///< mirrored cell: its node i is this cell's node mirror[i]
};

const CellShape& shape(CellType type);
std::optional<CellType> cell_type_from_vtk(int vtk);  ///< nothing for types that cotan does not have
std::optional<CellType> cell_type_from_gmsh(int gmsh);
std::optional<CellType> cell_type_from_name(std::string_view name);

/// All nodes on a facet as local numbers: corners in FacetShape order, then edge nodes, then the middle one.
std::span<const std::int8_t> facet_nodes(CellType type, int facet);
/// The facet's own cell type: triangle6 for those of a tetra10.
CellType facet_type(CellType type, int facet);

}  // namespace cotan

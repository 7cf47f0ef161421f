#pragma once
#include <span>
#include <vector>

#include "mesh/cell.h"

namespace cotan {

/// Points and weights on a reference cell. The reference cells are VTK's: simplices with corners at the origin and the
/// unit vectors, lines, quads and hexas over [0, 1]^dim, wedges triangle times line, and for pyramids the unit cube
/// whose top their shape functions collapse into the apex. Weights sum to the reference volume. The rules have the
/// cell's symmetry, so that an integral does not depend on how the corners are numbered.
struct Quadrature {
  int dim = 0;
  std::vector<double> points;   ///< (n, dim), row-major
  std::vector<double> weights;  ///< (n)
  int size() const { return static_cast<int>(weights.size()); }
  std::span<const double> point(int q) const { return std::span(points).subspan(std::size_t(q) * dim, dim); }
};

/// A rule that is exact for polynomials up to `degree`: total degree on simplices (\cite dunavant1985,
/// \cite walkington2000), degree in each direction on lines, quads and hexas.
/// \throw Error where there is none (triangles: at most 6, tetrahedra: at most 5)
Quadrature make_quadrature(CellType type, int degree);

/// Nodal shape functions of a cell type at a reference point, in VTK's order of nodes: values (nodes), and
/// reference gradients (nodes, dim), row-major.
struct Shapes {
  std::vector<double> values, gradients;
};
/// \throw Error for a type without shape functions here (all linear types, line3, triangle6, quad9, tetra10 have them)
Shapes make_shapes(CellType type, std::span<const double> xi);

/// Shape functions of a cell type at all points of a rule: made once per type, used for every cell.
struct ShapeTable {
  CellType type;
  int num_nodes = 0;
  Quadrature rule;
  std::vector<Shapes> at;  ///< by quadrature point
};
ShapeTable tabulate(CellType type, int degree);

/// Shape functions of one cell at its quadrature points in space.
struct CellValues {
  int num_points = 0, num_nodes = 0, dim = 0;
  std::vector<double> values;  ///< (points, nodes)
  std::vector<double>
      gradients;                 ///< (points, nodes, dim) [1/m]; along the cell where it is a surface or curve in space
  std::vector<double> weights;   ///< (points): rule times measure of the map [m^cell_dim]
  std::vector<double> position;  ///< (points, dim) [m]
  std::vector<double> inverse;   ///< (points, cell_dim, dim): derivative of reference coordinates by position [1/m]
  double value(int q, int a) const { return values[std::size_t(q) * num_nodes + a]; }
  const double* gradient(int q, int a) const { return &gradients[(std::size_t(q) * num_nodes + a) * dim]; }
  std::span<const double> x(int q) const { return std::span(position).subspan(std::size_t(q) * dim, dim); }
};

/// Maps a reference cell to space by its own shape functions (isoparametric), also into a space of higher dimension.
/// \param coordinates (nodes, dim) row-major [m]
/// \param out overwritten; its memory is reused from cell to cell
void map_cell(const ShapeTable& table, std::span<const double> coordinates, int dim, CellValues& out);

}  // namespace cotan

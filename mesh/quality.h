#pragma once
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Length, area or volume of every cell, signed where cell_dim() == dim() (from corners; second-order cells by
/// Gauss quadrature of their map) [m^cell_dim]. (num_cells)
std::vector<double> cell_volumes(const Mesh& mesh);
/// The same from raw data, before a Mesh may be built of it.
std::vector<double> cell_volumes(const MeshData& data);
/// Centre of the corners. (num_cells, dim), row-major [m]
std::vector<double> cell_centres(const Mesh& mesh);
/// Outward area vector of a facet: normal times length or area [m^(dim-1)]. \pre cell_dim() == dim()
std::vector<double> facet_area(const Mesh& mesh, Facet facet);

/// Shape of every cell from its corners: mean ratio for simplices (1: regular), else the least scaled Jacobian of the
/// corners over the ideal cell's (1: square, cube, equilateral wedge and pyramid); not positive for folded cells;
/// \cite knupp2001. 1 for lines and vertices. (num_cells)
std::vector<double> cell_shapes(const Mesh& mesh);

/// Distribution of one measure over the cells.
struct Spread {
  double min = 0, mean = 0, max = 0;
};

/// A report a mesh engineer reads before a run.
struct Quality {
  Spread volume;         ///< [m^cell_dim]
  Spread edge_length;    ///< over the mesh's edges [m]
  Spread min_angle;      ///< least angle of a cell between neighbouring edges of a face [degrees]; 180 for lines
  Spread max_angle;      ///< greatest such angle [degrees]
  Spread aspect;         ///< longest over shortest edge of a cell
  Spread shape;          ///< cell_shapes()
  Index worst_cell = 0;  ///< lowest `shape`
  double total_volume = 0;
};
Quality mesh_quality(const Mesh& mesh);
std::string report(const Quality& quality);  ///< a small table

}  // namespace cotan

#pragma once
#include <span>
#include <vector>

#include "mesh/mesh.h"
#include "physics/field_coefficient.h"
#include "physics/natural_side.h"
#include "physics/sparse.h"

namespace cotan {

/// -div(k grad u) - wave_number^2 u = source, with k du/dn = flux + robin_coefficient (robin_ambient - u) on sides.
struct Elliptic {
  std::vector<FieldCoefficient> k;  ///< one, or a tensor: (dim, dim) row-major
  FieldCoefficient wave_number;     ///< kappa [sqrt(unit of k) / m]
  FieldCoefficient source;
  std::vector<NaturalSide> sides;
};

/// A x = b
struct LinearSystem {
  SparseMatrix matrix;
  std::vector<double> right;
};

/// By linear elements, without prescribed values. \param pattern the mesh's point_matrix \pre linear cells
/// \throw InputError where a coefficient is not finite, or k is not positive (definite) somewhere
LinearSystem assemble(const Mesh& mesh, const SparseMatrix& pattern, const Elliptic& problem);

/// Rows and columns of the unknowns that are fixed leave the system, which stays symmetric where it was; their diagonal
/// becomes the mean of the others', so that it is no outlier of the spectrum. \param given (rows) their values
void prescribe(LinearSystem& system, std::span<const char> fixed, std::span<const double> given);

/// (points) integrals of the shape functions [m^dim]: what an integral over the domain weighs values with.
std::vector<double> point_measures(const Mesh& mesh);

/// The fewest points a wavelength, 2 pi sqrt(k) / wave_number over the cell's longest edge; infinite for no wave
/// number.
double points_per_wavelength(const Mesh& mesh, const Elliptic& problem);

}  // namespace cotan

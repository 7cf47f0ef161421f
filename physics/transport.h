#pragma once
#include <vector>

#include "mesh/mesh.h"
#include "physics/coefficient.h"
#include "physics/natural_side.h"
#include "physics/sparse.h"

namespace cotan {

/// Where streamline-upwind Petrov-Galerkin weighting acts: where the element Peclet number is above 1, everywhere, or
/// nowhere.
enum class Upwinding { automatic, on, off };

/// du/dt + velocity . grad u - div(diffusivity grad u) + reaction u = source
struct Transport {
  std::vector<Coefficient> velocity;  ///< (dim) [m/s]
  Coefficient diffusivity;            ///< [m^2/s]
  Coefficient reaction;               ///< [1/s]
  Coefficient source;                 ///< [unit of u / s]
  std::vector<NaturalSide> sides;
  Upwinding upwinding = Upwinding::automatic;

  bool matrices_depend_on_time() const;
  bool load_depends_on_time() const;
};

/// mass du/dt + stiffness u = load, all by linear elements with consistent SUPG weighting: every term, the mass and
/// the source too, is weighted with w + tau velocity . grad w; \cite brooks1982, tau by \cite shakib1991 without its
/// time-step term, so that a steady state does not depend on the step.
struct TransportMatrices {
  SparseMatrix mass, stiffness;
};
/// \param pattern the mesh's point_matrix \pre linear cells
/// \throw InputError where a coefficient is not finite, or negative where it may not be
TransportMatrices transport_matrices(const Mesh& mesh, const SparseMatrix& pattern, const Transport& transport,
                                     double t);
/// (points)
std::vector<double> transport_load(const Mesh& mesh, const Transport& transport, double t);

/// Largest element Peclet number, |velocity| h / (2 diffusivity), h the element's length along the velocity.
double largest_peclet(const Mesh& mesh, const Transport& transport, double t);

}  // namespace cotan

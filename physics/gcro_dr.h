#pragma once
#include <span>
#include <vector>

#include "physics/linear_map.h"

namespace cotan {

struct GcroDrOptions {
  double tolerance = 1e-8;      ///< of the residual, relative to b
  int subspace = 60;            ///< directions of a cycle, the recycled ones included
  int recycle = 20;             ///< directions kept from cycle to cycle and from system to system; 0: GMRES
  int most_iterations = 10000;  ///< products with A
};

/// Directions U kept from one system to the next, and their images C = A M^-1 U, whose columns are orthonormal: (n, k),
/// column by column, U in terms of the preconditioned unknown M x.
struct RecycledSpace {
  std::vector<double> u, c;
  std::size_t directions(std::size_t n) const { return n == 0 ? 0 : u.size() / n; }
};

struct GcroDrResult {
  std::vector<double> x;
  std::vector<double> history;  ///< residuals relative to b, from the start's on, one an iteration
  int iterations = 0;           ///< directions searched, those that were recycled not counted
  int products = 0;             ///< with A M^-1 in all: iterations, recycled directions, and a check of each cycle
};

/// A x = b from x = 0 by GCRO-DR, preconditioned from the right: restarted GMRES that minimises over the recycled
/// directions too, and keeps the harmonic Ritz vectors of the smallest values from one cycle and system to the next;
/// \cite parks2006. Without directions in `space` the first cycle is GMRES; with `recycle` 0 all are.
/// \param preconditioner M^-1, or empty
/// \param space of the system before, or empty; that of this system after. Unchanged where this throws
/// \throw NumericsError with the history of residuals: A or M^-1 gives what is not finite, A is singular on the
/// directions searched, the residual stagnates, or most_iterations are not enough
GcroDrResult gcro_dr(const LinearMap& a, std::span<const double> b, RecycledSpace& space,
                     const GcroDrOptions& options = {}, const LinearMap& preconditioner = {});

}  // namespace cotan

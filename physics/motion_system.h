#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mesh/case.h"
#include "mesh/periodic.h"
#include "physics/problem.h"
#include "physics/second_order.h"

namespace cotan {

/// The unknowns of a field with several components: those of a point stand together, as its values do.
Unknowns with_components(const Unknowns& unknowns, int components);
/// The pattern of linear elements for several components a point.
SparseMatrix point_matrix(const Mesh& mesh, int components);

/// A case's equation of motion for one field: matrices and loads of the points, its name and that of its rate.
struct MotionCase {
  FieldSpec value, rate;
  SparseMatrix mass, damping, stiffness;              ///< of (points, components)
  std::function<std::vector<double>(double t)> load;  ///< (points, components)
  bool inertia = true;                                ///< false: equilibrium at each time, no rate
  double radius = 1;                                  ///< spectral radius at infinity of the time steps
};
/// The setup's System, start, fields, masks and roles. \throw InputError; NumericsError where nothing holds it
void set_motion(const ProblemInput& input, const Boundary& boundary, MotionCase motion, ProblemSetup& setup);

}  // namespace cotan

#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "physics/coefficient.h"
#include "physics/flow_constraints.h"
#include "physics/flow_forms.h"

namespace cotan {

/// A side with viscosity du/dn - p n = -pressure n: an opening, free where the pressure is 0; \cite heywood1996.
struct PressureSide {
  std::vector<Facet> facets;
  Coefficient pressure;  ///< over density [m^2/s^2]
};

/// du/dt + (u . grad) u - viscosity lap u + grad p = force, div u = 0; p is the pressure over density [m^2/s^2].
struct Flow {
  std::shared_ptr<const FlowForms> forms;
  std::shared_ptr<const VelocityConstraints> constraints;
  double viscosity = 0;            ///< kinematic [m^2/s]
  bool convection = true;          ///< false: Stokes flow, without (u . grad) u
  std::vector<Coefficient> force;  ///< (dim) [m/s^2], or empty
  std::vector<PressureSide> openings;
  bool enclosed = false;  ///< nothing flows freely through any side: the pressure's mean is set to 0

  bool load_depends_on_time() const;
};

/// Forces and openings, (dim, nodes).
std::vector<double> flow_load(const Flow& flow, double t);

/// load - A u + D^T p over the velocities, D u less its mean where the flow is enclosed over the pressures: (dofs).
/// Rows that constraints take are not yet out. \param values of A, for each component
/// \throw InputError where the sides' velocities of an enclosed flow do not let in what they let out
std::vector<double> flow_residual(const Flow& flow, std::span<const double> values, std::span<const double> x,
                                  std::span<const double> load);
/// Takes the rows of constraints, and of the pressure that is held where the flow is enclosed, out of a residual.
void restrict_residual(const Flow& flow, std::span<double> residual);
/// y = A x with A as above and constraints' rows in it: (dofs).
std::vector<double> flow_product(const Flow& flow, std::span<const double> values, std::span<const double> x);
/// Sets the pressure's mean to 0 where the flow is enclosed.
void level_pressure(const Flow& flow, std::span<double> x);

/// Force on a body, over density [m^(dim+1)/s^2]: the sum over its nodes of the residual of momentum without the
/// constraints there, which is its weak form and of twice the order of an integral over the surface; \cite john2004.
/// \param residual as flow_residual has it, with all terms of the equation
std::vector<double> force_on(const TaylorHood& space, std::span<const Index> nodes, std::span<const double> residual);

/// Steady flow, (dofs): Newton's method from the Stokes flow. Where it does not converge, at larger viscosities first,
/// halfway between the last one that it did for and the wanted one on a scale of logarithms; \cite elman2014.
/// \throw NumericsError with the history of residuals
std::vector<double> steady_flow(const Flow& flow);
/// The residual of a steady flow without the constraints, for force_on.
std::vector<double> steady_residual(const Flow& flow, std::span<const double> x);

}  // namespace cotan

#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/expression_block.h"
#include "mesh/case.h"
#include "physics/convection.h"
#include "physics/natural_side.h"
#include "physics/problem.h"
#include "physics/spd_solver.h"

namespace cotan {

/// Of |velocity| dt / length, where convection was measured to be stable while the element Peclet number is 1 at most
/// (tests/verification/physics_reaction_test.cpp).
constexpr double kMostCourant = 0.5;

/// One unknown function of a system: capacity du/dt + velocity . grad u = div(diffusivity grad u) + reaction.
struct ReactingComponent {
  std::string name;          ///< the variable of formulas
  Coefficient capacity = 1;  ///< steady, above 0
  Coefficient diffusivity;   ///< steady, at least 0
  Expression reaction;       ///< in x, y, z, t, the parameters, the components by name
  std::vector<NaturalSide> sides;
};

/// A system of such equations. They meet in the reactions and in the velocity.
struct ReactingSystem {
  std::vector<ReactingComponent> components;
  std::vector<Expression> velocity;  ///< (dim), in the same variables as the reactions; empty: none
};

/// Steps a system by linear elements in space and Ascher, Ruuth and Spiteri's implicit-explicit pair (2,2,2) in time,
/// second order and L-stable for what is implicit: diffusion and Robin coefficients. Reactions, convection, fluxes and
/// ambient values are explicit: dt times the largest rate of a reaction may be 2 at most; \cite ascher1997. Reactions
/// are interpolated from their values at the nodes, which keeps second order; \cite larsson1989. Not for several
/// threads at once.
class ReactionDiffusion {
 public:
  /// \param fixed prescribed values, `component` counting the system's components
  ReactionDiffusion(std::shared_ptr<const Mesh> mesh, ReactingSystem system, std::vector<Prescription> fixed,
                    std::map<std::string, double> parameters, std::span<const PeriodicPair> periodic = {});

  const Unknowns& unknowns() const { return unknowns_; }
  /// Values by component at the unknowns: those of t to those of t + dt. \throw NumericsError
  void step(double t, double dt, std::vector<std::vector<double>>& u);
  /// du/dt, for other integrators: of what is stiff, diffusion and Robin coefficients, of the rest, or of both. At
  /// prescribed places the slope of the values given, by differences over `difference` [s], is of the rest.
  /// \throw NumericsError
  std::vector<std::vector<double>> slope(double t, const std::vector<std::vector<double>>& u, bool stiff, bool rest,
                                         double difference);
  /// b -> (mass + gamma stiffness)^-1 mass b: the stiff part's (I - gamma J)^-1; prescribed places keep b's values. It
  /// holds its own solvers, and is made once for the two gammas that were asked for last. Not longer than the system.
  /// \throw NumericsError, when called, naming the time t
  std::function<std::vector<std::vector<double>>(const std::vector<std::vector<double>>& b)> shifted_inverse(
      double t, double gamma);
  std::size_t num_components() const { return matrices_.size(); }
  /// Where component i has prescribed values (unknowns).
  const std::vector<char>& fixed(std::size_t i) const { return matrices_[i].fixed; }
  /// Sets the prescribed values of time t.
  void impose(double t, std::vector<std::vector<double>>& u) const;
  /// The explicit part of the rate, before it is divided by the mass: reactions, convection, loads.
  void explicit_part(double t, const std::vector<std::vector<double>>& u, std::vector<std::vector<double>>& out);
  /// The velocity at the unknowns by coordinate; empty where there is none.
  std::vector<std::vector<double>> velocity(double t, const std::vector<std::vector<double>>& u) const;
  const Convection* convection() const { return convection_.get(); }
  bool has_factors() const;  ///< whether some component is solved for by factors
  /// \throw InputError naming formula, place and values where a reaction or velocity is not finite
  void check_formulas(double t, const std::vector<std::vector<double>>& u) const;

 private:
  using Values = std::vector<std::vector<double>>;
  struct Matrices {
    SparseMatrix mass, stiffness;  // mass with the capacity
    std::vector<char> fixed;       // (unknowns)
  };
  using Solvers = std::vector<std::shared_ptr<SpdSolver>>;  // by component; those that are alike share one
  void assemble();
  void update_solvers(double dt);
  void add_loads(double t, Values& out);
  std::vector<BlockValues> variables(double t, const Values& u) const;
  void add_solver(SparseMatrix matrix, Solvers& solvers) const;
  void solve(double t, const Solvers& solvers, const Values& right, Values& u) const;
  // mass u + the sum of factors times slopes, and a solution for the stage at time t.
  void solve_stage(double t, const Values& right, Values& u);

  std::shared_ptr<const Mesh> mesh_;
  ReactingSystem system_;
  std::vector<Prescription> fixed_;
  std::map<std::string, double> parameters_;
  Unknowns unknowns_;
  SparseMatrix plain_mass_;
  std::vector<Matrices> matrices_;  // by component
  std::vector<std::vector<double>> coordinates_;
  std::unique_ptr<Convection> convection_;
  Values loads_;
  bool loads_known_ = false;
  Solvers of_steps_, of_mass_;
  std::vector<std::pair<double, Solvers>> shifted_;  // by gamma, the last one last
  double dt_ = 0;
};

}  // namespace cotan

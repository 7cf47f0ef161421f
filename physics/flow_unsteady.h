#pragma once
#include <memory>
#include <vector>

#include "physics/direct.h"
#include "physics/flow.h"
#include "physics/flow_matrix.h"

namespace cotan {

/// A flow at a time, and what the next step needs of the last one.
struct FlowLevels {
  std::vector<double> now;       ///< (dofs)
  std::vector<double> before;    ///< (dofs): one step earlier
  double step = 0;               ///< [s] between them; 0: there is none
  std::vector<double> residual;  ///< of the step without constraints, for force_on; empty at the start
};

/// Steps an incompressible flow by the two-step backward differentiation formula with the convecting velocity
/// extrapolated from the last two steps: one linear system a step, second order for any sequence of steps, no bound on
/// the step by stability; \cite baker1982, \cite ingram2013. The first step is backward Euler's, whose error of second
/// order is made once. The systems are solved by GMRES over the factors of an earlier step's matrix, which are made
/// anew when they no longer help enough. Not for several threads at once.
class UnsteadyFlow {
 public:
  explicit UnsteadyFlow(std::shared_ptr<const Flow> flow);

  const Flow& flow() const { return *flow_; }
  /// \throw NumericsError naming the time where the matrix is singular or GMRES does not converge
  FlowLevels step(double t, double dt, const FlowLevels& levels);
  int factorisations() const { return factorisations_; }  ///< how often a matrix was factorised so far
  int iterations() const { return iterations_; }          ///< of GMRES, so far

 private:
  struct System;
  void solve(const System& system, std::vector<double>& x);
  void factorise(const System& system);
  bool iterate(const System& system, std::vector<double>& x);

  std::shared_ptr<const Flow> flow_;
  FlowMatrix matrix_;
  Factorise factorise_ = ordered_factoriser();
  Solve factors_;
  double factors_rate_ = 0;      // [1/s], the mass's factor in the factorised matrix
  int fewest_ = 0, wasted_ = 0;  // iterations with the factors there are: the least of a step, and all above that
  std::vector<double> load_;     // where it does not depend on time
  int factorisations_ = 0, iterations_ = 0;
};

}  // namespace cotan

#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "integrators/solve.h"

namespace cotan {

/// A method whose stages are to be had beside the step.
class StagedIntegrator {
 public:
  struct Stage {
    State state, slope;
  };
  struct Staged {
    Step step;
    std::vector<Stage> twins;  ///< the last two stages where both are at the step's end, else none
  };
  virtual ~StagedIntegrator() = default;
  virtual Staged staged_step(const Rate& f, double t, double dt, const State& u, const Known& known) const = 0;
};

/// What an embedded method says of steps, as terms of a loss: a rate that is trained on them too is solved in fewer
/// evaluations. Scalars in the state's type, with gradients in all that the steps read.
struct StepHeuristics {
  at::Tensor error;      ///< sum over steps of length times the size of the local error estimate
  at::Tensor stiffness;  ///< sum over steps of |f(g) - f(h)| / |g - h|, g and h two stages at the step's end; undefined
                         ///< where the method has no such two (dormand_prince and tsitouras have)
  std::int64_t steps = 0;
};

/// Of one step from a state.
/// \param norm its scales by field and owned rows count, on this rank alone
/// \throw InputError for a method without an error estimate or stages: explicit Runge-Kutta pairs have both
StepHeuristics heuristics_of_step(const Integrator& method, const Rate& f, double t, double dt, const State& u,
                                  const Norm& norm = {});

/// Of one step from the state at times[i] of a solution, as long as the one taken there: the locally regularised
/// solver, where i is drawn at random; \cite pal2023. Gradients go through that state, whichever way the solution has.
StepHeuristics heuristics_at(const Integrator& method, const Rate& f, const Solution& solution, std::size_t i,
                             const Norm& norm = {});

struct RegularisedSolution {
  Solution solution;
  StepHeuristics heuristics;  ///< of all accepted steps
};
/// `solve` without gradients, then its accepted steps once more with them: states and sums over all steps carry
/// gradients straight through; the steps' lengths are constants. \cite pal2021
/// \param sizes what heuristics are measured by; else `norm`, as the errors \throw what solve throws
RegularisedSolution solve_regularised(std::shared_ptr<const Integrator> method, Rate f, const State& start,
                                      std::span<const double> times, const SolveOptions& options = {},
                                      const Norm& norm = {}, const std::optional<Norm>& sizes = {});

}  // namespace cotan

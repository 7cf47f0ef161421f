#pragma once
#include <span>
#include <vector>

#include "integrators/rate.h"

namespace cotan {

/// The coupled stages z_i = base + sum over j of a_ij f(t_j, z_j) of an implicit step, row by row.
struct CoupledStages {
  std::vector<double> t;  ///< (stages)
  std::vector<double> a;  ///< (stages, stages), the step's length included
};

/// The same values as `solved`, with gradients to base and to all that f reads, by the implicit function theorem: the
/// backward pass solves the transposed system once. Second derivatives do not go through.
/// \param solved the stages, found without gradients \throw NumericsError, backward, where that has no solution
std::vector<State> with_implicit_gradient(const Rhs& f, const CoupledStages& stages, const State& base,
                                          const std::vector<State>& solved, const Norm& norm);

/// Throws a StepFailure naming time and the component that changed most for its size, which `what`.
[[noreturn]] void fail_step(double t, const State& values, const State& changes, const std::string& what);

}  // namespace cotan

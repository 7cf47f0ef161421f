#pragma once
#include "core/check.h"
#include "integrators/linearisation.h"

namespace cotan {

/// A step that could not be made, where a shorter one may do: adaptive integrations try that.
struct StepFailure : NumericsError {
  using NumericsError::NumericsError;
};

struct NewtonOptions {
  double tolerance = 1e-10;  ///< of a correction, relative to the state; in float32 never below its round-off
  int most_iterations = 25;
};

/// z with z = base + gamma f(t, z): a stage of an implicit method, by Newton's method with GMRES over products with
/// the Jacobian (\cite knoll2004): the part's own, or differences of f. The part's shifted inverse preconditions.
/// Gradients go to base and to all that f reads, by the implicit function theorem: the backward pass solves the
/// transposed system once, whatever the iterations were. Second derivatives do not go through.
/// \param guess where the iteration begins \param norm inner product over rows, scales and ranks. Collective.
/// \throw StepFailure naming time, field and component where the iteration does not converge
State solve_stage(const RatePart& part, double t, const State& base, double gamma, const State& guess, const Norm& norm,
                  const NewtonOptions& options = {});

/// Where a step begins, and the error that is allowed of each number.
struct StepStart {
  double t;
  const State& u;
  const State& allowed;
};
/// The same for the stages of a step from there, by simplified Newton iterations with a Jacobian that is kept, until a
/// small share of what is allowed is left.
State solve_stage(const RatePart& part, double t, const State& base, double gamma, const State& guess, const Norm& norm,
                  const StepStart& start, KeptJacobian& kept);

/// Products with the Jacobian from autograd, by differentiating its transpose's: exact, where differences err by the
/// root of round-off. f is differentiable twice.
std::function<StateMap(double t, const State& u)> jacobian_by_autograd(Rhs f);

}  // namespace cotan

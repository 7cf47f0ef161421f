#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "integrators/solve.h"

namespace cotan {

/// How gradients come back through an integration.
enum class GradientWay : std::uint8_t {
  through,      ///< along the recorded operations of all steps: memory grows with their number
  checkpoints,  ///< the same gradient, with steps made again from few stored states
  adjoint,      ///< of the differential equation, not of its steps: the adjoint equation, solved back in time
};

struct GradientOptions {
  GradientWay way = GradientWay::through;
  std::vector<at::Tensor> parameters;  ///< all that f reads and that gradients go to, beside the state
  std::int64_t slots = 0;              ///< states stored at once; 0: balanced_slots of the steps, log2 of them at most
  bool compare = false;                ///< adjoint: find the steps' own gradient too, for the report
};

/// What the backward pass found; filled when it runs.
struct GradientReport {
  std::int64_t slots = 0;               ///< states that might be stored at once
  std::int64_t most_stored = 0;         ///< that were
  std::int64_t repeats = 0;             ///< steps that were made again, beside one of each that is recorded
  std::optional<double> adjoint_error;  ///< of all gradients together, relative to the steps' own gradient
};

/// A solution whose states carry gradients, and what the backward pass will say.
struct SolutionWithGradient {
  Solution solution;
  std::shared_ptr<const GradientReport> report;
};

/// Makes given steps, without choosing any: u at `times`, which lie within them, by the method's dense output or the
/// cubic between ends. With the accepted steps of `solve` the result is solve's to the last bits.
///
/// By `checkpoints` the gradient is that of `through`, but two things are kept instead of all operations: at most
/// `slots` states (\cite griewank2000, with the number of steps that are made again), and the operations of one step.
/// By `adjoint` u itself is integrated back from its end along the same steps, beside a' = -a df/du (\cite chen2018):
/// nothing is stored, but the gradient errs with the order of the method, and where f contracts strongly u may blow up
/// on its way back. Its error is reported on request. Second derivatives go `through` only.
///
/// \param f reads no tensors with gradients but the state and `parameters`; it and the method are kept until the
///        backward pass
/// \throw InputError for steps that do not follow each other, times outside of them, or an f that reads a leaf with
/// gradients that is not among `parameters`
SolutionWithGradient replay(std::shared_ptr<const Integrator> method, Rate f, const State& start,
                            std::vector<TimeStep> steps, std::vector<double> times,
                            const GradientOptions& gradients = {});

/// `solve`, then the way of gradients over its accepted steps; their lengths are constants, and so is an event's time.
/// \throw what solve and replay throw
SolutionWithGradient solve_with_gradient(std::shared_ptr<const Integrator> method, Rate f, const State& start,
                                         std::span<const double> times, const SolveOptions& options = {},
                                         const Norm& norm = {}, std::span<const StopEvent> events = {},
                                         const GradientOptions& gradients = {});

/// Equal steps: `count` from `start` on.
std::vector<TimeStep> equal_steps(double start, double length, std::int64_t count);

}  // namespace cotan

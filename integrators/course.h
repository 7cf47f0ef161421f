#pragma once
// What the ways of a gradient through an integration share: the steps, and where states are asked for.
#include <memory>
#include <vector>

#include "integrators/checkpoints.h"
#include "integrators/packing.h"
#include "integrators/solve.h"

namespace cotan {

/// Given steps of a method, and the times at which the state is asked for.
struct Course {
  std::shared_ptr<const Integrator> method;
  Rate f;
  std::vector<TimeStep> steps;
  std::vector<double> times;           ///< not decreasing, within the steps
  std::vector<std::size_t> outputs;    ///< (steps + 1) step k gives times outputs[k] … outputs[k + 1] - 1
  std::vector<at::Tensor> parameters;  ///< what f reads beside the state

  struct Advance {
    State u;                   ///< after the step
    std::vector<State> asked;  ///< at the step's times
    std::optional<State> slope;
  };
  Advance step(std::size_t k, const State& u, const State* slope = nullptr) const;
};

/// \throw InputError for steps that do not follow each other or times outside of them
std::shared_ptr<const Course> make_course(std::shared_ptr<const Integrator> method, Rate f, std::vector<TimeStep> steps,
                                          std::vector<double> times, std::vector<at::Tensor> parameters);

/// What a gradient pass is given and gives: gradients in the state before the first step and in the parameters,
/// undefined where there is none.
struct Cotangents {
  std::vector<at::Tensor> state, parameters;
};
/// The gradient of the steps, each recorded in its turn. \param start the state before the first step
/// \param asked gradients in the states at course.times, entry by entry: (times * entries), undefined where 0
/// \param slots states stored at once, above 0
Cotangents steps_gradient(const Course& course, const State& start, const std::vector<at::Tensor>& asked,
                          std::int64_t slots, CheckpointCounts& counts);
/// The gradient of the differential equation, by its adjoint along the same steps. \param last the state at
/// the last of course.times, which lies in the last step
/// \throw NumericsError naming the time where the state or its adjoint is no longer finite
Cotangents adjoint_gradient(const Course& course, const State& last, const std::vector<at::Tensor>& asked);

}  // namespace cotan

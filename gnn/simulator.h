#pragma once
#include <memory>

#include "gnn/augmentation.h"
#include "integrators/integrator.h"
#include "integrators/regularise.h"
#include "integrators/solve.h"

namespace cotan {

/// What a learned simulator needs beside its state, on one mesh.
struct SimulatorInput {
  std::shared_ptr<const Graph> graph;
  HaloExchange halo;
  Prescribed prescribed;                       ///< by state field name
  std::function<at::Tensor(double t)> inputs;  ///< (N, K) at t; empty where K = 0
  at::Tensor parameters;                       ///< (1, P) or undefined
  /// Where it has an axis, the prediction is the mean of the model's and of the mirror image of what the model says to
  /// the mirrored state (twice the work): a mirrored start then has the mirrored rollout.
  Mirror symmetry = {};
};

/// Who is told what the steps within each step of a simulator say of themselves, as terms of a loss.
struct StepWatch {
  std::function<void(const StepHeuristics&)> tell;
  std::map<std::string, double> scale = {};  ///< by field: sizes are told in units of these
  bool first_only = false;                   ///< of the first one in each of the simulator's
};

/// How a rate is integrated over a step of the simulator.
struct Stepping {
  std::shared_ptr<const Integrator> method = {};   ///< null: Euler's
  std::int64_t substeps = 1;                       ///< equal steps of the method in one of the simulator
  std::optional<SolveOptions> tolerances = {};     ///< steps that keep the error instead, where the method tells it
  std::shared_ptr<std::int64_t> evaluations = {};  ///< counts those of the rate, where set
  std::optional<StepWatch> watch = {};             ///< of steps that keep tolerances
};

/// A model as a System: its own increment, or its rate integrated by `stepping`; prescribed values imposed as for any
/// solver. Fields of lift and view: the model's state fields, (N, components) each. A model with history takes two
/// frames. \param dt the step it was trained with; step() with another \throw InputError for increments
System make_simulator(std::shared_ptr<const Model> model, SimulatorInput input, double dt,
                      const Stepping& stepping = {});

/// \throw InputError where steps of `dt` in so many substeps exceed the method's limit for what the model knows of its
/// stiffness on this mesh: the limit, and how many substeps hold it. Collective.
void require_stable(const Model& model, const SimulatorInput& input, double dt, const Stepping& stepping);

}  // namespace cotan

#pragma once
#include <optional>

#include "apps/evaluation.h"
#include "apps/initial_file.h"
#include "apps/learned_model.h"
#include "physics/problem.h"

namespace cotan {

/// A case set up for a learned rollout: its mesh, initial state and given values, and the solver where it names one.
struct LearnedCase {
  std::shared_ptr<const Mesh> mesh;
  std::vector<Role> roles;
  SimulatorInput input;
  Frame initial;                            ///< state fields on this rank's rows
  std::optional<ProblemSetup> solver;       ///< of the case's `problem`
  std::optional<InitialFile> initial_file;  ///< of a case without one, where it says `from`
  double solver_step = 0;                   ///< [s]
  double after = 0;  ///< what `initial: {simulate: T}` ran before the start [s]: formulas see t + T
  std::vector<std::string> notes;
  std::shared_ptr<const Case> spec;  ///< outlives what refers to it
};

/// Fields that the network needs come from the case's problem where it names one (initial state, static fields), else
/// from its `initial` expressions; given values from its sides.
/// \throw InputError naming a field or parameter that the case lacks, with what there is
LearnedCase set_up_case(const LearnedModel& learned, const Case& spec, std::uint64_t seed);

/// At which points the case gives each state field. Collective.
GivenPoints given_points(const LearnedModel& learned, const LearnedCase& on_case);

/// Steps of the network to the case's end. \throw InputError where it is not a whole number of them
std::int64_t case_steps(const LearnedModel& learned, const Case& spec);

/// The rollout; with `reference` beside the case's solver, taken at the network's times. In the layout of `compare`:
/// frame 0 repeats the initial state (there is no history), so that tables and files read both alike.
Comparison run_case(const LearnedModel& learned, const LearnedCase& on_case, std::int64_t steps, bool reference);

}  // namespace cotan

#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "integrators/prescribed.h"
#include "integrators/rate.h"
#include "integrators/system.h"
#include "mesh/case.h"
#include "mesh/prescribed_masks.h"
#include "physics/linear_solver.h"

namespace cotan {

/// What a problem is set up from.
struct ProblemInput {
  std::shared_ptr<const Mesh> mesh;
  Case spec;                                 ///< the case
  std::map<std::string, double> parameters;  ///< of this draw
  std::uint64_t seed = 0, draw = 0;          ///< for random initial states
};

/// A discretised problem as integrators take it.
struct RatedProblem {
  Rate rate;
  Prescribed prescribed;  ///< imposed on entry and after each step
};

/// A problem set up on a mesh: the solver as a System, its start, and what a data set should carry.
struct ProblemSetup {
  System system;                        ///< of no use where the problem is steady
  Frame initial;                        ///< at t = 0
  std::function<RatedProblem()> rated;  ///< the same for the integrator of `time.method`; empty: none fits
  /// Of a steady problem: its fields, the linear systems on the way there by `solver`. \throw NumericsError
  std::function<Fields(const LinearSolver& solver)> steady;
  std::vector<double> likeness;          ///< steady: numbers by which draws are compared: alike draws, alike systems
  std::vector<FieldSpec> fields;         ///< what view or steady gives
  std::vector<HostField> static_fields;  ///< inputs a network may want: an advecting velocity, a source
  std::vector<Role> roles;               ///< (points)
  PrescribedMasks prescribed;            ///< what the sides fix: a network is given the same
  std::vector<std::string> notes;        ///< defaults that were taken, sides without a condition, …
};

/// A row of the table of problems (problems.cpp): a new one is one source file and one row.
struct Problem {
  std::string_view name, about;
  std::vector<FieldSpec> (*fields)(int dim);
  std::map<std::string, std::string> parameters;    ///< name -> meaning with unit
  std::string conditions;                           ///< what sides may say, for help and messages
  ProblemSetup (*make)(const ProblemInput& input);  ///< \throw InputError
  bool glues_sides = false;                         ///< whether sides may be periodic
  bool steady = false;                              ///< one frame a draw, and no `time` in the case
};
std::span<const Problem> problems();
const Problem& find_problem(std::string_view name);  ///< \throw InputError listing the names
/// The case's problem, set up, with the integrator of its `time.method` instead of its own steps. \throw InputError
/// as its `make`, and for periodic sides where it has none
ProblemSetup set_up_problem(const ProblemInput& input);

}  // namespace cotan

#pragma once
#include <memory>
#include <string>
#include <vector>

#include "physics/flow.h"
#include "physics/problem.h"

namespace cotan {

/// A case of navier_stokes as it is read: the flow, and what is asked for beside it.
struct FlowCase {
  std::shared_ptr<Flow> flow;
  bool steady = false;
  struct Body {
    std::string field;         ///< "force_cylinder"
    std::vector<Index> nodes;  ///< of the set
  };
  std::vector<Body> bodies;  ///< whose force is given out
};

/// The equation of a case: its options, parameters and sides. `notes` gets the defaults that were taken.
/// \param space of the case's mesh
/// \throw InputError naming line and key: unknown conditions and options, sides without a condition that look as if
/// they should have one, an enclosed flow whose sides let more out than in
FlowCase read_flow(const ProblemInput& input, std::shared_ptr<const TaylorHood> space, std::vector<std::string>& notes);

std::vector<FieldSpec> navier_stokes_fields(int dim);
/// The row of the table of problems. \throw InputError; NumericsError where there is no steady flow to be found
ProblemSetup make_navier_stokes(const ProblemInput& input);

}  // namespace cotan

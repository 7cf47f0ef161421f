#pragma once
#include "physics/problem.h"

namespace cotan {

/// The case's problem, set up. With `initial: {simulate: T}` its start is the solver's state after T seconds from what
/// else `initial` says, its time is 0 again, and formulas of t go on from T.
struct CaseStart {
  ProblemSetup setup;
  double after = 0;  ///< T [s]
};
/// \throw InputError naming line and key; NumericsError where the solver fails on the way
CaseStart start_case(const ProblemInput& input);

}  // namespace cotan

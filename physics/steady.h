#pragma once
#include <string>
#include <vector>

#include "physics/elliptic.h"
#include "physics/problem.h"

namespace cotan {

/// Rows of the table of problems: linear, steady, a scalar u by linear elements. \throw InputError
ProblemSetup make_poisson(const ProblemInput& input);
ProblemSetup make_helmholtz(const ProblemInput& input);
std::vector<FieldSpec> steady_fields(int dim);

/// The equation of a case: its options, sides and random fields.
/// \param wave_number whether `options.kappa` belongs to it \throw InputError naming line and key
Elliptic read_elliptic(const ProblemInput& input, const Boundary& boundary, bool wave_number,
                       std::vector<std::string>& notes);

}  // namespace cotan

#pragma once
#include "physics/problem.h"

namespace cotan {

/// d2u/dt2 + damping du/dt = div(speed^2 grad u) + source.
ProblemSetup make_wave(const ProblemInput& input);
/// density d2u/dt2 = div(stress of u) + body_force, stress by Hooke's law; equilibrium where inertia is off.
ProblemSetup make_linear_elasticity(const ProblemInput& input);
/// Their rows of the table of problems.
std::vector<Problem> motion_problems();

}  // namespace cotan

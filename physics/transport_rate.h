#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mesh/case.h"
#include "physics/problem.h"
#include "physics/transport.h"

namespace cotan {

/// mass du/dt = load - stiffness u for u (points, 1) on `u`, with the mass solved for; its stiff part is that of the
/// stiffness, and implicit methods are preconditioned by factors of mass + gamma stiffness, which are kept while gamma
/// and the coefficients stay. At prescribed points du/dt is that of the values given, by differences over 10^-4 of
/// `step`: values that jump are better off with a method that asks for no slope there. Without gradients; not for
/// several threads at once.
/// \param fixed prescribed values: one component, each point at most once \param step the case's [s]
/// \throw NumericsError naming the time where a matrix is singular, when evaluated
RatedProblem transport_rate(std::shared_ptr<const Mesh> mesh, Transport transport, std::vector<Prescription> fixed,
                            std::map<std::string, double> parameters, double step);

}  // namespace cotan

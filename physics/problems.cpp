#include <algorithm>
#include <string>
#include <vector>

#include "core/check.h"
#include "integrators/integrator.h"
#include "physics/advection_diffusion.h"
#include "physics/cloth.h"
#include "physics/kuramoto_sivashinsky.h"
#include "physics/motions.h"
#include "physics/navier_stokes.h"
#include "physics/problem.h"
#include "physics/reaction_systems.h"
#include "physics/steady.h"

namespace cotan {
namespace {

const std::string kSteadyConditions =
    "u: value | flux: k du/dn | robin_coefficient with robin_ambient: k du/dn = coefficient (ambient - u) | nothing: "
    "k du/dn = 0";

std::vector<Problem> make_table() {
  std::vector<Problem> table = {
      {"advection_diffusion",
       "a scalar u carried by a velocity, diffused, produced and consumed: linear elements with SUPG, Crank-Nicolson",
       advection_diffusion_fields,
       {{"diffusivity", "[m^2/s], unless options.diffusivity has a formula"}},
       "u: value | flux: diffusivity du/dn | robin_coefficient [m/s] with robin_ambient: "
       "diffusivity du/dn = coefficient (ambient - u) | nothing: no diffusive flux (outflow, insulated)",
       make_advection_diffusion,
       true},
      {"navier_stokes",
       "incompressible flow, steady or not: Taylor-Hood elements, Newton's method, BDF2",
       navier_stokes_fields,
       {{"viscosity", "kinematic [m^2/s]"}},
       "velocity: components, null leaves one free | velocity_normal: 0 (slip) or a value, outward | pressure over "
       "density at an opening | nothing, with the role outflow: viscosity du/dn = p n",
       make_navier_stokes},
  };
  table.push_back(
      {"poisson",
       "steady conduction, diffusion or flow through a porous medium (Darcy): -div(k grad u) = f, linear elements",
       steady_fields,
       {},
       kSteadyConditions,
       make_poisson,
       false,
       true});
  table.push_back({"helmholtz",
                   "steady waves of one frequency: -div(k grad u) - kappa^2 u = f, real, linear elements",
                   steady_fields,
                   {},
                   kSteadyConditions,
                   make_helmholtz,
                   false,
                   true});
  for (auto& problem : reaction_diffusion_problems()) table.push_back(std::move(problem));
  table.push_back(kuramoto_sivashinsky_problem());
  table.push_back(cloth_problem());
  for (auto& problem : motion_problems()) table.push_back(std::move(problem));
  return table;
}

void take_method(const Case& spec, ProblemSetup& setup) {
  const Config node = spec.source["time"]["method"];
  if (node.kind() == Config::Kind::null) return;
  const auto names = integrator_names();
  COTAN_REQUIRE(std::count(names.begin(), names.end(), node.text()),
                node.where() << ": " << unknown_name("integrator", node.text(), names));
  COTAN_REQUIRE(setup.rated, node.where() << ": " << spec.problem << " has steps of its own and takes no integrator");
  const RatedProblem rated = setup.rated();
  setup.system = method_of_lines(make_integrator(node.text()), rated.rate, rated.prescribed);
  try {  // whether the rate says all that the method needs
    setup.system.step(0, spec.step, setup.system.lift({&setup.initial, 1}));
  } catch (const InputError& error) {
    throw InputError(node.where() + ": '" + node.text() + "' does not fit " + spec.problem + ": " + error.what());
  } catch (const NumericsError&) {  // the run itself meets it again, and reports it
  }
}

}  // namespace

std::span<const Problem> problems() {
  static const std::vector<Problem> table = make_table();
  return table;
}

const Problem& find_problem(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& problem : problems()) {
    if (problem.name == name) return problem;
    names.emplace_back(problem.name);
  }
  throw InputError(unknown_name("problem", name, names));
}

ProblemSetup set_up_problem(const ProblemInput& input) {
  const Problem& problem = find_problem(input.spec.problem);
  for (const auto& entry : input.spec.boundary) {
    COTAN_REQUIRE(problem.glues_sides || entry.partner.empty(),
                  entry.source.where() << ": " << problem.name << " takes no periodic sides");
  }
  ProblemSetup setup = problem.make(input);
  take_method(input.spec, setup);
  return setup;
}

}  // namespace cotan

#include <vector>

#include "core/check.h"
#include "physics/advection_diffusion.h"
#include "physics/problem.h"

namespace cotan {
namespace {

std::vector<Problem> make_table() {
  return {
      {"advection_diffusion",
       "a scalar u carried by a velocity, diffused, produced and consumed: linear elements with SUPG, Crank-Nicolson",
       advection_diffusion_fields,
       {{"diffusivity", "[m^2/s], unless options.diffusivity has a formula"}},
       "u: value | flux: diffusivity du/dn | robin_coefficient [m/s] with robin_ambient: "
       "diffusivity du/dn = coefficient (ambient - u) | nothing: no diffusive flux (outflow, insulated)",
       make_advection_diffusion},
  };
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

}  // namespace cotan

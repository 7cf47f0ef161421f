#include "integrators/methods.h"

#include "core/check.h"

namespace cotan {

std::string_view name_of(Family family) {
  switch (family) {
    case Family::explicit_stages:
      return "explicit";
    case Family::implicit:
      return "implicit";
    case Family::implicit_explicit:
      return "implicit-explicit";
    case Family::exponential:
      return "exponential";
    case Family::stochastic:
      return "stochastic";
    case Family::symplectic:
      return "symplectic";
  }
  return "";
}

std::span<const Method> methods() {
  static const std::vector<Method> all = [] {
    std::vector<Method> rows;
    for (const auto family : {runge_kutta_methods, collocation_methods, multistep_methods, implicit_explicit_methods,
                              exponential_methods, symplectic_methods, stochastic_methods}) {
      for (Method& row : family()) rows.push_back(std::move(row));
    }
    return rows;
  }();
  return all;
}

std::vector<std::string> integrator_names() {
  std::vector<std::string> names;
  for (const Method& method : methods()) names.emplace_back(method.name);
  return names;
}

std::shared_ptr<const Integrator> make_integrator(std::string_view name) {
  for (const Method& method : methods()) {
    if (method.name == name) return method.integrator;
  }
  throw InputError(unknown_name("integrator", name, integrator_names()));
}

}  // namespace cotan

#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "integrators/integrator.h"

namespace cotan {

/// What kind of method it is, which says what it needs of a rate.
enum class Family : std::uint8_t {
  explicit_stages,    ///< slopes alone
  implicit,           ///< slopes; goes faster with a part's jacobian or shifted inverse
  implicit_explicit,  ///< Rate::stiff
  exponential,        ///< Rate::linear
  symplectic,         ///< Rate::conjugate
  stochastic,         ///< Rate::noise and Rate::wiener
};
std::string_view name_of(Family family);

/// A row of the table of integrators.
struct Method {
  std::string_view name, about;
  std::string_view cite;  ///< key in docs/references.bib
  Family family;
  double order;  ///< of stochastic methods: strong
  /// The largest |h lambda| at which a step does not grow, infinite for none: on the negative real axis (of the stiff
  /// or linear part, where a method treats one apart), and for symplectic methods on the imaginary one (an oscillator's
  /// h omega).
  double stable_to;
  bool damps;  ///< L-stable
  std::shared_ptr<const Integrator> integrator;
};

/// One row a method; tests measure order and stability of each.
std::span<const Method> methods();

/// The rows of one family; methods.cpp joins them.
std::vector<Method> runge_kutta_methods();
std::vector<Method> collocation_methods();
std::vector<Method> multistep_methods();
std::vector<Method> implicit_explicit_methods();
std::vector<Method> exponential_methods();
std::vector<Method> symplectic_methods();
std::vector<Method> stochastic_methods();

}  // namespace cotan

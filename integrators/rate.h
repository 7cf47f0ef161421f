#pragma once
#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integrators/norm.h"

namespace cotan {

using Rhs = std::function<State(double t, const State& u)>;  ///< du/dt, the same entries as u
using StateMap = std::function<State(const State& v)>;       ///< linear

/// A rate, or a part of one, with what implicit methods go faster by.
struct RatePart {
  Rhs f;
  /// v -> J v, J = df/du at (t, u), made once for several v. Differences of f where empty.
  std::function<StateMap(double t, const State& u)> jacobian = {};
  /// b -> x with (I - gamma J) x = b, exactly or roughly: what the Krylov method is preconditioned with.
  std::function<StateMap(double t, const State& u, double gamma)> shifted_inverse = {};
};

/// What symplectic methods need: dq/dt depends on p and t alone, dp/dt + damping p on q and t alone. Forces that depend
/// on time belong to dp/dt.
struct Conjugate {
  std::vector<std::pair<std::string, std::string>> pairs;  ///< entries q and p; together all floating entries
  std::map<std::string, at::Tensor> damping = {};  ///< by p: [1/s], broadcast over it; integrated exactly, split off
  Rhs drift = {};  ///< dq/dt where that is cheaper than the whole: only these entries are read of what it gives
  Rhs kick = {};   ///< dp/dt without damping, likewise
};

/// The linear part of a rate, what exponential methods integrate exactly; integrators/exponential.h makes some.
struct LinearPart {
  StateMap apply;                                             ///< v -> L v
  std::function<State(int k, double h, const State& v)> phi;  ///< phi_k(h L) v for k = 0 … 3
};

/// du/dt of a system, and what it says of itself beside. Any callable is a Rate that says nothing.
struct Rate {
  Rate() = default;
  template <class F>
  requires(!std::same_as<F, Rate> && std::is_invocable_r_v<State, const F&, double, const State&>) Rate(F f)
      : whole{Rhs(std::move(f))} {}
  State operator()(double t, const State& u) const { return whole.f(t, u); }

  RatePart whole;
  std::optional<RatePart> stiff = {};       ///< the part that implicit-explicit methods treat implicitly
  Rhs mild = {};                            ///< the rest; whole less stiff where empty
  std::optional<LinearPart> linear = {};    ///< for exponential methods: L, where the whole is L u + the rest
  std::optional<Conjugate> conjugate = {};  ///< for symplectic methods
  Rhs noise = {};                           ///< for stochastic methods: g in du = f dt + g dW, number by number
  /// W(t + dt) - W(t) for the numbers of a state; WienerPath of integrators/stochastic.h is one.
  std::function<State(double t, double dt, const State& like)> wiener = {};
  Norm norm = {};  ///< of this system's states: scales, owned rows, ranks
};

/// The same rate with each function that gives slopes wrapped: to count evaluations, to impose values on entry.
Rate wrapped(Rate rate, const std::function<Rhs(Rhs)>& wrap);
/// Every evaluation of any part adds 1.
Rate counted(Rate rate, std::shared_ptr<std::int64_t> evaluations);

}  // namespace cotan

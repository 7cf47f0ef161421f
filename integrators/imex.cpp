#include <span>

#include "core/check.h"
#include "integrators/implicit.h"
#include "integrators/methods.h"

namespace cotan {
namespace {

// A pair of one explicit and one diagonally implicit method over the same times, both of which end with their last
// stage; the first stage is explicit.
struct Pair {
  int stages;
  std::span<const double> a_explicit;  // strictly lower triangle by rows
  std::span<const double> a_implicit;  // the same
  double gamma;                        // on the implicit diagonal, but for the first stage
  std::span<const double> c;
};

constexpr double kGamma = 0.29289321881345254;  // 1 - 1 / sqrt 2
constexpr double kDelta = 1 - 1 / (2 * kGamma);
constexpr double k222Explicit[] = {kGamma, kDelta, 1 - kDelta};
constexpr double k222Implicit[] = {0, 0, 1 - kGamma};
constexpr double k222C[] = {0, kGamma, 1};
constexpr Pair k222{3, k222Explicit, k222Implicit, kGamma, k222C};

// clang-format off
constexpr double k443Explicit[] = {
    1. / 2,
    11. / 18, 1. / 18,
    5. / 6,   -5. / 6, 1. / 2,
    1. / 4,   7. / 4,  3. / 4, -7. / 4};
constexpr double k443Implicit[] = {
    0,
    0,        1. / 6,
    0,        -1. / 2, 1. / 2,
    0,        3. / 2,  -3. / 2, 1. / 2};
// clang-format on
constexpr double k443C[] = {0, 1. / 2, 2. / 3, 1. / 2, 1};
constexpr Pair k443{5, k443Explicit, k443Implicit, 0.5, k443C};

class ImplicitExplicit final : public Integrator {
 public:
  ImplicitExplicit(int order, const Pair& pair) : order_(order), pair_(pair) {}
  int order() const override { return order_; }

  Step step(const Rate& f, double t, double dt, const State& u, const Known&) const override {
    COTAN_REQUIRE(f.stiff,
                  "an implicit-explicit method needs the stiff part of the rate apart, and this system does "
                  "not say it");
    const auto mild = [&](double time, const State& v) {
      return f.mild ? f.mild(time, v) : axpy(f(time, v), -1, f.stiff->f(time, v));
    };
    std::vector<State> slopes = {mild(t, u)};
    std::vector<std::size_t> from = {0};  // of each slope: its stage, implicit ones after all explicit ones
    State z = u;
    for (int i = 1, row = 0; i < pair_.stages; row += i, ++i) {
      const double time = t + pair_.c[i] * dt, gamma = dt * pair_.gamma;
      std::vector<double> factors;
      for (const std::size_t s : from) {
        const std::size_t stages = pair_.stages;
        factors.push_back(dt * (s < stages ? pair_.a_explicit[row + s] : pair_.a_implicit[row + s - stages]));
      }
      const State base = combine(u, factors, slopes);
      z = solve_stage(*f.stiff, time, base, gamma, z, f.norm);
      if (i + 1 == pair_.stages) break;
      slopes.push_back(scaled(axpy(z, -1, base), 1 / gamma));
      from.push_back(pair_.stages + i);
      slopes.push_back(mild(time, z));
      from.push_back(i);
    }
    return {z};
  }

 private:
  int order_;
  const Pair& pair_;
};

}  // namespace

std::vector<Method> implicit_explicit_methods() {
  constexpr Family family = Family::implicit_explicit;
  constexpr double kAlways = std::numeric_limits<double>::infinity();
  return {{"ars222", "Ascher, Ruuth and Spiteri's implicit-explicit pair (2,2,2)", "ascher1997", family, 2, kAlways,
           true, std::make_shared<ImplicitExplicit>(2, k222)},
          {"ars443", "Ascher, Ruuth and Spiteri's implicit-explicit pair (4,4,3)", "ascher1997", family, 3, kAlways,
           true, std::make_shared<ImplicitExplicit>(3, k443)}};
}

}  // namespace cotan

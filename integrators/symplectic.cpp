#include <ATen/ATen.h>

#include <cmath>

#include "core/check.h"
#include "integrators/methods.h"

namespace cotan {
namespace {

// Flows of the parts of a rate of conjugate entries, each exact: drift of q, kick of p, damping of p.
class Splitting {
 public:
  Splitting(const Rate& f, double t, const State& u, const Known& known) : rate_(f), t_(t), u_(u) {
    COTAN_REQUIRE(f.conjugate && !f.conjugate->pairs.empty(),
                  "a symplectic method needs to know which entries are conjugate (positions and momenta), and this "
                  "system does not say");
    std::size_t floating = 0;
    for (const auto& entry : u.entries()) floating += entry.value.is_floating_point();
    COTAN_REQUIRE(floating == 2 * pairs().size(), "a symplectic method over a state of "
                                                      << floating << " entries, of which " << 2 * pairs().size()
                                                      << " are named as conjugate");
    if (known.slope) force_ = without_damping(*known.slope);
  }

  void drift(double length) {
    const Conjugate& parts = *rate_.conjugate;
    const State slope = parts.drift ? parts.drift(t_, u_) : rate_(t_, u_);
    for (const auto& [q, p] : pairs()) u_ = u_.with(q, u_[q] + length * slope[q]);
    t_ += length;
    force_.reset();
  }

  void kick(double length) {
    if (!force_) force_ = force();
    for (const auto& [q, p] : pairs()) u_ = u_.with(p, u_[p] + length * (*force_)[p]);
  }

  void damp(double length) {
    for (const auto& [p, gamma] : rate_.conjugate->damping)
      u_ = u_.with(p, u_[p] * (gamma.to(u_[p].options()) * -length).exp());
  }

  bool damped() const { return !rate_.conjugate->damping.empty(); }
  const State& u() const { return u_; }

  /// The whole rate here, where the drift is cheap enough: the next step's first force.
  std::optional<State> slope() const {
    if (!rate_.conjugate->drift || !force_) return std::nullopt;
    const State moving = rate_.conjugate->drift(t_, u_);
    State out = *force_;
    for (const auto& [q, p] : pairs()) out = out.with(q, moving[q]);
    for (const auto& [p, gamma] : rate_.conjugate->damping)
      out = out.with(p, out[p] - gamma.to(u_[p].options()) * u_[p]);
    return out;
  }

 private:
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return rate_.conjugate->pairs; }

  State force() const { return rate_.conjugate->kick ? rate_.conjugate->kick(t_, u_) : without_damping(rate_(t_, u_)); }
  State without_damping(State slope) const {
    for (const auto& [p, gamma] : rate_.conjugate->damping) {
      slope = slope.with(p, slope[p] + gamma.to(u_[p].options()) * u_[p]);
    }
    return slope;
  }

  const Rate& rate_;
  double t_;
  State u_;
  std::optional<State> force_;  // dp/dt without damping, at this q and t
};

// Kick, then drift.
class SymplecticEuler final : public Integrator {
 public:
  int order() const override { return 1; }
  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    Splitting parts(f, t, u, known);
    parts.damp(dt);
    parts.kick(dt);
    parts.drift(dt);
    return {parts.u()};
  }
};

// Stormer and Verlet's step of each length in turn, as shares of the whole: symmetric, so the composition's order is
// even and its energy errs without drift. Damping is split off symmetrically too.
class Composition final : public Integrator {
 public:
  Composition(int order, std::vector<double> shares) : order_(order), shares_(std::move(shares)) {}
  int order() const override { return order_; }
  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    Splitting parts(f, t, u, known);
    for (const double share : shares_) {
      const double length = share * dt;
      parts.damp(length / 2);
      parts.kick(length / 2);
      parts.drift(length);
      parts.kick(length / 2);
      parts.damp(length / 2);
    }
    Step out{parts.u()};
    out.slope = parts.slope();
    return out;
  }

 private:
  int order_;
  std::vector<double> shares_;
};

std::shared_ptr<const Integrator> yoshida() {
  const double outer = 1 / (2 - std::cbrt(2.0));
  return std::make_shared<Composition>(4, std::vector{outer, 1 - 2 * outer, outer});
}

std::shared_ptr<const Integrator> suzuki() {
  const double outer = 1 / (4 - std::cbrt(4.0));
  return std::make_shared<Composition>(4, std::vector{outer, outer, 1 - 4 * outer, outer, outer});
}

}  // namespace

std::vector<Method> symplectic_methods() {
  constexpr Family family = Family::symplectic;
  return {
      {"symplectic_euler", "symplectic Euler: kick, then drift", "hairer2006", family, 1, 2, false,
       std::make_shared<SymplecticEuler>()},
      {"stormer_verlet", "Stormer and Verlet's method: half a kick, drift, half a kick", "verlet1967", family, 2, 2,
       false, std::make_shared<Composition>(2, std::vector<double>{1})},
      {"yoshida4", "Yoshida's composition of three steps of Stormer and Verlet", "yoshida1990", family, 4, 1.5734,
       false, yoshida()},
      {"suzuki4", "Suzuki's composition of five steps of Stormer and Verlet: a smaller error", "suzuki1990", family, 4,
       2.721, false, suzuki()},
  };
}

}  // namespace cotan

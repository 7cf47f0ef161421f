#include "integrators/stochastic.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/check.h"
#include "core/random.h"
#include "integrators/methods.h"

namespace cotan {
namespace {

constexpr int kDeepest = 40;

// du = f dt + g dW, each number with its own noise.
class Stochastic : public Integrator {
 public:
  int order() const override { return 1; }

 protected:
  struct Noise {
    State amplitude, increment, drifted;  // g(t, u), W(t + dt) - W(t), u + dt f
  };
  static Noise noise(const Rate& f, double t, double dt, const State& u, const Known& known) {
    COTAN_REQUIRE(
        f.noise && f.wiener,
        "a stochastic method needs the noise of the rate and a Wiener path, and this system does not say them");
    return {f.noise(t, u), f.wiener(t, dt, u), axpy(u, dt, known.slope ? *known.slope : f(t, u))};
  }
  static State times(const State& a, const State& b) {
    State out = a;
    for (const auto& entry : a.entries()) {
      if (entry.value.is_floating_point()) out = out.with(entry.name, entry.value * b[entry.name]);
    }
    return out;
  }
};

class EulerMaruyama final : public Stochastic {
 public:
  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    const Noise n = noise(f, t, dt, u, known);
    return {axpy(n.drifted, 1, times(n.amplitude, n.increment))};
  }
};

// g dg/du by a difference over the root of the step, which keeps the order.
class Milstein final : public Stochastic {
 public:
  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    const Noise n = noise(f, t, dt, u, known);
    const double root = std::sqrt(dt);
    const State change = axpy(f.noise(t, axpy(n.drifted, root, n.amplitude)), -1, n.amplitude);
    State excess = n.increment;  // dW^2 - dt
    for (const auto& entry : n.increment.entries()) {
      if (entry.value.is_floating_point()) excess = excess.with(entry.name, entry.value.square() - dt);
    }
    const State plain = axpy(n.drifted, 1, times(n.amplitude, n.increment));
    return {axpy(plain, 0.5 / root, times(change, excess))};
  }
};

}  // namespace

WienerPath::WienerPath(std::uint64_t seed, std::uint64_t path, double start, double length)
    : seed_(seed), path_(path), start_(start), length_(length) {
  COTAN_REQUIRE(length > 0 && std::isfinite(start + length),
                "a Wiener path from " << start << " s over " << length << " s: expected a length above 0");
}

State WienerPath::operator()(double t, double dt, const State& like) const {
  State out = like;
  std::uint64_t number = 0;
  for (const auto& entry : like.entries()) {
    if (!entry.value.is_floating_point()) continue;
    const std::int64_t n = entry.value.numel();
    const at::Tensor change = value(t + dt, number, n) - value(t, number, n);
    out = out.with(entry.name, change.reshape(entry.value.sizes()).to(entry.value.options()));
    ++number;
  }
  return out;
}

at::Tensor WienerPath::normal(std::uint64_t node, std::uint64_t entry, std::int64_t numbers) const {
  const Random random(seed_, purpose::wiener, node, path_ << 16 | entry);
  at::Tensor out = at::empty({numbers}, at::kDouble);
  auto* x = out.data_ptr<double>();
  for (std::int64_t i = 0; i < numbers; ++i) x[i] = random.normal(static_cast<std::uint64_t>(i));
  return out;
}

// From the whole interval down to the half that holds t, with the values at both ends of each.
at::Tensor WienerPath::value(double t, std::uint64_t entry, std::int64_t numbers) const {
  const double near = 1e-12 * length_;
  COTAN_REQUIRE(t >= start_ - near && t <= start_ + length_ + near,
                "a Wiener path at " << t << " s: it goes from " << start_ << " to " << start_ + length_ << " s");
  double a = start_, b = start_ + length_;
  at::Tensor at_a = at::zeros({numbers}, at::kDouble), at_b = std::sqrt(length_) * normal(0, entry, numbers);
  std::uint64_t node = 1;
  for (int depth = 0; depth < kDeepest; ++depth) {
    if (std::abs(t - a) <= near) return at_a;
    if (std::abs(t - b) <= near) return at_b;
    const double middle = a + (b - a) / 2;
    const at::Tensor at_middle = (at_a + at_b) / 2 + std::sqrt(b - a) / 2 * normal(node, entry, numbers);
    const bool left = t < middle;
    (left ? b : a) = middle;
    (left ? at_b : at_a) = at_middle;
    node = 2 * node + (left ? 0 : 1);
  }
  return at_a + (at_b - at_a) * ((t - a) / (b - a));
}

std::vector<Method> stochastic_methods() {
  constexpr Family family = Family::stochastic;
  return {{"euler_maruyama", "Euler and Maruyama's method", "maruyama1955", family, 0.5, 2, false,
           std::make_shared<EulerMaruyama>()},
          {"milstein", "Milstein's method for noise of each number by itself, without derivatives", "kloeden1992",
           family, 1, 2, false, std::make_shared<Milstein>()}};
}

}  // namespace cotan

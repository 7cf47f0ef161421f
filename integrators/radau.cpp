#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "integrators/implicit_gradient.h"
#include "integrators/linearisation.h"
#include "integrators/methods.h"

namespace cotan {
namespace {

constexpr double kRoot6 = 2.449489742783178, kCubeRoot3 = 1.4422495703074083, kCubeRoot9 = 2.080083823051904;
constexpr int kStages = 3, kMost = 7;  // iterations: more of them take longer than a shorter step

constexpr double kC[] = {(4 - kRoot6) / 10, (4 + kRoot6) / 10, 1};
// clang-format off
constexpr double kA[] = {
    (88 - 7 * kRoot6) / 360,     (296 - 169 * kRoot6) / 1800, (-2 + 3 * kRoot6) / 225,
    (296 + 169 * kRoot6) / 1800, (88 + 7 * kRoot6) / 360,     (-2 - 3 * kRoot6) / 225,
    (16 - kRoot6) / 36,          (16 + kRoot6) / 36,          1. / 9};
// A^-1 = T diag(mu, [alpha -beta; beta alpha]) T^-1; \cite hairer1996, IV.8
constexpr double kMu = 3 + kCubeRoot9 - kCubeRoot3, kAlpha = 3 + (kCubeRoot3 - kCubeRoot9) / 2;
constexpr double kBeta = -3.0504301992474105;  // -(3^(5/6) + 3^(7/6)) / 2
constexpr double kT[] = {
    0.09443876248897524, -0.14125529502095421, 0.03002919410514742,
    0.25021312296533332, 0.20412935229379994,  -0.38294211275726192,
    1,                   1,                    0};
constexpr double kTInverse[] = {
    4.17871859155190428,  0.32768282076106237,  0.52337644549944951,
    -4.17871859155190428, -0.32768282076106237, 0.47662355450055044,
    0.50287263494578682,  -2.57192694985560522, 0.59603920482822492};
// Of the values at the stages less that at the start: powers of theta, and the derivative at the end.
constexpr double kDense[] = {
    13. / 3 + 7 * kRoot6 / 3, -23. / 3 - 22 * kRoot6 / 3, 10. / 3 + 5 * kRoot6,
    13. / 3 - 7 * kRoot6 / 3, -23. / 3 + 22 * kRoot6 / 3, 10. / 3 - 5 * kRoot6,
    1. / 3,                   -8. / 3,                    10. / 3};
// clang-format on
constexpr double kError[] = {(-13 - 7 * kRoot6) / 3, (-13 + 7 * kRoot6) / 3, -1. / 3};

// The weights of the values at the stages, less that at the start, in the collocation polynomial.
std::vector<double> weights_at(double theta) {
  std::vector<double> out;
  for (int i = 0; i < kStages; ++i) {
    const double* p = kDense + kStages * i;
    out.push_back(theta * (p[0] + theta * (p[1] + theta * p[2])));
  }
  return out;
}

// (3, 3) by rows
at::Tensor matrix(const double* rows, const at::Tensor& like) {
  return at::tensor(std::vector<double>(rows, rows + kStages * kStages), at::kDouble)
      .view({kStages, kStages})
      .to(like.options());
}

// The Jacobian, and the collocation polynomial of the last step that was solved.
struct RadauMemory final : Memory {
  KeptJacobian jacobian;
  double t = 0, length = 0;  // of that step
  at::Tensor start, change;  // (n), and (3, n): the stages less the start
};

// The stages of one step, packed: w of z = u + T w by simplified Newton iterations.
class Collocation {
 public:
  Collocation(const Rate& f, double t, double dt, const State& u, const Known& known, RadauMemory& memory)
      : part_(f.whole),
        t_(t),
        dt_(dt),
        u_(detached(u)),
        known_(known),
        memory_(memory),
        packing_(u_, f.norm),
        start_(packing_.pack(u_)),
        accuracy_(accuracy_of(packing_, start_, known.allowed, 0)),
        all_{repeated({accuracy_.product.weight / kStages, accuracy_.product.comm}, kStages)} {}

  // (3, n) the stages less the start
  at::Tensor solve() {
    const auto iterations = [&](Linearisation& jacobian, Convergence& judge) { return iterate(jacobian, judge); };
    const at::Tensor z = memory_.jacobian.solve(part_, t_, u_, packing_, accuracy_.product, iterations,
                                                Convergence(accuracy_.tolerance, known_.allowed ? kMost : 3 * kMost));
    if (!z.defined()) fail_step(t_, u_, packing_.unpack(last_), "does not converge");
    return z;
  }

  void remember(const at::Tensor& z) {
    memory_.t = t_;
    memory_.length = dt_;
    memory_.start = start_;
    memory_.change = z;
  }

  std::vector<State> states(const at::Tensor& z) const {
    std::vector<State> out;
    for (int i = 0; i < kStages; ++i) out.push_back(packing_.unpack(start_ + z[i]));
    return out;
  }

  // Of third order, with the stiff part filtered out; made again with what it says where it is above the tolerance.
  State error(const at::Tensor& z) const {
    const at::Tensor slope = known_.slope ? packing_.pack(detached(*known_.slope)) : rate(0, start_);
    const at::Tensor rest =
        at::mv(z.t(), at::tensor(std::vector<double>(kError, kError + kStages), at::kDouble).to(z.options()));
    const double gamma = dt_ / kMu;
    at::Tensor error = (*memory_.jacobian).solve(gamma, gamma * slope + rest / kMu);
    if (accuracy_.product.norm(error) > 1 && restarts_) {
      error = (*memory_.jacobian).solve(gamma, gamma * rate(0, start_ + error) + rest / kMu);
    }
    return packing_.unpack(error);
  }

 private:
  at::Tensor rate(double c, const at::Tensor& at) const {
    return packing_.pack(part_.f(t_ + c * dt_, packing_.unpack(at)));
  }

  // The stages less the start; the last polynomial goes on, or is cut where this is a shorter step from the same start.
  at::Tensor guess() const {
    if (!memory_.change.defined() || !memory_.change[0].is_same_size(start_))
      return at::zeros({kStages, start_.size(0)}, start_.options());
    std::vector<double> rows;
    for (const double c : kC) {
      const std::vector<double> w = weights_at((t_ + c * dt_ - memory_.t) / memory_.length);
      rows.insert(rows.end(), w.begin(), w.end());
    }
    return at::mm(matrix(rows.data(), start_), memory_.change) + (memory_.start - start_);
  }

  // Undefined where it does not converge.
  at::Tensor iterate(Linearisation& jacobian, Convergence& convergence) {
    const at::Tensor t = matrix(kT, start_), inverse = matrix(kTInverse, start_);
    at::Tensor z = guess(), w = at::mm(inverse, z);
    while (true) {
      const at::Tensor change = correction(jacobian, inverse, z, w);
      last_ = change.abs().sum(0);
      const Convergence::Verdict verdict = convergence.judge(all_.norm(change.reshape({-1})));
      if (verdict == Convergence::Verdict::hopeless) return {};
      w = w + change;
      z = at::mm(t, w);
      if (verdict == Convergence::Verdict::done) return z;
    }
  }

  at::Tensor correction(Linearisation& jacobian, const at::Tensor& inverse, const at::Tensor& z,
                        const at::Tensor& w) const {
    std::vector<at::Tensor> slopes;
    for (int i = 0; i < kStages; ++i) slopes.push_back(rate(kC[i], start_ + z[i]));
    const at::Tensor f = at::mm(inverse, at::stack(slopes));
    const std::complex<double> gamma = dt_ / std::complex<double>(kAlpha, kBeta);
    const double p = gamma.real(), q = gamma.imag();
    const at::Tensor real = jacobian.solve(dt_ / kMu, dt_ / kMu * f[0] - w[0]);
    const at::Tensor pair = jacobian.solve(gamma, at::stack({p * f[1] - q * f[2] - w[1], p * f[2] + q * f[1] - w[2]}));
    return at::cat({real.unsqueeze(0), pair});
  }

  const RatePart& part_;
  double t_, dt_;
  State u_;
  const Known& known_;
  RadauMemory& memory_;
  bool restarts_ = memory_.t == t_ || !memory_.change.defined();  // after a rejection, or at the very start
  Packing packing_;
  at::Tensor start_, last_;
  Accuracy accuracy_;
  InnerProduct all_;  // over the stages
};

// Radau IIA of order 5. \cite hairer1996
class Radau5 final : public Integrator {
 public:
  int order() const override { return 5; }
  bool estimates_error() const override { return true; }
  StepControl control() const override { return {4, true}; }

  Step step(const Rate& f, double t, double dt, const State& u, const Known& known) const override {
    RadauMemory own;
    RadauMemory& memory = known.memory ? memory_of<RadauMemory>(known) : own;
    std::vector<State> z;
    Step out;
    {
      const at::NoGradGuard none;
      Collocation stages(f, t, dt, u, known, memory);
      const at::Tensor found = stages.solve();
      if (known.allowed) out.error = stages.error(found);
      stages.remember(found);
      z = stages.states(found);
      out.safety = 0.9 * (2 * kMost + 1) / (2 * kMost + memory.jacobian.iterations());
      out.same_length = !memory.jacobian.stale();
    }
    if (at::GradMode::is_enabled()) {
      CoupledStages coupled;
      for (const double c : kC) coupled.t.push_back(t + c * dt);
      for (const double a : kA) coupled.a.push_back(dt * a);
      z = with_implicit_gradient(f.whole.f, coupled, u, z, f.norm);
    }
    out.u = z.back();
    for (State& stage : z) stage = axpy(stage, -1, u);
    out.slope = end_slope(dt, z);
    out.dense = [u, z = std::move(z)](double theta) { return combine(u, weights_at(theta), z); };
    return out;
  }

 private:
  // of the collocation polynomial: f there would amplify what the iterations left by the stiffness
  static State end_slope(double dt, const std::vector<State>& z) {
    std::vector<double> factors;
    for (int i = 0; i < kStages; ++i) {
      const double* p = kDense + kStages * i;
      factors.push_back((p[0] + 2 * p[1] + 3 * p[2]) / dt);
    }
    return combine(scaled(z[0], 0), factors, z);
  }
};

}  // namespace

std::vector<Method> collocation_methods() {
  return {{"radau5", "Radau IIA of three stages, with Hairer and Wanner's error estimate", "hairer1996",
           Family::implicit, 5, std::numeric_limits<double>::infinity(), true, std::make_shared<Radau5>()}};
}

}  // namespace cotan

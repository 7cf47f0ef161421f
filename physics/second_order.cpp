#include "physics/second_order.h"

#include <cmath>
#include <string>

#include "core/check.h"

namespace cotan {
namespace {

double form(const SparseMatrix& matrix, std::span<const double> x) {
  const auto product = multiply(matrix, x);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * product[i];
  return sum;
}

std::vector<double> sum(double a, std::span<const double> x, double b, std::span<const double> y) {
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a * x[i] + b * y[i];
  return out;
}

}  // namespace

GeneralisedAlpha::GeneralisedAlpha(SecondOrderSystem system, double radius)
    : system_(std::move(system)),
      alpha_m_((2 * radius - 1) / (radius + 1)),
      alpha_f_(radius / (radius + 1)),
      gamma_(0.5 - alpha_m_ + alpha_f_),
      beta_(0.25 * std::pow(1 - alpha_m_ + alpha_f_, 2)) {}

Motion GeneralisedAlpha::start(double t, std::vector<double> u, std::vector<double> velocity) const {
  system_.impose(t, u);
  auto right = system_.load(t);
  add_product(system_.damping, -1, velocity, right);
  add_product(system_.stiffness, -1, u, right);
  SparseMatrix mass = system_.mass;
  set_identity_rows(mass, system_.fixed);
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (system_.fixed[i]) right[i] = 0;
  }
  return {std::move(u), std::move(velocity), factorise(mass)(right)};
}

Motion GeneralisedAlpha::step(double t, double dt, const Motion& now) {
  const double of_mass = (1 - alpha_m_) / (beta_ * dt * dt), of_damping = (1 - alpha_f_) * gamma_ / (beta_ * dt),
               of_stiffness = 1 - alpha_f_;
  if (dt_ == 0 || std::abs(dt - dt_) > 1e-9 * dt_) {  // steps between times k dt differ in their last bits
    SparseMatrix matrix = combination(of_mass, system_.mass, of_damping, system_.damping);
    matrix = combination(1, matrix, of_stiffness, system_.stiffness);
    set_identity_rows(matrix, system_.fixed);
    try {
      solve_ = factorise(matrix);
    } catch (const NumericsError& error) {
      throw NumericsError("at t = " + std::to_string(t) + ": " + error.what());
    }
    dt_ = dt;
  }
  // Of the new acceleration and velocity what does not depend on the new u.
  const auto known_a = sum(-1 / (beta_ * dt), now.velocity, 1 - 0.5 / beta_, now.acceleration);
  const auto known_v = sum(1 - gamma_ / beta_, now.velocity, dt * (1 - 0.5 * gamma_ / beta_), now.acceleration);
  auto inertia = sum(of_mass, now.u, -(1 - alpha_m_), known_a), drag = sum(of_damping, now.u, -(1 - alpha_f_), known_v);
  inertia = sum(1, inertia, -alpha_m_, now.acceleration);
  drag = sum(1, drag, -alpha_f_, now.velocity);
  auto right = system_.load(t + (1 - alpha_f_) * dt);
  add_product(system_.mass, 1, inertia, right);
  add_product(system_.damping, 1, drag, right);
  add_product(system_.stiffness, -alpha_f_, now.u, right);
  system_.impose(t + dt, right);
  Motion next{solve_(right), {}, {}};
  const auto moved = sum(1, next.u, -1, now.u);
  next.acceleration = sum(1 / (beta_ * dt * dt), moved, 1, known_a);
  next.velocity = sum(gamma_ / (beta_ * dt), moved, 1, known_v);
  return next;
}

double GeneralisedAlpha::energy(const Motion& motion) const {
  return 0.5 * (form(system_.mass, motion.velocity) + form(system_.stiffness, motion.u));
}

}  // namespace cotan

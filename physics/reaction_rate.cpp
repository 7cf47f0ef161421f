// What integrators other than the pair of its own ask of a system of reactions and diffusion.
#include <cmath>

#include "physics/reaction_diffusion.h"

namespace cotan {

std::vector<std::vector<double>> ReactionDiffusion::slope(double t, const Values& u, bool stiff, bool rest,
                                                          double difference) {
  Values right(u.size(), std::vector<double>(unknowns_.size(), 0.0)), out = right;
  if (rest) {
    explicit_part(t, u, right);
    Values before = out;
    impose(t + difference, out);
    impose(t - difference, before);
    for (std::size_t i = 0; i < out.size(); ++i) {
      for (std::size_t k = 0; k < out[i].size(); ++k) out[i][k] = (out[i][k] - before[i][k]) / (2 * difference);
    }
  }
  for (std::size_t i = 0; i < u.size(); ++i) {
    if (!matrices_[i].of_mass) matrices_[i].of_mass = solver_of(i, matrices_[i].mass, &Matrices::of_mass);
    if (stiff) add_product(matrices_[i].stiffness, -1, u[i], right[i]);
  }
  solve(t, &Matrices::of_mass, right, out);
  return out;
}

std::vector<std::vector<double>> ReactionDiffusion::shifted_inverse(double t, double gamma, const Values& b) {
  Values right, out = b;
  for (std::size_t i = 0; i < b.size(); ++i) {
    Matrices& here = matrices_[i];
    if (!here.shifted || std::abs(gamma - gamma_) > 1e-9 * std::abs(gamma_)) {
      here.shifted = nullptr;
      here.shifted = solver_of(i, combination(1, here.mass, gamma, here.stiffness), &Matrices::shifted);
    }
    right.push_back(multiply(here.mass, b[i]));
  }
  gamma_ = gamma;
  solve(t, &Matrices::shifted, right, out);
  return out;
}

}  // namespace cotan

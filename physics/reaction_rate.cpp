// What integrators other than the pair of its own ask of a system of reactions and diffusion.
#include <algorithm>
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
    if (of_mass_.size() == i) add_solver(matrices_[i].mass, of_mass_);
    if (stiff) add_product(matrices_[i].stiffness, -1, u[i], right[i]);
  }
  solve(t, of_mass_, right, out);
  return out;
}

std::function<std::vector<std::vector<double>>(const std::vector<std::vector<double>>& b)>
ReactionDiffusion::shifted_inverse(double t, double gamma) {
  const auto known = std::find_if(shifted_.begin(), shifted_.end(), [gamma](const auto& entry) {
    return std::abs(entry.first - gamma) <= 1e-9 * std::abs(gamma);
  });
  if (known == shifted_.end()) {
    Solvers solvers;
    for (const Matrices& here : matrices_) add_solver(combination(1, here.mass, gamma, here.stiffness), solvers);
    if (shifted_.size() == 2) shifted_.erase(shifted_.begin());
    shifted_.emplace_back(gamma, std::move(solvers));
  } else {
    std::rotate(known, known + 1, shifted_.end());
  }
  return [this, t, solvers = shifted_.back().second](const Values& b) {
    Values right, out = b;
    for (std::size_t i = 0; i < b.size(); ++i) right.push_back(multiply(matrices_[i].mass, b[i]));
    solve(t, solvers, right, out);
    return out;
  };
}

}  // namespace cotan

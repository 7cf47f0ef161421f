#pragma once
#include <functional>
#include <span>
#include <vector>

#include "physics/direct.h"
#include "physics/sparse.h"

namespace cotan {

/// mass d2u/dt2 + damping du/dt + stiffness u = load(t), on one pattern.
struct SecondOrderSystem {
  SparseMatrix mass, damping, stiffness;
  std::vector<char> fixed;                                    ///< (rows): where u is given
  std::function<std::vector<double>(double t)> load;          ///< (rows)
  std::function<void(double t, std::span<double> u)> impose;  ///< sets what is given
};

/// u with its first two derivatives.
struct Motion {
  std::vector<double> u, velocity, acceleration;
};

/// Chung and Hulbert's generalised alpha method, of second order and stable for any step; \cite chung1993. With a
/// spectral radius of 1 at infinity it is the midpoint rule, which keeps the energy of a system without damping and
/// loads; below 1 it damps what the step does not resolve. The factors are kept until dt changes.
class GeneralisedAlpha {
 public:
  explicit GeneralisedAlpha(SecondOrderSystem system, double radius = 1);
  /// With the acceleration that the equations give. \throw NumericsError for a singular mass
  Motion start(double t, std::vector<double> u, std::vector<double> velocity) const;
  Motion step(double t, double dt, const Motion& now);  ///< \throw NumericsError naming the time
  /// Half of velocity mass velocity + u stiffness u.
  double energy(const Motion& motion) const;

 private:
  SecondOrderSystem system_;
  double alpha_m_, alpha_f_, gamma_, beta_;
  Solve solve_;
  double dt_ = 0;
};

}  // namespace cotan

#pragma once
#include <memory>
#include <span>
#include <vector>

#include "physics/direct.h"
#include "physics/problem.h"

namespace cotan {

/// Steps du/dt = -a lap u - b lap^2 u - c/2 |grad u|^2 by linear elements in mixed form, w = -lap u, so that no second
/// derivatives are needed (\cite ciarlet1974), and Ascher, Ruuth and Spiteri's pair (2,2,2) in time (\cite ascher1997),
/// of second order, with the slope's square explicit. Sides that are not periodic are mirrors: du/dn = dw/dn = 0.
class KuramotoSivashinsky {
 public:
  struct Coefficients {
    double growth = 1, damping = 1, steepening = 1;  ///< a, b, c
  };
  KuramotoSivashinsky(const Mesh& mesh, Coefficients coefficients, std::span<const PeriodicPair> periodic);

  const Unknowns& unknowns() const { return unknowns_; }
  /// u (unknowns) at t + dt. \throw NumericsError
  std::vector<double> step(double dt, std::span<const double> u);

 private:
  // Shape functions of a cell at one quadrature point.
  struct Place {
    std::int64_t first;  // of nodes_, values_, and dim times of gradients_
    int nodes;
    double weight;
  };
  void keep_shapes(const Mesh& mesh);
  std::vector<double> slopes(std::span<const double> u) const;  // minus c/2 |grad u|^2 on the test functions
  void update_factors(double dt);

  int dim_;
  Coefficients coefficients_;
  Unknowns unknowns_;
  SparseMatrix mass_, stiffness_;
  std::vector<Place> places_;
  std::vector<Index> nodes_;
  std::vector<double> values_, gradients_;
  Solve solve_;  // of u and w together
  double dt_ = 0;
};

/// The row of the table of problems.
Problem kuramoto_sivashinsky_problem();

}  // namespace cotan

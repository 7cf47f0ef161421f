#pragma once
#include <memory>
#include <span>
#include <vector>

#include "mesh/case.h"
#include "physics/direct.h"
#include "physics/problem.h"
#include "physics/transport.h"

namespace cotan {

/// Steps a scalar by the one-stage theta method, coefficients and data taken at t + theta dt (theta = 1/2: the midpoint
/// form of Crank and Nicolson's method, second order; 1: backward Euler); \cite crank1947. The factorised matrix is
/// kept until dt or a coefficient of it changes. Not for several threads at once.
class AdvectionDiffusion {
 public:
  /// \param fixed prescribed values: one component, each point at most once
  /// \param periodic sides that are glued
  AdvectionDiffusion(std::shared_ptr<const Mesh> mesh, Transport transport, std::vector<Prescription> fixed,
                     std::map<std::string, double> parameters, double theta = 0.5,
                     std::span<const PeriodicPair> periodic = {});

  /// u(t + dt). \param u (points) at t \throw NumericsError naming the time where the matrix is singular
  std::vector<double> step(double t, double dt, std::span<const double> u);
  /// Sets the prescribed values of time t, and glued points to the value of the lowest of them.
  void impose(double t, std::span<double> u) const;
  int factorisations() const { return factorisations_; }  ///< how often a matrix was factorised so far

 private:
  void update_matrices(double t, double dt);
  void impose_unknowns(double t, std::span<double> u) const;

  std::shared_ptr<const Mesh> mesh_;
  Transport transport_;
  std::vector<Prescription> fixed_;
  std::map<std::string, double> parameters_;
  double theta_;
  Unknowns unknowns_;
  SparseMatrix pattern_;        // of the points
  std::vector<char> is_fixed_;  // (unknowns)
  TransportMatrices matrices_;  // of the unknowns
  std::vector<double> load_;    // (unknowns)
  SparseMatrix explicit_;       // mass / dt - (1 - theta) stiffness
  Solve solve_;                 // of mass / dt + theta stiffness, with identity rows at prescribed ones
  double dt_ = 0;               // what explicit_ and solve_ are for; 0: nothing yet
  int factorisations_ = 0;
};

/// The equation of a case: its options, parameters and sides. `notes` gets the defaults that were taken.
/// \throw InputError naming line and key
Transport read_transport(const ProblemInput& input, const Boundary& boundary, std::vector<std::string>& notes);

std::vector<FieldSpec> advection_diffusion_fields(int dim);
/// The row of the table of problems. \throw InputError
ProblemSetup make_advection_diffusion(const ProblemInput& input);

}  // namespace cotan

#pragma once
#include <memory>
#include <span>

#include "physics/sparse.h"

namespace cotan {

/// Solves A x = b for one symmetric positive definite matrix and many right sides that follow each other in time: by
/// conjugate gradients with diagonal scaling while these take few iterations, as they do for a mass matrix with a
/// little diffusion (\cite wathen1987), from the first that does not on by factors. Not for several threads at once.
class SpdSolver {
 public:
  /// \param fixed (rows): where not 0, x keeps the value that it comes with
  SpdSolver(SparseMatrix matrix, std::span<const char> fixed);
  ~SpdSolver();
  SpdSolver(SpdSolver&&) noexcept;
  SpdSolver& operator=(SpdSolver&&) noexcept;
  /// \param x comes with a guess, leaves with the solution: |b - A x| is at most 1e-11 |b|
  /// \throw NumericsError for a singular matrix
  void solve(std::span<const double> b, std::span<double> x);
  int iterations() const;              ///< of all solutions so far
  bool has_factors() const;            ///< whether the factors are in use
  const SparseMatrix& matrix() const;  ///< as it was given

  static constexpr int kMostIterations = 60;  ///< of one solution, beyond which the factors take over

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cotan

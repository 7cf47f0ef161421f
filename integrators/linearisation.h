#pragma once
#include <complex>
#include <functional>
#include <memory>

#include "integrators/accuracy.h"
#include "integrators/integrator.h"

namespace cotan {

/// Linear systems with I - gamma J, J the Jacobian of a part at one place, which serves as long as it does: over the
/// iterations of a step and over steps. A small state on one rank whose Jacobian is given is solved for by factors of
/// the matrix, kept per gamma; others by GMRES over products, preconditioned by the part's shifted inverse there.
/// Products are the part's own, or differences of f. Without gradients.
class Linearisation {
 public:
  /// \param u detached \param product what GMRES measures with. Collective.
  Linearisation(const RatePart& part, double t, const State& u, const Packing& packing, const InnerProduct& product);

  /// x (n) with (I - gamma J) x = b (n); not a number where GMRES comes to nothing. Collective.
  at::Tensor solve(double gamma, const at::Tensor& b);
  /// The same for a complex gamma and b, real over imaginary part (2, n).
  at::Tensor solve(std::complex<double> gamma, const at::Tensor& b);

  double t() const { return t_; }

 private:
  struct Factors {
    std::complex<double> gamma = 0;
    at::Tensor lu, pivots;    // of a small matrix
    StateMap preconditioner;  // else, where the part has one
  };
  const Factors& factors(Factors& kept, std::complex<double> gamma, bool real);
  at::Tensor multiply(const at::Tensor& v) const;  // J v
  at::Tensor krylov(const VectorMap& a, const at::Tensor& b, const VectorMap& preconditioner,
                    const InnerProduct& product) const;
  void make_matrix();

  RatePart part_;
  double t_;
  State u_;
  Packing packing_;
  InnerProduct product_;
  at::Tensor packed_, slope_;  // slope_: where products are differences
  StateMap jacobian_;
  double size_ = 0;
  at::Tensor matrix_;  // (n, n) J, where small
  Factors real_, complex_;
};

/// A Linearisation kept over the stages and steps of one integration, made where a step begins.
class KeptJacobian final : public Memory {
 public:
  /// What `iterate` gives with the one there is, at most an older step's, or else with that at (t, u); undefined where
  /// it does not converge with that either. Collective.
  at::Tensor solve(const RatePart& part, double t, const State& u, const Packing& packing, const InnerProduct& product,
                   const std::function<at::Tensor(Linearisation&, Convergence&)>& iterate, Convergence convergence);
  /// x with (I - gamma J) x = b, by the one there is. Collective.
  State solve(double gamma, const State& b, const Norm& norm);
  /// Whether the next step makes it anew.
  bool stale() const { return stale_; }
  int iterations() const { return iterations_; }  ///< of the last solution
  Linearisation& operator*() { return *kept_; }

 private:
  std::unique_ptr<Linearisation> kept_;
  bool stale_ = false;
  int iterations_ = 0;
  double left_ = INFINITY;
};

}  // namespace cotan

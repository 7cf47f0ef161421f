#pragma once
#include <cmath>

#include "integrators/krylov.h"
#include "integrators/packing.h"

namespace cotan {

/// How exactly the equations of an implicit step are solved: the root mean square over the numbers of a packed state,
/// each in units of what is allowed of it, and how much may be left.
struct Accuracy {
  InnerProduct product;
  double tolerance = 0;
};

/// \param u the packed state \param allowed by number: a small share of it is left; or null: `relative` of the size of
/// u Never below round-off. Collective.
Accuracy accuracy_of(const Packing& packing, const at::Tensor& u, const State* allowed, double relative);

/// The same over several such vectors, one after the other.
InnerProduct repeated(const InnerProduct& product, std::int64_t times);

/// Of its type.
double round_off(const at::Tensor& x);

/// Whether a simplified Newton iteration, which converges linearly, is done, by the sizes of its corrections.
class Convergence {
 public:
  /// \param tolerance of what is left after the last correction \param most corrections
  Convergence(double tolerance, int most) : tolerance_(tolerance), most_(most) {}

  /// What was left over the last correction, in an earlier iteration that resembles this: one correction may do then.
  void expect(double left) { expected_ = left; }
  double left() const { return expected_; }  ///< of this one

  enum class Verdict { go_on, done, hopeless };
  Verdict judge(double size);
  int iterations() const { return iterations_; }
  /// The last correction over the one before; 0 after one.
  double rate() const { return rate_; }

 private:
  double tolerance_;
  int most_;
  int iterations_ = 0;
  double before_ = 0, rate_ = 0, expected_ = INFINITY;
};

}  // namespace cotan

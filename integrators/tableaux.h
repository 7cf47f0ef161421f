#pragma once
#include <span>
#include <string_view>

namespace cotan {

/// A Runge-Kutta method that is explicit or diagonally implicit: coefficients and nothing else.
struct Tableau {
  std::string_view name;
  std::string_view about;
  std::string_view cite;  ///< key in docs/references.bib
  int order;
  int stages;
  std::span<const double> a;      ///< strictly lower triangle by rows: (stages (stages - 1) / 2)
  std::span<const double> b;      ///< (stages)
  std::span<const double> c;      ///< (stages)
  std::span<const double> b_low;  ///< embedded weights, or empty
  /// Weights between the ends, b_i(theta) = sum over k of dense[i][k] theta^(k + 1), by rows: (stages, degree); or
  /// empty. Of order dense_order.
  std::span<const double> dense = {};
  int dense_order = 0;
  /// (stages) the diagonal of an implicit method; empty: explicit. A stage with 0 there is explicit.
  std::span<const double> diagonal = {};
  /// The largest |h lambda| on the negative real axis at which a step does not grow; infinite for A-stable methods.
  double stable_to = 0;
  bool damps = false;         ///< A-stable, and what is infinitely stiff is gone after a step: L-stable
  bool to_round_off = false;  ///< its stages are solved to round-off, for invariants that it keeps exactly

  bool implicit() const { return !diagonal.empty(); }
  /// Whether the last stage is the state at the step's end.
  bool stiffly_accurate() const;
  /// Whether the last stage is the slope at the step's end, where the next one begins.
  bool first_same_as_last() const;
};

/// One row a method; tests measure the order of each.
std::span<const Tableau> tableaux();

}  // namespace cotan

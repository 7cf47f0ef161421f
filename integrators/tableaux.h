#pragma once
#include <span>
#include <string_view>

namespace cotan {

/// An explicit Runge-Kutta method: coefficients and nothing else.
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
  /// Whether the last stage is the slope at the step's end, where the next one begins.
  bool first_same_as_last() const;
};

/// One row a method; tests measure the order of each.
std::span<const Tableau> tableaux();

}  // namespace cotan

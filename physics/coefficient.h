#pragma once
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/expression.h"

namespace cotan {

/// A coefficient of an equation: a formula of the case in x, y, z, t and the parameters, with the parameters filled in.
class Coefficient {
 public:
  Coefficient(double constant = 0) : Coefficient(Expression(constant), {}, "constant") {}
  /// \param where file, line and key, for messages
  /// \param low values below it are refused
  Coefficient(Expression formula, const std::map<std::string, double>& parameters, std::string where,
              double low = -std::numeric_limits<double>::infinity());

  bool depends_on_time() const { return depends_on_time_; }
  bool is_constant() const { return formula_.is_constant(); }
  bool is_zero() const;
  /// Values at points. \param positions (n, dim) row-major [m] \param out resized to n
  /// \throw InputError naming formula, place and time where a value is not finite or below the least allowed one
  void at(std::span<const double> positions, int dim, double t, std::vector<double>& out) const;

 private:
  void check(double value, std::span<const double> variables) const;
  Expression formula_;
  std::vector<double> variables_;  // x, y, z, t, then the parameters
  std::string where_;
  double low_;
  bool depends_on_time_;
};

}  // namespace cotan

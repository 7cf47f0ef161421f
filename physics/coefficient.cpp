#include "physics/coefficient.h"

#include <cmath>

#include "core/check.h"

namespace cotan {

Coefficient::Coefficient(Expression formula, const std::map<std::string, double>& parameters, std::string where,
                         double low)
    : formula_(std::move(formula)),
      variables_(4, 0.0),
      where_(std::move(where)),
      low_(low),
      depends_on_time_(formula_.uses("t")) {
  for (const auto& [name, value] : parameters) variables_.push_back(value);
  if (formula_.variables().empty()) variables_.clear();
}

bool Coefficient::is_zero() const {
  return formula_.is_constant() && formula_(variables_) == 0;
}

void Coefficient::at(std::span<const double> positions, int dim, double t, std::vector<double>& out) const {
  const std::size_t n = positions.size() / dim;
  if (formula_.is_constant()) {
    const double value = formula_(variables_);
    check(value, variables_);
    out.assign(n, value);
    return;
  }
  out.resize(n);
  std::vector<double> variables = variables_;
  variables[3] = t;
  for (std::size_t i = 0; i < n; ++i) {
    for (int k = 0; k < dim; ++k) variables[k] = positions[i * dim + k];
    out[i] = formula_(variables);
    check(out[i], variables);
  }
}

void Coefficient::check(double value, std::span<const double> variables) const {
  if (std::isfinite(value) && value >= low_) return;
  std::ostringstream message;
  message << where_ << ": '" << formula_.text() << "' gives " << value;
  if (!variables.empty()) {
    message << " at (" << variables[0] << ", " << variables[1] << ", " << variables[2] << "), t = " << variables[3];
  }
  message << "; expected a finite number";
  if (std::isfinite(low_)) message << ", at least " << low_;
  throw InputError(message.str());
}

}  // namespace cotan

#include "physics/field_coefficient.h"

#include <cmath>
#include <sstream>

#include "core/check.h"

namespace cotan {

FieldCoefficient::FieldCoefficient(double constant) : FieldCoefficient(Expression(constant), {}, nullptr, "constant") {}

FieldCoefficient::FieldCoefficient(Expression formula, const std::map<std::string, double>& parameters,
                                   std::shared_ptr<const NodalFields> fields, std::string where, double low)
    : formula_(std::move(formula)),
      variables_(4, 0.0),
      fields_(std::move(fields)),
      where_(std::move(where)),
      low_(low) {
  std::map<std::string, double> all = parameters;
  if (fields_) {
    for (const auto& entry : *fields_) all[entry.first] = 0;
  }
  for (const auto& [name, value] : all) {
    if (fields_ && fields_->contains(name) && formula_.uses(name)) {
      inputs_.push_back({variables_.size(), &fields_->at(name)});
    }
    variables_.push_back(value);
  }
  if (formula_.variables().empty()) variables_.clear();
}

bool FieldCoefficient::is_zero() const {
  return formula_.is_constant() && formula_(variables_) == 0;
}

double FieldCoefficient::value(std::span<const double> x, std::vector<double>& variables) const {
  if (!variables.empty()) std::copy(x.begin(), x.end(), variables.begin());
  const double found = formula_(variables);
  if (std::isfinite(found) && found >= low_) return found;
  std::ostringstream message;
  message << where_ << ": '" << formula_.text() << "' gives " << found << " at (";
  for (std::size_t k = 0; k < x.size(); ++k) message << (k ? ", " : "") << x[k];
  message << "); expected a finite number";
  if (std::isfinite(low_)) message << ", at least " << low_;
  throw InputError(message.str());
}

void FieldCoefficient::in_cell(std::span<const Index> nodes, const CellValues& cell, std::vector<double>& out) const {
  out.resize(cell.num_points);
  std::vector<double> variables = variables_;
  if (formula_.is_constant()) {
    out.assign(cell.num_points, value(cell.x(0), variables));
    return;
  }
  for (int q = 0; q < cell.num_points; ++q) {
    for (const Input& input : inputs_) {
      double sum = 0;
      for (int a = 0; a < cell.num_nodes; ++a) sum += cell.value(q, a) * (*input.values)[nodes[a]];
      variables[input.variable] = sum;
    }
    out[q] = value(cell.x(q), variables);
  }
}

std::vector<double> FieldCoefficient::at_points(const Mesh& mesh) const {
  std::vector<double> out, variables = variables_;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    for (const Input& input : inputs_) variables[input.variable] = (*input.values)[p];
    out.push_back(value(mesh.point(p), variables));
  }
  return out;
}

}  // namespace cotan

#pragma once
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/expression.h"
#include "mesh/mesh.h"
#include "physics/element.h"

namespace cotan {

/// Values at the points of a mesh by name, linear within cells: random fields that formulas use.
using NodalFields = std::map<std::string, std::vector<double>>;

/// A coefficient of an equation: a formula in x, y, z, the parameters and nodal fields, all filled in.
class FieldCoefficient {
 public:
  FieldCoefficient(double constant = 0);
  /// \param formula in x, y, z, t, then the names of parameters and fields in the order of the alphabet
  /// \param fields (points) each; no name of a parameter \param where file, line and key, for messages
  /// \param low values below it are refused
  FieldCoefficient(Expression formula, const std::map<std::string, double>& parameters,
                   std::shared_ptr<const NodalFields> fields, std::string where,
                   double low = -std::numeric_limits<double>::infinity());

  bool is_constant() const { return formula_.is_constant(); }
  bool is_zero() const;
  /// Values at the quadrature points of a cell. \param out resized
  /// \throw InputError naming formula and place where a value is not finite or below the least allowed one
  void in_cell(std::span<const Index> nodes, const CellValues& cell, std::vector<double>& out) const;
  std::vector<double> at_points(const Mesh& mesh) const;  ///< (points) \throw InputError likewise

 private:
  struct Input {
    std::size_t variable;
    const std::vector<double>* values;
  };
  double value(std::span<const double> x, std::vector<double>& variables) const;

  Expression formula_;
  std::vector<double> variables_;  // x, y, z, t, parameters, fields
  std::shared_ptr<const NodalFields> fields_;
  std::vector<Input> inputs_;  // the fields that the formula uses
  std::string where_;
  double low_;
};

}  // namespace cotan

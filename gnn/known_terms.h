#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/expression.h"
#include "gnn/model.h"

namespace cotan {

/// Parts of a rate that are known beside diffusion, such as advection or reactions: a formula for each component of the
/// state, of its components and their first derivatives, inputs' components and the case's parameters. A component is
/// called by its field, with _x, _y, _z (in fields of more than three _0, _1, …) where that has several; its
/// derivatives end in _dx, _dy, _dz: so Burgers' advection in the plane is
///   -(velocity_x * velocity_x_dx + velocity_y * velocity_x_dy), -(velocity_x * velocity_y_dx + velocity_y *
///   velocity_y_dy)
/// Derivatives are least squares over mesh edges (`gradient`), exact on linear functions.
class KnownTerms {
 public:
  /// \param text formulas separated by commas, one a component of the state, or empty: nothing is known \param key
  /// where they stand \throw InputError for formulas that do not parse, and for another number of them
  KnownTerms(const std::string& text, const Config& key, const ModelShape& shape);
  bool empty() const { return formulas_.empty(); }
  std::vector<at::Tensor> prepare(const Graph& graph) const;  ///< what follows from the graph alone
  std::size_t num_prepared() const { return has_derivatives_ ? 2 : 0; }
  /// (N, C) in the state's units a second; ghost rows have no meaning. \param prepared of this graph
  at::Tensor operator()(std::span<const at::Tensor> prepared, const ModelInput& input) const;

 private:
  std::vector<Expression> formulas_;
  bool has_derivatives_ = false;
};

}  // namespace cotan

#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/expression.h"
#include "gnn/model.h"

namespace cotan {

/// Parts of a rate that are known beside diffusion, such as advection, reactions, or diffusion by a coefficient that
/// varies: a formula for each component of the state, of the components of state and inputs, their first and second
/// derivatives, the case's parameters, and of roles (is_wall is 1 at walls, else 0). A component is called by its
/// field, with _x, _y, _z (in fields of more than three _0, _1, …) where that has several; its derivatives end in _dx,
/// _dxy and so on, axes in this order: so Burgers' advection in the plane is
///   -(velocity_x * velocity_x_dx + velocity_y * velocity_x_dy), -(velocity_x * velocity_y_dx + velocity_y *
///   velocity_y_dy)
/// and diffusion by an input k(x): "k * (u_dxx + u_dyy) + k_dx * u_dx + k_dy * u_dy". Derivatives are those of
/// `derivative_weights` on the set "stencil", exact on quadratic functions.
class KnownTerms {
 public:
  /// \param text formulas separated by commas, one a component of the state, or empty: nothing is known \param key
  /// where they stand \throw InputError for formulas that do not parse, and for another number of them
  KnownTerms(const std::string& text, const Config& key, const ModelShape& shape);
  /// Edge sets that formulas in such a text read.
  static std::vector<std::string> edge_sets(const std::string& text);
  bool empty() const { return formulas_.empty(); }
  /// What follows from the graph alone. \throw InputError for derivatives on surfaces
  std::vector<at::Tensor> prepare(const Graph& graph) const;
  std::size_t num_prepared() const { return used_.size(); }
  /// (N, C) in the state's units a second; ghost rows have no meaning. \param prepared of this graph
  at::Tensor operator()(std::span<const at::Tensor> prepared, const ModelInput& input) const;

 private:
  std::vector<Expression> formulas_;
  std::vector<int> used_;  // columns of derivative_weights that formulas read, ascending
  int num_derivatives_ = 0;
};

}  // namespace cotan

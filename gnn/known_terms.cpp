#include "gnn/known_terms.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <regex>
#include <utility>

#include "core/check.h"
#include "gnn/formulas.h"
#include "integrators/tensor_expression.h"
#include "mesh/roles.h"
#include "mesh/stencil.h"
#include "mesh/weighted_differences.h"

namespace cotan {
namespace {

constexpr const char* kAxes[] = {"x", "y", "z"};

std::vector<std::string> component_names(const std::vector<FieldSpec>& fields) {
  std::vector<std::string> names;
  for (const auto& field : fields) {
    for (int c = 0; c < field.components; ++c) {
      const std::string number = field.components > 3 ? std::to_string(c) : kAxes[c];
      names.push_back(field.components == 1 ? field.name : field.name + "_" + number);
    }
  }
  return names;
}

// Ends of derivatives' names, in the order of the columns of `derivative_weights`.
std::vector<std::string> derivative_ends(int dim) {
  std::vector<std::string> ends;
  for (int a = 0; a < dim; ++a) ends.push_back(std::string("_d") + kAxes[a]);
  for (int a = 0; a < dim; ++a) {
    for (int b = a; b < dim; ++b) ends.push_back(std::string("_d") + kAxes[a] + kAxes[b]);
  }
  return ends;
}

}  // namespace

std::vector<std::string> KnownTerms::edge_sets(const std::string& text) {
  static const std::regex derivative("_d[xyz]{1,2}\\b");
  return std::regex_search(text, derivative) ? std::vector<std::string>{kStencil} : std::vector<std::string>{};
}

KnownTerms::KnownTerms(const std::string& text, const Config& key, const ModelShape& shape) {
  const auto texts = split_list(text);
  if (texts.empty()) return;
  const auto components = component_names(shape.state), inputs = component_names(shape.inputs);
  COTAN_REQUIRE(texts.size() == components.size(), key.where() << ": " << texts.size() << " formulas, expected "
                                                               << components.size() << ", one for each of "
                                                               << join(components, ", "));
  const auto ends = derivative_ends(shape.dim);
  num_derivatives_ = static_cast<int>(ends.size());
  std::vector<std::string> variables = components;
  variables.insert(variables.end(), inputs.begin(), inputs.end());
  const std::vector<std::string> differentiated = variables;
  for (const auto& end : ends) {
    for (const auto& name : differentiated) variables.push_back(name + end);
  }
  variables.insert(variables.end(), shape.parameters.begin(), shape.parameters.end());
  for (const auto role : kRoleNames) variables.push_back("is_" + std::string(role));
  for (const auto& name : variables) {
    COTAN_REQUIRE(std::count(variables.begin(), variables.end(), name) == 1,
                  key.where() << ": '" << name << "' is the name of two things: a field's component, a derivative, an "
                              << "input, a parameter or a role");
  }
  for (const auto& formula : texts) {
    try {
      formulas_.push_back(Expression::parse(formula, variables));
    } catch (const InputError& e) {
      throw InputError(key.where() + ": " + e.what());
    }
  }
  const auto is_used = [&](const std::string& name) {
    return std::any_of(formulas_.begin(), formulas_.end(), [&](const Expression& f) { return f.uses(name); });
  };
  for (int d = 0; d < num_derivatives_; ++d) {
    if (std::any_of(differentiated.begin(), differentiated.end(), [&](const auto& x) { return is_used(x + ends[d]); }))
      used_.push_back(d);
  }
}

std::vector<at::Tensor> KnownTerms::prepare(const Graph& graph) const {
  if (used_.empty()) return {};
  const at::Tensor all = derivative_weights(graph.edges(kStencil), graph.cell_dim, fitted_kernel());
  std::vector<at::Tensor> prepared;
  for (const int d : used_) prepared.push_back(all.select(1, d).contiguous().to(graph.position.scalar_type()));
  return prepared;
}

at::Tensor KnownTerms::operator()(std::span<const at::Tensor> prepared, const ModelInput& input) const {
  const at::Tensor u = input.inputs.defined() ? at::cat({input.state, input.inputs}, 1) : input.state;
  const at::Tensor none = at::zeros({}, u.options());  // of what is not used
  std::vector<at::Tensor> variables = at::unbind(u, 1);
  std::size_t next = 0;
  for (int d = 0; d < num_derivatives_; ++d) {
    const bool is_used = next < used_.size() && used_[next] == d;
    const at::Tensor slopes = is_used ? weighted_differences(input.graph.edges(kStencil), prepared[next], u) : none;
    next += is_used;
    for (std::int64_t c = 0; c < u.size(1); ++c) variables.push_back(is_used ? slopes.select(1, c) : none);
  }
  if (input.parameters.defined()) {
    const at::Tensor of_nodes = input.parameters.index_select(0, input.graph.graph_of_node).to(u.scalar_type());
    for (const auto& column : at::unbind(of_nodes, 1)) variables.push_back(column);
  }
  for (int role = 0; role < kNumRoles; ++role) variables.push_back((input.graph.role == role).to(u.scalar_type()));
  std::vector<at::Tensor> rates;
  for (const auto& formula : formulas_) rates.push_back(evaluate(formula, variables).expand({u.size(0)}));
  return at::stack(rates, 1);
}

}  // namespace cotan

#include "gnn/known_terms.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "gnn/formulas.h"
#include "integrators/tensor_expression.h"
#include "mesh/operators.h"

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

}  // namespace

KnownTerms::KnownTerms(const std::string& text, const Config& key, const ModelShape& shape) {
  const auto texts = split_list(text);
  if (texts.empty()) return;
  const auto components = component_names(shape.state), inputs = component_names(shape.inputs);
  COTAN_REQUIRE(texts.size() == components.size(), key.where() << ": " << texts.size() << " formulas, expected "
                                                               << components.size() << ", one for each of "
                                                               << join(components, ", "));
  std::vector<std::string> variables = components, derivatives;
  for (const auto& name : components) {
    for (int d = 0; d < shape.dim; ++d) derivatives.push_back(name + "_d" + kAxes[d]);
  }
  for (const std::vector<std::string>* more : {&std::as_const(derivatives), &inputs, &shape.parameters})
    variables.insert(variables.end(), more->begin(), more->end());
  for (const auto& name : variables) {
    COTAN_REQUIRE(std::count(variables.begin(), variables.end(), name) == 1,
                  key.where() << ": '" << name << "' is the name of two things: a field's component, a derivative, an "
                              << "input or a parameter");
  }
  for (const auto& formula : texts) {
    try {
      formulas_.push_back(Expression::parse(formula, variables));
    } catch (const InputError& e) {
      throw InputError(key.where() + ": " + e.what());
    }
    for (const auto& name : derivatives) has_derivatives_ = has_derivatives_ || formulas_.back().uses(name);
  }
}

std::vector<at::Tensor> KnownTerms::prepare(const Graph& graph) const {
  if (!has_derivatives_) return {};
  const LeastSquares fit = least_squares(graph);
  return {fit.weighted, fit.inverse};
}

at::Tensor KnownTerms::operator()(std::span<const at::Tensor> prepared, const ModelInput& input) const {
  const at::Tensor& u = input.state;
  const std::int64_t components = u.size(1), dim = input.graph.dim();
  std::vector<at::Tensor> variables = at::unbind(u, 1);
  if (has_derivatives_) {
    const at::Tensor slopes = gradient(LeastSquares{prepared[0], prepared[1]}, input.graph, u);
    for (const auto& column : at::unbind(slopes.reshape({-1, components * dim}), 1)) variables.push_back(column);
  } else {  // not used, not computed
    variables.insert(variables.end(), components * dim, at::zeros({}, u.options()));
  }
  if (input.inputs.defined()) {
    for (const auto& column : at::unbind(input.inputs, 1)) variables.push_back(column);
  }
  if (input.parameters.defined()) {
    const at::Tensor of_nodes = input.parameters.index_select(0, input.graph.graph_of_node).to(u.scalar_type());
    for (const auto& column : at::unbind(of_nodes, 1)) variables.push_back(column);
  }
  std::vector<at::Tensor> rates;
  for (const auto& formula : formulas_) rates.push_back(evaluate(formula, variables));
  return at::stack(rates, 1);
}

}  // namespace cotan

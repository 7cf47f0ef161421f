#include "gnn/formulas.h"

#include <ATen/ATen.h>

#include "core/check.h"
#include "integrators/tensor_expression.h"

namespace cotan {

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> words(1);
  int depth = 0;
  for (const char c : list) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::vector<std::string> out;
  for (const auto& word : words) {
    const auto first = word.find_first_not_of(" \t"), last = word.find_last_not_of(" \t");
    if (first != std::string::npos) out.push_back(word.substr(first, last - first + 1));
  }
  return out;
}

Formulas::Formulas(const std::string& text, const Config& key, const std::vector<std::string>& parameters,
                   std::int64_t columns)
    : where_(key.where()), columns_(columns) {
  const auto texts = split_list(text);
  COTAN_REQUIRE(texts.size() == 1 || std::ssize(texts) == columns, where_ << ": " << texts.size() << " formulas in \""
                                                                          << text << "\", expected 1 or " << columns
                                                                          << ", one for each component");
  for (const auto& formula : texts) {
    try {
      formulas_.push_back(Expression::parse(formula, parameters));
    } catch (const InputError& e) {
      throw InputError(where_ + ": " + e.what());
    }
  }
}

at::Tensor Formulas::operator()(const at::Tensor& parameters, std::int64_t graphs, const at::Tensor& like,
                                bool positive) const {
  std::vector<at::Tensor> variables, values;
  if (parameters.defined()) {
    check_shape(parameters.sizes(), {graphs, -1}, "parameters");
    for (std::int64_t p = 0; p < parameters.size(1); ++p) variables.push_back(parameters.select(1, p).to(at::kDouble));
  }
  for (const auto& formula : formulas_) {
    const at::Tensor value = evaluate(formula, variables).to(like.device());
    const at::Tensor good = positive ? at::isfinite(value).logical_and(value > 0) : at::isfinite(value);
    COTAN_REQUIRE(good.all().item<bool>(), where_ << ": \"" << formula.text() << "\" is "
                                                  << value.flatten()[0].item<double>() << ", expected a number"
                                                  << (positive ? " above 0" : ""));
    values.push_back(value.to(like.options()).expand({graphs}));
  }
  const at::Tensor columns = at::stack(values, 1);
  return columns.expand({graphs, columns_});
}

}  // namespace cotan

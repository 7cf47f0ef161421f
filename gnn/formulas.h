#pragma once
#include <string>
#include <vector>

#include "core/config.h"
#include "core/expression.h"
#include "gnn/model.h"

namespace cotan {

/// Numbers that follow from a case's parameters: one formula for all columns, or one for each.
class Formulas {
 public:
  /// \param text formulas separated by commas (outside parentheses) \param key where they stand, for messages
  /// \throw InputError for formulas that do not parse, and for other numbers of them than 1 and `columns`
  Formulas(const std::string& text, const Config& key, const std::vector<std::string>& parameters,
           std::int64_t columns);
  /// (graphs, columns) from parameters (graphs, P), in the type and on the device of `like`.
  /// \throw InputError naming a formula whose value is not finite, or not above 0 where `positive`
  at::Tensor operator()(const at::Tensor& parameters, std::int64_t graphs, const at::Tensor& like, bool positive) const;

 private:
  std::vector<Expression> formulas_;
  std::string where_;
  std::int64_t columns_;
};

/// The words of a list "a, b": trimmed, empty ones left out; commas within parentheses do not separate.
std::vector<std::string> split_list(const std::string& list);

}  // namespace cotan

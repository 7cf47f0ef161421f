#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "core/expression.h"

namespace cotan {

/// The expression over tensors, elementwise with broadcasting and with gradients.
/// \pre variables.size() == expression.variables().size(), in that order
at::Tensor evaluate(const Expression& expression, const std::vector<at::Tensor>& variables);

}  // namespace cotan

#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "core/expression.h"

namespace cotan {

/// The expression over tensors, elementwise with broadcasting and with gradients. The result has the broadcast shape
/// of all variables, used or not, and the type and device of the one of most dimensions; (double) without variables.
/// Gradients are those of the branch that an `if` takes, whatever the other one holds: if(x > 0, sqrt(x), 0) has
/// gradient 0 at 0. Outside of `if`, an infinite derivative (sqrt at 0) stays infinite, also times 0 (then it is not
/// a number); min and max share the gradient where they tie; comparisons, step, sign and floor have none.
/// \pre variables.size() == expression.variables().size(), in that order; floating
at::Tensor evaluate(const Expression& expression, const std::vector<at::Tensor>& variables);

}  // namespace cotan

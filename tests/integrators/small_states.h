#pragma once
// States of one field and tolerances, which tests of integrators share.
#include <ATen/ATen.h>

#include <vector>

#include "integrators/solve.h"

namespace cotan::testing_states {

inline State points(const at::Tensor& x) {
  return State({{"x", On::points, x}});
}

/// Of one point.
inline State numbers(std::vector<double> values) {
  return points(at::tensor(values, at::kDouble).unsqueeze(0));
}

inline SolveOptions tolerances(double relative, double absolute) {
  SolveOptions options;
  options.relative = relative;
  options.absolute = absolute;
  return options;
}

}  // namespace cotan::testing_states

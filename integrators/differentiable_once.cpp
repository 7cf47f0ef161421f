#include "integrators/differentiable_once.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/functions/basic_ops.h>

namespace cotan {

std::vector<at::Tensor> differentiable_once(std::vector<at::Tensor> gradients, const std::string& message) {
  if (!at::GradMode::is_enabled()) return gradients;
  for (at::Tensor& gradient : gradients) {
    if (gradient.defined()) gradient = gradient.detach().requires_grad_(true);
  }
  torch::autograd::DelayedError error(message, static_cast<int64_t>(gradients.size()));
  return error.apply(std::move(gradients));
}

}  // namespace cotan

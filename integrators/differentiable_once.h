#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace cotan {

/// What a backward pass that does not record itself returns: where a second derivative is being recorded, tensors that
/// throw `message` when it is asked for. Undefined ones stay undefined.
std::vector<at::Tensor> differentiable_once(std::vector<at::Tensor> gradients, const std::string& message);

}  // namespace cotan

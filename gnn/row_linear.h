#pragma once
#include <ATen/core/Tensor.h>

namespace cotan {

/// x W^T + b like at::linear, by the kernels of gnn/fused_mlp.h where they serve: float32 on the CPU, (R, in) rows and
/// widths that are multiples of 16; else by LibTorch. Derivatives of every order. The same bits for any number of
/// threads. \param weight (out, in), may be a part of another \param bias (out), or undefined
at::Tensor row_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {});

}  // namespace cotan

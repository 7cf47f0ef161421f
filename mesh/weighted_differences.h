#pragma once
#include "mesh/graph.h"

namespace cotan {

/// out[i] = sum over the in-edges e of i of weight[e] (x[sender of e] - x[i]): (N, C) -> (N, C), as cheap as a sparse
/// product, and exactly 0 for constants. Differentiable to any order in both. Ghosts of x are up to date; rows of
/// points without in-edges are 0. \param weight (E)
at::Tensor weighted_differences(const EdgeSet& edges, const at::Tensor& weight, const at::Tensor& x);

}  // namespace cotan

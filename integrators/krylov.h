#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

#include "core/comm.h"

namespace cotan {

using VectorMap = std::function<at::Tensor(const at::Tensor& x)>;  ///< (n) -> (n), linear

/// <x, y> = sum of weight x y, summed over ranks.
struct InnerProduct {
  at::Tensor weight = {};  ///< (n) at least 0; undefined: 1
  Comm comm = {};

  /// Of each row of a (k, n) with x (n): (k) double, on the host. Collective.
  at::Tensor operator()(const at::Tensor& rows, const at::Tensor& x) const;
  double norm(const at::Tensor& x) const;  ///< collective
};

struct KrylovOptions {
  double tolerance = 1e-6;    ///< of the residual, relative to b
  int restart = 60;           ///< directions kept
  int most_iterations = 600;  ///< products with A
  bool keep = false;  ///< also what the preconditioner makes of each: one product with it less, twice the memory
};

struct KrylovResult {
  at::Tensor x;
  double residual = 0;  ///< relative to b, as the recurrence has it
  int iterations = 0;
  bool converged = false;
};

/// A x = b by restarted GMRES, preconditioned from the right, orthogonalised twice; \cite saad1986. Without gradients.
/// \param preconditioner about the inverse of A, or empty. Collective.
KrylovResult gmres(const VectorMap& a, const at::Tensor& b, const KrylovOptions& options = {},
                   const VectorMap& preconditioner = {}, const InnerProduct& product = {});

}  // namespace cotan

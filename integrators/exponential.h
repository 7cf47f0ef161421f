#pragma once
#include "integrators/rate.h"

namespace cotan {

/// phi_k of each number: phi_0 = exp, phi_(k + 1)(z) = (phi_k(z) - 1 / k!) / z, phi_k(0) = 1 / k!. By its series where
/// |z| < 1, so small arguments lose no digits.
at::Tensor phi(int k, const at::Tensor& z);

/// v -> rates * v, number by number: decay, diffusion in a basis of eigenvectors. \param rates entries as the state's
LinearPart diagonal_part(const State& rates);

/// v -> matrix v over all floating numbers of the state, entry after entry. A symmetric matrix by its eigenvectors,
/// another by exponentials of a block matrix (\cite sidje1998), kept for the last few lengths of step.
/// \param matrix (n, n) double \pre n = the numbers in `like`
LinearPart matrix_part(const at::Tensor& matrix, const State& like);

}  // namespace cotan

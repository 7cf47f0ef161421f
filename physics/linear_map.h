#pragma once
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "physics/sparse.h"

namespace cotan {

/// y = A x, y given in its length and overwritten.
using LinearMap = std::function<void(std::span<const double> x, std::span<double> y)>;

/// Products with a matrix. \pre the matrix outlives the map
LinearMap product_with(const SparseMatrix& matrix);

/// x -> x / diagonal. \throw NumericsError naming the row where the diagonal is 0
LinearMap jacobi(const SparseMatrix& matrix);
/// The inverse of incomplete LU factors with the matrix' own pattern; \cite saad2003 chapter 10.
/// \throw NumericsError naming the row of a pivot that is 0 or not finite
LinearMap ilu0(const SparseMatrix& matrix);

}  // namespace cotan

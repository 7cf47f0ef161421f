#pragma once
#include <functional>
#include <span>
#include <vector>

#include "physics/sparse.h"

namespace cotan {

/// The solution x of A x = b for a matrix that was factorised once. Copies share the factors.
using Solve = std::function<std::vector<double>(std::span<const double> b)>;

/// LU factors by UMFPACK; \cite davis2004. \throw NumericsError for a singular matrix, InputError in a build without
/// COTAN_GPL, naming the option
Solve factorise_umfpack(const SparseMatrix& matrix);
/// LU factors by Eigen's SparseLU. \throw NumericsError for a singular matrix
Solve factorise_eigen(const SparseMatrix& matrix);
/// By UMFPACK where this build has it, else by Eigen.
Solve factorise(const SparseMatrix& matrix);

/// Factorises one matrix after another.
using Factorise = std::function<Solve(const SparseMatrix& matrix)>;
/// For matrices whose pattern is about symmetric, as those of saddle points are: nested dissection, pivots from the
/// diagonal where they will do. A matrix with the pattern of the one before takes over its ordering; solutions are not
/// refined by their residuals, which preconditioners and Newton's method do without. \throw as factorise_umfpack
Factorise ordered_umfpack();
/// The same by UMFPACK where this build has it, else each matrix by itself, by Eigen.
Factorise ordered_factoriser();

}  // namespace cotan

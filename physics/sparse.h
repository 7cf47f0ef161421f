#pragma once
#include <span>
#include <vector>

#include "mesh/mesh.h"
#include "mesh/periodic.h"

namespace cotan {

/// A square sparse matrix in compressed rows; columns ascend within a row.
struct SparseMatrix {
  std::vector<std::int64_t> offsets{0};  ///< (rows + 1)
  std::vector<Index> columns;            ///< (offsets.back())
  std::vector<double> values;            ///< (offsets.back())
  Index rows() const { return static_cast<Index>(offsets.size()) - 1; }
};

/// The pattern of linear elements, all zeros: an entry for each pair of nodes of a common cell.
SparseMatrix point_matrix(const Mesh& mesh);
/// The matrix of glued sides: rows and columns of points that share an unknown are summed.
SparseMatrix summed(const Unknowns& unknowns, const SparseMatrix& of_points);
/// Adds a dense block: matrix(nodes[a], nodes[b]) += block[a * n + b]. \pre the entries are in the pattern
void add_block(SparseMatrix& matrix, std::span<const Index> nodes, std::span<const double> block);
/// alpha a + beta b. \pre a and b have the same pattern
SparseMatrix combination(double alpha, const SparseMatrix& a, double beta, const SparseMatrix& b);
/// Rows of the identity where `rows` is not 0. \pre the diagonal is in the pattern
void set_identity_rows(SparseMatrix& matrix, std::span<const char> rows);
/// y += factor A x
void add_product(const SparseMatrix& matrix, double factor, std::span<const double> x, std::span<double> y);
/// y = A x
std::vector<double> multiply(const SparseMatrix& matrix, std::span<const double> x);

}  // namespace cotan

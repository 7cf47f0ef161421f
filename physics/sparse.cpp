#include "physics/sparse.h"

#include <algorithm>

#include "core/check.h"

namespace cotan {

SparseMatrix point_matrix(const Mesh& mesh) {
  const Adjacency of_point = cells_of_points(mesh);
  SparseMatrix matrix;
  std::vector<Index> row;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    row.clear();
    for (const Index c : of_point[p]) row.insert(row.end(), mesh.cell(c).begin(), mesh.cell(c).end());
    std::sort(row.begin(), row.end());
    row.erase(std::unique(row.begin(), row.end()), row.end());
    matrix.columns.insert(matrix.columns.end(), row.begin(), row.end());
    matrix.offsets.push_back(static_cast<std::int64_t>(matrix.columns.size()));
  }
  matrix.values.assign(matrix.columns.size(), 0);
  return matrix;
}

void add_block(SparseMatrix& matrix, std::span<const Index> nodes, std::span<const double> block) {
  const std::size_t n = nodes.size();
  for (std::size_t a = 0; a < n; ++a) {
    const auto begin = matrix.columns.begin() + matrix.offsets[nodes[a]];
    const auto end = matrix.columns.begin() + matrix.offsets[nodes[a] + 1];
    for (std::size_t b = 0; b < n; ++b) {
      const auto found = std::lower_bound(begin, end, nodes[b]);
      COTAN_ASSERT(found != end && *found == nodes[b]);
      matrix.values[found - matrix.columns.begin()] += block[a * n + b];
    }
  }
}

SparseMatrix combination(double alpha, const SparseMatrix& a, double beta, const SparseMatrix& b) {
  COTAN_ASSERT(a.columns == b.columns);
  SparseMatrix out = a;
  for (std::size_t k = 0; k < out.values.size(); ++k) out.values[k] = alpha * a.values[k] + beta * b.values[k];
  return out;
}

void set_identity_rows(SparseMatrix& matrix, std::span<const char> rows) {
  for (Index i = 0; i < matrix.rows(); ++i) {
    if (!rows[i]) continue;
    for (auto k = matrix.offsets[i]; k < matrix.offsets[i + 1]; ++k) matrix.values[k] = matrix.columns[k] == i ? 1 : 0;
  }
}

std::vector<double> multiply(const SparseMatrix& matrix, std::span<const double> x) {
  std::vector<double> y(matrix.rows());
  for (Index i = 0; i < matrix.rows(); ++i) {
    double sum = 0;
    for (auto k = matrix.offsets[i]; k < matrix.offsets[i + 1]; ++k) sum += matrix.values[k] * x[matrix.columns[k]];
    y[i] = sum;
  }
  return y;
}

}  // namespace cotan

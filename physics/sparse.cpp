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

SparseMatrix summed(const Unknowns& unknowns, const SparseMatrix& of_points) {
  if (!unknowns.glued()) return of_points;
  std::vector<std::vector<Index>> points(unknowns.size());
  for (std::size_t p = 0; p < unknowns.of_point.size(); ++p) {
    points[unknowns.of_point[p]].push_back(static_cast<Index>(p));
  }
  SparseMatrix out;
  std::vector<std::pair<Index, double>> row;
  for (const auto& sharing : points) {
    row.clear();
    for (const Index p : sharing) {
      for (auto k = of_points.offsets[p]; k < of_points.offsets[p + 1]; ++k) {
        row.emplace_back(unknowns.of_point[of_points.columns[k]], of_points.values[k]);
      }
    }
    std::stable_sort(row.begin(), row.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto begin = static_cast<std::size_t>(out.offsets.back());
    for (const auto& [column, value] : row) {
      if (out.columns.size() > begin && out.columns.back() == column) {
        out.values.back() += value;
      } else {
        out.columns.push_back(column);
        out.values.push_back(value);
      }
    }
    out.offsets.push_back(static_cast<std::int64_t>(out.columns.size()));
  }
  return out;
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

void add_product(const SparseMatrix& matrix, double factor, std::span<const double> x, std::span<double> y) {
  for (Index i = 0; i < matrix.rows(); ++i) {
    double sum = 0;
    for (auto k = matrix.offsets[i]; k < matrix.offsets[i + 1]; ++k) sum += matrix.values[k] * x[matrix.columns[k]];
    y[i] += factor * sum;
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

#include "io/mesh_content.h"

#include <algorithm>
#include <array>
#include <limits>

namespace cotan {
namespace {

// The space that the cells' points span along the axes.
int geometric_dim(const std::vector<double>& points, const std::vector<Index>& links, int cell_dim) {
  std::array<double, 3> low, high, extent;
  low.fill(std::numeric_limits<double>::infinity());
  high.fill(-std::numeric_limits<double>::infinity());
  std::vector<char> used(points.size() / 3, 0);
  for (const Index p : links) used[std::size_t(p)] = 1;
  for (std::size_t p = 0; p < used.size(); ++p) {
    for (std::size_t k = 0; k < 3 && used[p]; ++k) {
      low[k] = std::min(low[k], points[3 * p + k]);
      high[k] = std::max(high[k], points[3 * p + k]);
    }
  }
  for (std::size_t k = 0; k < 3; ++k) extent[k] = high[k] - low[k];
  const double round_off = 1e-12 * *std::max_element(extent.begin(), extent.end());
  int dim = 3;
  while (dim > cell_dim && extent[std::size_t(dim) - 1] <= round_off) --dim;
  return dim;
}

void keep_coordinates(std::vector<double>& points, int dim) {
  if (dim == 3) return;
  const std::size_t count = points.size() / 3;
  for (std::size_t i = 0; i < count; ++i) std::copy_n(&points[3 * i], dim, &points[std::size_t(dim) * i]);
  points.resize(count * std::size_t(dim));
  points.shrink_to_fit();
}

}  // namespace

std::vector<std::int64_t> cell_offsets(const std::vector<CellType>& types) {
  std::array<int, kNumCellTypes> nodes;
  for (int t = 0; t < kNumCellTypes; ++t) nodes[std::size_t(t)] = shape(CellType(t)).num_nodes;
  std::vector<std::int64_t> offsets(types.size() + 1);
  for (std::size_t c = 0; c < types.size(); ++c) offsets[c + 1] = offsets[c] + nodes[std::size_t(types[c])];
  return offsets;
}

void drop_flat_coordinates(MeshData& data) {
  int cell_dim = 1;
  for (const CellType type : data.types) cell_dim = std::max(cell_dim, shape(type).dim);
  data.dim = geometric_dim(data.points, data.cells.links, cell_dim);
  keep_coordinates(data.points, data.dim);
}

}  // namespace cotan

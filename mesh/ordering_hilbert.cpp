#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "mesh/ordering.h"

namespace cotan {
namespace {

// The place along the Hilbert curve of a grid point with `bits` bits a coordinate; \cite skilling2004
std::uint64_t hilbert_key(std::array<std::uint32_t, 3> x, int dim, int bits) {
  const std::uint32_t top = 1u << (bits - 1);
  for (std::uint32_t q = top; q > 1; q >>= 1) {  // undo the rotations of the curve's pieces
    const std::uint32_t low = q - 1;
    for (int i = 0; i < dim; ++i) {
      const std::uint32_t exchange = x[i] & q ? 0 : (x[0] ^ x[i]) & low;
      if (x[i] & q) x[0] ^= low;
      x[0] ^= exchange;
      x[i] ^= exchange;
    }
  }
  for (int i = 1; i < dim; ++i) x[i] ^= x[i - 1];  // Gray code
  std::uint32_t flips = 0;
  for (std::uint32_t q = top; q > 1; q >>= 1) flips ^= x[dim - 1] & q ? q - 1 : 0;
  std::uint64_t key = 0;
  for (int bit = bits - 1; bit >= 0; --bit) {
    for (int i = 0; i < dim; ++i) key = key << 1 | ((x[i] ^ flips) >> bit & 1u);
  }
  return key;
}

}  // namespace

Order hilbert_order(const Mesh& mesh) {
  const int dim = mesh.dim(), bits = dim == 3 ? 21 : 31;
  std::array<double, 3> low{}, high{};
  low.fill(std::numeric_limits<double>::infinity());
  high.fill(-std::numeric_limits<double>::infinity());
  for (Index p = 0; p < mesh.num_points(); ++p) {
    for (int k = 0; k < dim; ++k) {
      low[k] = std::min(low[k], mesh.point(p)[k]);
      high[k] = std::max(high[k], mesh.point(p)[k]);
    }
  }
  double extent = std::numeric_limits<double>::min();  // one scale for all axes: the curve's squares stay square
  for (int k = 0; k < dim; ++k) extent = std::max(extent, high[k] - low[k]);
  const double most = static_cast<double>((1u << bits) - 1);
  std::vector<std::pair<std::uint64_t, Index>> keys(mesh.num_points());
  for (Index p = 0; p < mesh.num_points(); ++p) {
    std::array<std::uint32_t, 3> x{};
    for (int k = 0; k < dim; ++k) x[k] = static_cast<std::uint32_t>((mesh.point(p)[k] - low[k]) / extent * most);
    keys[p] = {hilbert_key(x, dim, bits), p};
  }
  std::sort(keys.begin(), keys.end());
  Order order(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) order[i] = keys[i].second;
  return order;
}

}  // namespace cotan

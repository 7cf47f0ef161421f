#pragma once
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Orders: `order[new] = old`, a permutation of the points.
using Order = std::vector<Index>;

/// Along a Hilbert curve through the bounding box: neighbours in space become neighbours in memory.
Order hilbert_order(const Mesh& mesh);
/// Reverse Cuthill-McKee over the point graph: small bandwidth; \cite cuthill1969
Order rcm_order(const Adjacency& graph);
Order inverse(const Order& order);  ///< `inverse[old] = new`

/// The mesh with points in `order` and cells sorted by their lowest point; sets follow.
/// `cell_order` receives order[new] = old of the cells where it is not null.
Mesh reordered(const Mesh& mesh, const Order& order, Order* cell_order = nullptr);

/// Rows of a field in the new order: out[i] = rows[order[i]]; (n, width) row-major.
template <class T>
std::vector<T> permuted(std::span<const T> rows, const Order& order, std::size_t width) {
  std::vector<T> out(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t k = 0; k < width; ++k) out[i * width + k] = rows[std::size_t(order[i]) * width + k];
  }
  return out;
}

/// Largest |i - j| over the links: what an order is judged by.
Index bandwidth(const Adjacency& graph);

}  // namespace cotan

#include "mesh/isometry.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/check.h"
#include "mesh/cell.h"

namespace cotan {
namespace {

using at::Tensor;

// Which corner of a cell takes each place in its mirror image.
std::vector<std::int64_t> mirrored_corners(std::int64_t cell_dim, std::int64_t corners) {
  for (int i = 0; i < kNumCellTypes; ++i) {
    const CellShape& s = shape(static_cast<CellType>(i));
    if (s.dim == cell_dim && s.num_nodes == corners && s.num_corners == corners)
      return {s.mirror.begin(), s.mirror.end()};
  }
  throw Error("no cell of " + std::to_string(cell_dim) + " dimensions has " + std::to_string(corners) + " corners");
}

// With the column `axis` negated.
Tensor flipped(const Tensor& x, int axis) {
  if (!x.defined()) return x;
  Tensor out = x.clone();
  out.select(1, axis).neg_();
  return out;
}

}  // namespace

Graph mirrored(const Graph& graph, int axis) {
  COTAN_REQUIRE(axis >= 0 && axis < graph.dim(),
                "a mesh in " << graph.dim() << " dimensions has no axis " << axis << " to be mirrored along");
  Graph out = graph;
  out.position = flipped(graph.position, axis);
  if (graph.cells.defined()) {
    const auto order = at::tensor(mirrored_corners(graph.cell_dim, graph.cells.size(1))).to(graph.cells.device());
    out.cells = graph.cells.index_select(1, order);
    out.cell_points = make_segments(graph.cell_points.offsets, out.cells.reshape(-1), graph.num_nodes());
  }
  for (EdgeSet& set : out.edge_sets) {
    set.offset = flipped(set.offset, axis);
    set.shift = flipped(set.shift, axis);
  }
  return out;
}

void turn_columns(Tensor& x, std::int64_t first, double angle) {
  Tensor along_x = x.select(-1, first), along_y = x.select(-1, first + 1);
  const Tensor to_x = std::cos(angle) * along_x - std::sin(angle) * along_y;
  along_y.copy_(std::sin(angle) * along_x + std::cos(angle) * along_y);
  along_x.copy_(to_x);
}

Graph turned(const Graph& graph, double angle) {
  COTAN_REQUIRE(graph.dim() >= 2, "a mesh in one dimension cannot be turned");
  const auto apply = [&](const Tensor& x) {
    if (!x.defined()) return x;
    Tensor out = x.clone();
    turn_columns(out, 0, angle);
    return out;
  };
  Graph out = graph;
  out.position = apply(graph.position);
  for (EdgeSet& set : out.edge_sets) {
    set.offset = apply(set.offset);
    set.shift = apply(set.shift);
  }
  return out;
}

}  // namespace cotan

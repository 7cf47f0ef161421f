#include "mesh/operators.h"

#include <ATen/ATen.h>

#include <vector>

#include "core/check.h"

namespace cotan {
namespace {

using at::Tensor;

constexpr double kSingular = 1e-10;  // determinant over that of a round matrix, below which a direction is open

void check_nodes(const Graph& graph, const Tensor& u, std::int64_t components, const char* name) {
  check_shape(std::span(u.sizes().data(), u.sizes().size()), {graph.num_nodes(), components}, name);
}

// Determinants of (…, n, n) matrices, n <= 3. Closed forms: LAPACK, matrix by matrix, is many times slower.
Tensor determinant(const Tensor& m) {
  const auto at = [&](int i, int j) { return m.select(-2, i).select(-1, j); };
  switch (m.size(-1)) {
    case 1:
      return at(0, 0);
    case 2:
      return at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0);
    default:
      return (m.select(-2, 0) * at::linalg_cross(m.select(-2, 1), m.select(-2, 2))).sum(-1);
  }
}

Tensor small_inverse(const Tensor& m) {
  const Tensor scale = determinant(m).reciprocal().unsqueeze(-1).unsqueeze(-1);
  const auto at = [&](int i, int j) { return m.select(-2, i).select(-1, j); };
  switch (m.size(-1)) {
    case 1:
      return scale;
    case 2: {
      const Tensor adjugate = at::stack({at(1, 1), -at(0, 1), -at(1, 0), at(0, 0)}, -1);
      return scale * adjugate.reshape(m.sizes());
    }
    default: {
      const auto row = [&](int i) { return m.select(-2, i); };
      return scale * at::stack({at::linalg_cross(row(1), row(2)), at::linalg_cross(row(2), row(0)),
                                at::linalg_cross(row(0), row(1))},
                               -1);
    }
  }
}

// Inverse on the span of the eigenvectors of the `rank` largest eigenvalues (fewer where those vanish), 0 beside it.
// The span is held fixed in differentiation: eigenvectors have no derivative where eigenvalues meet.
Tensor pseudo_inverse(const Tensor& m, std::int64_t rank) {
  const std::int64_t n = m.size(-1);
  const auto [value, vector] = at::linalg_eigh(m.detach());
  const Tensor from_largest = at::arange(n - 1, -1, -1, value.options().dtype(at::kLong));
  const Tensor kept = at::logical_and(from_largest<rank, value> kSingular * value.select(-1, n - 1).unsqueeze(-1));
  const Tensor span = vector * kept.to(m.scalar_type()).unsqueeze(-2);
  const Tensor onto = at::matmul(span, span.transpose(-1, -2));
  const Tensor beside = at::eye(n, m.options()) - onto;
  return at::matmul(onto, small_inverse(at::matmul(at::matmul(onto, m), onto) + beside));
}

// (K, corners, …) rows of x at the corners of the graph's cells; the transpose is a segment sum.
Tensor at_corners(const Graph& graph, const Tensor& x) {
  auto shape = x.sizes().vec();
  shape.insert(shape.begin() + 1, graph.cells.size(1));
  shape[0] = graph.cells.size(0);
  return gather(x, graph.cell_points).reshape(shape);
}

// (N, …) sums over the cells' corners of x (K, corners, …).
Tensor to_points(const Graph& graph, const Tensor& x) {
  return scatter_sum(x.flatten(0, 1), graph.cell_points);
}

// (K, corners - 1, dim) edges from the first corner of each simplex.
Tensor simplex_edges(const Tensor& corners) {
  return corners.slice(1, 1) - corners.slice(1, 0, 1);
}

Tensor volumes_of(const Tensor& corners) {
  const Tensor edges = simplex_edges(corners);
  const std::int64_t n = edges.size(1), dim = edges.size(2);
  const double factorial = n == 3 ? 6 : n == 2 ? 2 : 1;
  if (n == dim) return determinant(edges) / factorial;
  return determinant(at::matmul(edges, edges.transpose(1, 2))).sqrt() / factorial;
}

void require_simplices(const Graph& graph, const char* what) {
  COTAN_REQUIRE(graph.cells.defined() && graph.cells.size(1) == graph.cell_dim + 1,
                what << " needs triangles or tetrahedra; the mesh has "
                     << (graph.cells.defined() ? "cells of " + std::to_string(graph.cells.size(1)) + " corners"
                                               : std::string("cells of several types")));
}

}  // namespace

LeastSquares least_squares(const Graph& graph) {
  const EdgeSet& edges = graph.edges();
  const Tensor d = -edges.offset;
  const Tensor weighted = d / d.square().sum(1, true);
  const std::int64_t dim = graph.dim();
  const Tensor outer = (weighted.unsqueeze(2) * d.unsqueeze(1)).reshape({-1, dim * dim});
  const Tensor m = segment_sum(outer, edges.links).reshape({-1, dim, dim});
  if (graph.cell_dim < dim) return {weighted, pseudo_inverse(m, graph.cell_dim)};
  // The trace is the number of neighbours, so the determinant of a round matrix is known.
  const Tensor round = (m.detach().diagonal(0, 1, 2).sum(1) / dim).pow(dim);
  const Tensor open = (determinant(m.detach()) <= kSingular * round).nonzero().squeeze(1);
  if (open.numel() == 0) return {weighted, small_inverse(m)};
  const Tensor safe = m.index_fill(0, open, 0) +
                      at::zeros_like(m).index_copy(0, open, at::eye(dim, m.options()).expand({open.numel(), dim, dim}));
  return {weighted, small_inverse(safe).index_copy(0, open, pseudo_inverse(m.index_select(0, open), dim))};
}

Tensor gradient(const LeastSquares& fit, const Graph& graph, const Tensor& u) {
  check_nodes(graph, u, -1, "gradient's values");
  const EdgeSet& edges = graph.edges();
  const Tensor change = gather(u, edges.links) - segment_spread(u, edges.links);
  const Tensor moment = segment_sum(change.unsqueeze(2) * fit.weighted.unsqueeze(1), edges.links);
  return at::matmul(moment, fit.inverse);
}

Tensor gradient(const Graph& graph, const Tensor& u) {
  return gradient(least_squares(graph), graph, u);
}

Tensor divergence(const LeastSquares& fit, const Graph& graph, const Tensor& v) {
  check_nodes(graph, v, graph.dim(), "divergence's vector field");
  return gradient(fit, graph, v).diagonal(0, 1, 2).sum(1);
}

Tensor divergence(const Graph& graph, const Tensor& v) {
  return divergence(least_squares(graph), graph, v);
}

Tensor simplex_volumes(const Tensor& position, const Tensor& cells) {
  const Tensor offsets = at::arange(cells.size(0) + 1, cells.options()) * cells.size(1);
  const Segments corners = make_segments(offsets, cells.reshape(-1), position.size(0));
  return volumes_of(gather(position, corners).reshape({cells.size(0), cells.size(1), position.size(1)}));
}

Tensor simplex_volumes(const Graph& graph, const Tensor& position) {
  require_simplices(graph, "simplex_volumes");
  return volumes_of(at_corners(graph, position.defined() ? position : graph.position));
}

Tensor element_gradient(const Graph& graph, const Tensor& u, const HaloExchange& halo) {
  require_simplices(graph, "element_gradient");
  check_nodes(graph, u, -1, "element_gradient's values");
  const Tensor corners = at_corners(graph, graph.position);
  const Tensor edges = simplex_edges(corners), change = simplex_edges(at_corners(graph, u));
  const std::int64_t count = graph.cells.size(1);
  // Edges times the gradient are the changes; on surfaces the solution of least norm, which is tangential.
  Tensor of_cells;
  if (edges.size(1) == edges.size(2)) {
    of_cells = at::matmul(small_inverse(edges), change);
  } else {
    const Tensor transposed = edges.transpose(1, 2);
    of_cells = at::matmul(at::matmul(transposed, small_inverse(at::matmul(edges, transposed))), change);
  }
  const Tensor volume = volumes_of(corners).abs();
  const auto share = [&](const Tensor& x) {
    auto shape = x.sizes().vec();
    shape.insert(shape.begin() + 1, count);
    return to_points(graph, x.unsqueeze(1).expand(shape));
  };
  const Tensor sum = share(of_cells.transpose(1, 2) * volume.unsqueeze(1).unsqueeze(2));
  return halo.to_ghosts(sum / share(volume).unsqueeze(1).unsqueeze(2));
}

TriangleEdges triangle_edges(const Graph& graph, const HaloExchange& halo) {
  const EdgeSet& edges = graph.edges();
  COTAN_REQUIRE(graph.cells.defined() && graph.cells.size(1) == 3 && graph.cell_dim == 2,
                "the cotangent Laplacian needs a mesh of triangles");
  COTAN_REQUIRE(!edges.shift.defined(), "the cotangent Laplacian does not reach across periodic sides");
  const std::int64_t n = graph.num_nodes();
  // Both directed edges opposite each corner, found by (receiver, sender); a ghost's in-edges may be elsewhere.
  const Tensor ends[] = {graph.cells.roll(-1, 1).reshape(-1), graph.cells.roll(-2, 1).reshape(-1)};
  const Tensor wanted = at::stack({ends[0] * n + ends[1], ends[1] * n + ends[0]}, 1).reshape(-1);
  const auto [key, number] = at::sort(edges.receiver * n + edges.sender(), /*stable=*/true, 0, false);
  const Tensor place = at::searchsorted(key, wanted);
  TriangleEdges out;
  // Past the last key stands one that nothing is equal to.
  const Tensor keys = at::cat({key, at::full({1}, -1, key.options())});
  const Tensor found = keys.index_select(0, place) == wanted;
  const Tensor per_corner = found.reshape({-1, 2}).sum(1);
  const Tensor offsets = at::cat({at::zeros({1}, wanted.options()), per_corner.cumsum(0)});
  out.opposite = make_segments(offsets, number.index_select(0, place.masked_select(found)), edges.size());
  const Tensor one_sided = out.opposite.transpose_offsets.diff() == 1;
  const Tensor ends_of_border = segment_sum(one_sided.to(at::kDouble), edges.links);
  out.boundary = halo.to_ghosts(ends_of_border) > 0;
  return out;
}

CotanLaplacian cotan_laplacian(const TriangleEdges& edges, const Graph& graph, const Tensor& position,
                               const HaloExchange& halo) {
  const Tensor x = at_corners(graph, position.defined() ? position : graph.position);
  const Tensor to_next = x.roll(-1, 1) - x, to_last = x.roll(-2, 1) - x;  // (K, 3, dim)
  const Tensor area = volumes_of(x).abs();
  const Tensor dots = (to_next * to_last).sum(2), cot = dots / (2 * area).unsqueeze(1);

  CotanLaplacian out;
  out.weight = scatter_sum(segment_spread(cot.reshape(-1), edges.opposite), edges.opposite) / 2;
  // A corner's part: of its Voronoi cell, but where an angle is obtuse half the triangle there and a quarter elsewhere.
  const Tensor voronoi = (to_next.square().sum(2) * cot.roll(-2, 1) + to_last.square().sum(2) * cot.roll(-1, 1)) / 8;
  const Tensor obtuse = dots < 0, any_obtuse = obtuse.any(1, true);
  const Tensor part =
      at::where(any_obtuse, area.unsqueeze(1) * at::where(obtuse, 0.5, 0.25).to(area.scalar_type()), voronoi);
  out.area = halo.to_ghosts(to_points(graph, part));
  out.boundary = edges.boundary;
  return out;
}

CotanLaplacian cotan_laplacian(const Graph& graph, const Tensor& position, const HaloExchange& halo) {
  return cotan_laplacian(triangle_edges(graph, halo), graph, position, halo);
}

Tensor apply(const CotanLaplacian& laplacian, const Graph& graph, const Tensor& u) {
  check_nodes(graph, u, -1, "the Laplacian's values");
  const Segments& links = graph.edges().links;
  const Tensor change = gather(u, links) - segment_spread(u, links);
  return segment_sum(laplacian.weight.unsqueeze(1) * change, links) / laplacian.area.unsqueeze(1);
}

}  // namespace cotan

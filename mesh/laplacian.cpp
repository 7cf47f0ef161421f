#include "mesh/laplacian.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "core/check.h"
#include "mesh/vector3.h"
#include "mesh/weighted_differences.h"

namespace cotan {
namespace {

// Stiffness and lumped mass of the whole mesh.
struct Operator {
  Adjacency links;              // point_neighbours
  std::vector<double> weight;   // aligned with links
  std::vector<double> measure;  // (points)
};

// Where the link from `sender` to `receiver` stands; -1 where there is none.
std::int64_t find(const Adjacency& links, Index receiver, Index sender) {
  const auto row = links[receiver];
  const auto place = std::lower_bound(row.begin(), row.end(), sender);
  if (place == row.end() || *place != sender) return -1;
  return links.offsets[receiver] + (place - row.begin());
}

// Of one cell: the weight of each pair of corners and the measure of each corner; sizes as the corners.
struct OfCell {
  int corners = 0;
  double volume = 0;
  std::array<std::array<double, 4>, 4> weight{};
  std::array<double, 4> measure{};
};

OfCell of_line(const Vec3* x) {
  const double length = norm(x[1] - x[0]);
  OfCell out{2, length};
  out.weight[0][1] = 1 / length;
  out.measure = {length / 2, length / 2};
  return out;
}

// A corner's part of the area: of its Voronoi cell, but where an angle is obtuse half the triangle there and a quarter
// elsewhere.
OfCell of_triangle(const Vec3* x) {
  std::array<double, 3> dots, squares;  // at corner k; of the side opposite to it
  for (int k = 0; k < 3; ++k) {
    dots[k] = dot(x[(k + 1) % 3] - x[k], x[(k + 2) % 3] - x[k]);
    const Vec3 side = x[(k + 2) % 3] - x[(k + 1) % 3];
    squares[k] = dot(side, side);
  }
  const double area = norm(cross(x[1] - x[0], x[2] - x[0])) / 2;
  const bool any_obtuse = std::any_of(dots.begin(), dots.end(), [](double d) { return d < 0; });
  OfCell out{3, area};
  for (int k = 0; k < 3; ++k) {
    const int next = (k + 1) % 3, last = (k + 2) % 3;
    out.weight[std::min(next, last)][std::max(next, last)] = dots[k] / (4 * area);
    const double voronoi = (squares[last] * dots[last] + squares[next] * dots[next]) / (16 * area);
    out.measure[k] = any_obtuse ? area / (dots[k] < 0 ? 2 : 4) : voronoi;
  }
  return out;
}

// The gradient of a corner's function is the opposite side's area vector, inwards, over three volumes.
OfCell of_tetrahedron(const Vec3* x) {
  std::array<Vec3, 4> area;
  for (int k = 0; k < 4; ++k) {
    const Vec3 &a = x[(k + 1) % 4], &b = x[(k + 2) % 4], &c = x[(k + 3) % 4];
    area[k] = (k % 2 ? -0.5 : 0.5) * cross(b - a, c - a);
  }
  const double volume = std::abs(dot(x[1] - x[0], cross(x[2] - x[0], x[3] - x[0]))) / 6;
  OfCell out{4, volume};
  for (int a = 0; a < 4; ++a) {
    out.measure[a] = volume / 4;
    for (int b = a + 1; b < 4; ++b) out.weight[a][b] = -dot(area[a], area[b]) / (9 * volume);
  }
  return out;
}

OfCell of_cell(const Mesh& mesh, Index c) {
  std::array<Vec3, 4> x;
  const auto corners = mesh.corners(c);
  for (std::size_t k = 0; k < corners.size(); ++k) x[k] = point3(mesh.points(), mesh.dim(), corners[k]);
  return corners.size() == 2   ? of_line(x.data())
         : corners.size() == 3 ? of_triangle(x.data())
                               : of_tetrahedron(x.data());
}

Operator assemble(const Mesh& mesh) {
  Operator out{point_neighbours(mesh), {}, std::vector<double>(mesh.num_points(), 0)};
  out.weight.assign(out.links.links.size(), 0);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto corners = mesh.corners(c);
    COTAN_REQUIRE(shape(mesh.type(c)).num_corners == mesh.cell_dim() + 1,
                  "the mesh's Laplacian needs lines, triangles or tetrahedra; cell " << c << " is a "
                                                                                     << shape(mesh.type(c)).name);
    const OfCell part = of_cell(mesh, c);
    COTAN_REQUIRE(part.volume > 0, "the mesh's Laplacian: cell " << c << " has no "
                                                                 << (part.corners == 4 ? "volume" : "area")
                                                                 << "; the mesh is degenerate there");
    for (int a = 0; a < part.corners; ++a) {
      out.measure[corners[a]] += part.measure[a];
      for (int b = a + 1; b < part.corners; ++b) {
        out.weight[find(out.links, corners[a], corners[b])] += part.weight[a][b];
        out.weight[find(out.links, corners[b], corners[a])] += part.weight[a][b];
      }
    }
  }
  return out;
}

// A point and those that it is glued to, sorted: sums over them are the same bits for each.
std::vector<Index> class_of(const Adjacency& copies, Index i) {
  std::vector<Index> all = {i};
  if (copies.size() > 0) all.insert(all.end(), copies[i].begin(), copies[i].end());
  std::sort(all.begin(), all.end());
  return all;
}

// Where points are glued, a link stands for all those between their copies that lie along the same offset: of two
// points on a side those on both sides of it.
class Glued {
 public:
  Glued(const Mesh& mesh, const Operator& whole, std::span<const PeriodicPair> periodic)
      : mesh_(mesh), whole_(whole), copies_(periodic.empty() ? Adjacency() : glued_copies(mesh, periodic)) {
    Vec3 low = at(0), high = low;
    for (Index i = 0; i < mesh.num_points(); ++i) {
      for (int k = 0; k < 3; ++k) low[k] = std::min(low[k], at(i)[k]), high[k] = std::max(high[k], at(i)[k]);
    }
    tolerance_ = 1e-6 * norm(high - low);
  }
  double weight(Index sender, Index receiver, const Vec3& offset) const {
    double sum = 0;
    for (const Index r : class_of(copies_, receiver)) {
      for (const Index s : class_of(copies_, sender)) {
        const std::int64_t link = find(whole_.links, r, s);
        if (link >= 0 && (copies_.size() == 0 || norm(at(r) - at(s) - offset) < tolerance_)) sum += whole_.weight[link];
      }
    }
    return sum;
  }
  double measure(Index i) const {
    double sum = 0;
    for (const Index copy : class_of(copies_, i)) sum += whole_.measure[copy];
    return sum;
  }

 private:
  Vec3 at(Index i) const { return point3(mesh_.points(), mesh_.dim(), i); }
  const Mesh& mesh_;
  const Operator& whole_;
  Adjacency copies_;
  double tolerance_;
};

}  // namespace

EdgeSet laplacian_edges(const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic) {
  const Operator whole = assemble(mesh);
  const Glued glued(mesh, whole, periodic);
  EdgeSet set = graph.edges();
  set.name = kLaplacian;
  const at::Tensor sender = graph.global.index_select(0, set.sender()), offset = set.offset.contiguous();
  const at::Tensor receiver = graph.global.index_select(0, set.receiver);
  const auto *s = sender.const_data_ptr<std::int64_t>(), *r = receiver.const_data_ptr<std::int64_t>();
  const std::span offsets(offset.const_data_ptr<double>(), static_cast<std::size_t>(offset.numel()));
  set.weight = at::empty({set.size()}, at::kDouble);
  for (std::int64_t e = 0; e < set.size(); ++e) {
    set.weight.mutable_data_ptr<double>()[e] = glued.weight(static_cast<Index>(s[e]), static_cast<Index>(r[e]),
                                                            point3(offsets, mesh.dim(), static_cast<Index>(e)));
  }
  set.measure = at::empty({graph.num_nodes()}, at::kDouble);
  for (std::int64_t i = 0; i < graph.num_nodes(); ++i) {
    const auto point = graph.global.const_data_ptr<std::int64_t>()[i];
    set.measure.mutable_data_ptr<double>()[i] = glued.measure(static_cast<Index>(point));
  }
  return set;
}

at::Tensor laplacian(const EdgeSet& edges, const at::Tensor& u) {
  if (!edges.weight.defined() || !edges.measure.defined())
    throw Error("edge set '" + edges.name + "' has no weights: it is no Laplacian");
  return weighted_differences(edges, edges.weight, u) / edges.measure.unsqueeze(1);
}

}  // namespace cotan

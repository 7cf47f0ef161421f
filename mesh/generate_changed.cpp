// Meshes made from meshes: moved at random, raised to second order.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "core/random.h"
#include "mesh/generate.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

std::vector<bool> on_boundary(const Mesh& mesh) {
  std::vector<bool> on(mesh.num_points(), false);
  for (const Facet& facet : boundary_facets(mesh)) {
    for (const Index p : facet_nodes(mesh, facet)) on[p] = true;
  }
  return on;
}

std::vector<double> shortest_edges(const Mesh& mesh) {
  std::vector<double> shortest(mesh.num_points(), std::numeric_limits<double>::infinity());
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const auto& [i, j] : shape(mesh.type(c)).edges) {
      const Index a = mesh.cell(c)[i], b = mesh.cell(c)[j];
      double squared = 0;
      for (int k = 0; k < mesh.dim(); ++k) squared += std::pow(mesh.point(a)[k] - mesh.point(b)[k], 2);
      for (const Index p : {a, b}) shortest[p] = std::min(shortest[p], std::sqrt(squared));
    }
  }
  return shortest;
}

// Second-order nodes move by the mean of the corners that carry them.
void follow_corners(const Mesh& mesh, std::vector<double>& moves) {
  const std::size_t dim = mesh.dim();
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const CellShape& s = shape(mesh.type(c));
    for (int i = s.num_corners; i < s.num_nodes; ++i) {
      for (std::size_t k = 0; k < dim; ++k) {
        double sum = 0;
        int count = 0;
        for (int corner = 0; corner < s.num_corners; ++corner) {
          if (!(s.supports[i] >> corner & 1)) continue;
          sum += moves[mesh.cell(c)[corner] * dim + k];
          ++count;
        }
        moves[mesh.cell(c)[i] * dim + k] = sum / count;
      }
    }
  }
}

std::vector<double> sum(std::span<const double> a, std::span<const double> b) {
  std::vector<double> out(a.begin(), a.end());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += b[i];
  return out;
}

// Second-order nodes of a mesh by the corners in whose middle they sit.
struct Middles {
  std::vector<std::vector<Index>> keys;  // sorted; a node's number is its place
  Index place(const std::vector<Index>& key) const {
    return static_cast<Index>(std::lower_bound(keys.begin(), keys.end(), key) - keys.begin());
  }
};

std::vector<Index> support_key(std::span<const Index> corners, unsigned support) {
  std::vector<Index> key;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    if (support >> i & 1) key.push_back(corners[i]);
  }
  std::sort(key.begin(), key.end());
  return key;
}

CellType raised(CellType type, bool full) {
  using enum CellType;
  switch (type) {
    case line:
      return line3;
    case triangle:
      return triangle6;
    case quad:
      return full ? quad9 : quad8;
    case tetra:
      return tetra10;
    case pyramid:
      return pyramid13;
    case wedge:
      return wedge15;
    case hexa:
      return full ? hexa27 : hexa20;
    default:
      return type;
  }
}

Middles find_middles(const Mesh& mesh, bool full) {
  Middles middles;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const CellShape& s = shape(raised(mesh.type(c), full));
    for (int i = s.num_corners; i < s.num_nodes; ++i) {
      middles.keys.push_back(support_key(mesh.corners(c), s.supports[i]));
    }
  }
  std::sort(middles.keys.begin(), middles.keys.end());
  middles.keys.erase(std::unique(middles.keys.begin(), middles.keys.end()), middles.keys.end());
  return middles;
}

}  // namespace

Mesh jiggled(const Mesh& mesh, double share, std::uint64_t seed) {
  COTAN_REQUIRE(share >= 0 && share <= 0.4, "jiggled: a share of " << share << "; expected 0 to 0.4");
  const std::size_t dim = mesh.dim();
  const double reach = share / std::sqrt(double(dim));
  const std::vector<bool> fixed = on_boundary(mesh);
  const std::vector<double> edges = shortest_edges(mesh);
  const Random random(seed, purpose::mesh);
  std::vector<double> moves(mesh.points().size(), 0);
  for (Index p = 0; p < mesh.num_points(); ++p) {
    if (fixed[p] || !std::isfinite(edges[p])) continue;
    for (std::size_t k = 0; k < dim; ++k) {
      moves[p * dim + k] = reach * edges[p] * (2 * random.uniform(p * dim + k) - 1);
    }
  }
  for (bool sound = false; !sound;) {  // ends: cells without moves are as before
    follow_corners(mesh, moves);
    const Mesh moved = mesh.with_points(sum(mesh.points(), moves), {.geometry = false});
    const std::vector<double> shapes = cell_shapes(moved), volumes = cell_volumes(moved);
    sound = true;
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      if (shapes[c] > 0.02 && volumes[c] > 0) continue;
      for (const Index p : mesh.cell(c)) {
        for (std::size_t k = 0; k < dim; ++k) {
          double& move = moves[p * dim + k];
          if (move != 0) sound = false;
          move = std::abs(move) < 1e-3 * edges[p] ? 0 : move / 2;
        }
      }
    }
  }
  return mesh.with_points(sum(mesh.points(), moves));
}

Mesh second_order(const Mesh& mesh, bool full) {
  COTAN_REQUIRE(std::all_of(mesh.types().begin(), mesh.types().end(), [](CellType t) { return shape(t).order == 1; }),
                "second_order: the mesh has second-order cells already; expected linear ones");
  const Middles middles = find_middles(mesh, full);
  MeshData data = mesh.data();
  for (const std::vector<Index>& key : middles.keys) {
    for (int k = 0; k < mesh.dim(); ++k) {
      double mean = 0;
      for (const Index p : key) mean += mesh.point(p)[k] / double(key.size());
      data.points.push_back(mean);
    }
  }
  data.cells = {};
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    data.types[c] = raised(mesh.type(c), full);
    const CellShape& s = shape(data.types[c]);
    std::vector<Index> nodes(mesh.cell(c).begin(), mesh.cell(c).end());
    for (int i = s.num_corners; i < s.num_nodes; ++i) {
      nodes.push_back(mesh.num_points() + middles.place(support_key(mesh.corners(c), s.supports[i])));
    }
    data.cells.push_row(nodes);
  }
  return Mesh(std::move(data));
}

}  // namespace cotan

#include "mesh/mending.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <sstream>

#include "core/check.h"
#include "mesh/mesh_checks.h"

namespace cotan {
namespace {

/// Sets that grow together, by their least members.
class Unions {
 public:
  explicit Unions(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }
  Index root(Index i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(Index a, Index b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<Index> parent_;
};

// Points by their coordinates, equal ones by number.
std::vector<Index> by_place(const Mesh& mesh) {
  std::vector<Index> order(mesh.num_points());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Index a, Index b) {
    const auto x = mesh.point(a), y = mesh.point(b);
    for (std::size_t k = 0; k < x.size(); ++k)
      if (x[k] != y[k]) return x[k] < y[k];
    return a < b;
  });
  return order;
}

bool same_place(const Mesh& mesh, Index a, Index b) {
  const auto x = mesh.point(a), y = mesh.point(b);
  return std::equal(x.begin(), x.end(), y.begin());
}

// The first point at each point's place.
std::vector<Index> first_there(const Mesh& mesh) {
  std::vector<Index> first(mesh.num_points());
  Index here = -1;
  for (const Index p : by_place(mesh)) {
    if (here < 0 || !same_place(mesh, here, p)) here = p;
    first[p] = here;
  }
  return first;
}

double largest_difference(const HostField& field, const std::vector<Index>& first) {
  double most = 0;
  const auto n = std::size_t(field.spec.components);
  for (std::size_t p = 0; p < first.size(); ++p) {
    for (std::size_t k = 0; k < n; ++k)
      most = std::max(most, std::abs(field.values[p * n + k] - field.values[std::size_t(first[p]) * n + k]));
  }
  return most;
}

HostField rows_of(const HostField& field, const std::vector<Index>& kept) {
  const auto n = std::size_t(field.spec.components);
  HostField out{field.spec, {}};
  for (const Index p : kept)
    out.values.insert(out.values.end(), field.values.begin() + std::ptrdiff_t(p * n),
                      field.values.begin() + std::ptrdiff_t((p + 1) * n));
  return out;
}

/// A cell's side of a surface, as it goes around.
struct Side {
  std::uint64_t edge;  // its points, the lower number first
  Index cell;
  bool forward;  // from the lower number to the higher
};

std::vector<Side> sides_by_edge(const MeshData& data) {
  std::vector<Side> sides;
  sides.reserve(3 * data.types.size());
  for (Index c = 0; c < std::ssize(data.types); ++c) {
    const auto corners = data.cells[c].first(shape(data.types[c]).num_corners);
    for (std::size_t k = 0; k < corners.size(); ++k) {
      const Index a = corners[k], b = corners[(k + 1) % corners.size()];
      sides.push_back({std::uint64_t(std::min(a, b)) << 32 | std::uint64_t(std::max(a, b)), c, a < b});
    }
  }
  std::sort(sides.begin(), sides.end(), [](const Side& a, const Side& b) { return a.edge < b.edge; });
  return sides;
}

/// Two cells at an edge that no other has.
struct Pair {
  Index a, b;
  bool against;  // they do not go around in the same sense
};

std::vector<Pair> pairs_of(const MeshData& data) {
  const std::vector<Side> sides = sides_by_edge(data);
  std::vector<Pair> pairs;
  for (std::size_t i = 0, end = 0; i < sides.size(); i = end) {
    while (end < sides.size() && sides[end].edge == sides[i].edge) ++end;
    if (end - i == 2) pairs.push_back({sides[i].cell, sides[i + 1].cell, sides[i].forward == sides[i + 1].forward});
  }
  return pairs;
}

/// Cells across the edges of each cell.
struct Neighbour {
  Index cell;
  bool against;
};

std::vector<std::vector<Neighbour>> neighbours_of(const std::vector<Pair>& pairs, std::size_t cells) {
  std::vector<std::vector<Neighbour>> out(cells);
  for (const Pair& pair : pairs) {
    out[pair.a].push_back({pair.b, pair.against});
    out[pair.b].push_back({pair.a, pair.against});
  }
  return out;
}

// The cells that hang together with `start`, and which of them to turn; whether that is possible.
bool orient_piece(const std::vector<std::vector<Neighbour>>& neighbours, Index start, std::vector<bool>& seen,
                  std::vector<bool>& turned) {
  std::vector<Index> piece = {start};
  seen[start] = true;
  bool fits = true;
  std::size_t count = 0;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    count += turned[piece[i]];
    for (const Neighbour& next : neighbours[piece[i]]) {
      const bool wanted = turned[piece[i]] != next.against;
      if (seen[next.cell]) {
        fits = fits && turned[next.cell] == wanted;
        continue;
      }
      seen[next.cell] = true;
      turned[next.cell] = wanted;
      piece.push_back(next.cell);
    }
  }
  const bool others = 2 * count > piece.size();
  for (const Index c : piece) turned[c] = fits && turned[c] != others;
  return fits;
}

}  // namespace

std::vector<Index> piece_sizes(const Mesh& mesh) {
  Unions unions(mesh.num_points());
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const Index p : mesh.cell(c)) unions.join(mesh.cell(c)[0], p);
  }
  std::vector<Index> cells(mesh.num_points(), 0);
  for (Index c = 0; c < mesh.num_cells(); ++c) ++cells[unions.root(mesh.cell(c)[0])];
  std::erase(cells, 0);
  std::sort(cells.begin(), cells.end(), std::greater<>());
  return cells;
}

Index num_coincident(const Mesh& mesh) {
  const auto first = first_there(mesh);
  Index count = 0;
  for (Index p = 0; p < std::ssize(first); ++p) count += first[p] != p;
  return count;
}

Snapshot merge_points(const Snapshot& snapshot, std::vector<std::string>& notes) {
  const auto first = first_there(snapshot.mesh);
  MeshData data = snapshot.mesh.data();
  for (Index& p : data.cells.links) p = first[p];
  for (auto& [name, points] : data.point_sets) {
    for (Index& p : points) p = first[p];
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
  }
  const auto kept = drop_unused_points(data);
  const std::size_t merged = first.size() - kept.size();
  Snapshot out{Mesh(std::move(data)), {}, snapshot.time};
  if (merged > 0) notes.push_back(std::to_string(merged) + " points at the places of others merged with them");
  for (const HostField& field : snapshot.fields) {
    if (field.spec.on != On::points) {
      out.fields.push_back(field);
      continue;
    }
    out.fields.push_back(rows_of(field, kept));
    if (const double most = largest_difference(field, first); most > 0) {
      std::ostringstream note;
      note << "field " << field.spec.name << " differs by up to " << most
           << " between points that were merged: the values of the first stay";
      notes.push_back(note.str());
    }
  }
  return out;
}

Index orient_surface(MeshData& data, bool& one_sided) {
  one_sided = false;
  check_layout(data);
  const auto pairs = pairs_of(data);
  if (std::none_of(pairs.begin(), pairs.end(), [](const Pair& pair) { return pair.against; })) return 0;
  const auto neighbours = neighbours_of(pairs, data.types.size());
  std::vector<bool> turned(data.types.size(), false), seen(data.types.size(), false);
  for (Index start = 0; start < std::ssize(data.types); ++start) {
    if (!seen[start] && !orient_piece(neighbours, start, seen, turned)) one_sided = true;
  }
  turn_cells(data, turned);
  return static_cast<Index>(std::count(turned.begin(), turned.end(), true));
}

}  // namespace cotan

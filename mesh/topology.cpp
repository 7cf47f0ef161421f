// Who touches whom. Facets are paired within the bucket of their lowest corner: no table of all facets' keys is made,
// so the memory beside the result is one Facet a side.
#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "mesh/mesh.h"

namespace cotan {
namespace {

// Turns counts in offsets[row + 1] into offsets.
void accumulate(std::vector<std::int64_t>& offsets) {
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
}

struct Buckets {
  std::vector<std::int64_t> offsets;
  std::vector<Facet> facets;
};

Index lowest_corner(std::span<const Index> cell, const FacetShape& facet) {
  Index lowest = cell[facet.corners[0]];
  for (int i = 1; i < facet.num_corners; ++i) lowest = std::min(lowest, cell[facet.corners[i]]);
  return lowest;
}

Buckets by_lowest_corner(const Mesh& mesh) {
  Buckets b{std::vector<std::int64_t>(std::size_t(mesh.num_points()) + 1, 0), {}};
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const FacetShape& f : shape(mesh.type(c)).facets) ++b.offsets[lowest_corner(mesh.cell(c), f) + 1];
  }
  accumulate(b.offsets);
  b.facets.resize(b.offsets.back());
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto facets = shape(mesh.type(c)).facets;
    for (int f = 0; f < static_cast<int>(facets.size()); ++f) {
      b.facets[b.offsets[lowest_corner(mesh.cell(c), facets[f])]++] = {c, f};
    }
  }
  b.offsets.pop_back();  // each offset has moved on to the next row's begin
  b.offsets.insert(b.offsets.begin(), 0);
  return b;
}

struct KeyedFacet {
  std::array<Index, 4> corners;  // sorted, padded with -1
  Facet facet;
  auto operator<=>(const KeyedFacet&) const = default;
};

KeyedFacet keyed(const Mesh& mesh, Facet facet) {
  const FacetShape& f = shape(mesh.type(facet.cell)).facets[facet.local];
  KeyedFacet key{{-1, -1, -1, -1}, facet};
  const auto nodes = mesh.cell(facet.cell);
  for (int i = 0; i < f.num_corners; ++i) {  // insertion sort: at most four
    key.corners[i] = nodes[f.corners[i]];
    for (int j = i; j > 0 && key.corners[j] < key.corners[j - 1]; --j) std::swap(key.corners[j], key.corners[j - 1]);
  }
  return key;
}

// Calls visit(sides) for every facet, with the sides that share it.
template <class Visit>
void for_each_facet(const Mesh& mesh, Visit visit) {
  const Buckets buckets = by_lowest_corner(mesh);
  std::vector<KeyedFacet> row;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    row.clear();
    for (auto i = buckets.offsets[p]; i < buckets.offsets[p + 1]; ++i) row.push_back(keyed(mesh, buckets.facets[i]));
    std::sort(row.begin(), row.end());
    for (std::size_t begin = 0, end = 0; begin < row.size(); begin = end) {
      while (end < row.size() && row[end].corners == row[begin].corners) ++end;
      visit(std::span<const KeyedFacet>(row).subspan(begin, end - begin));
    }
  }
}

}  // namespace

Adjacency cells_of_points(const Mesh& mesh) {
  Adjacency a;
  a.offsets.assign(std::size_t(mesh.num_points()) + 1, 0);
  for (const Index p : mesh.cells().links) ++a.offsets[p + 1];
  accumulate(a.offsets);
  a.links.resize(mesh.cells().links.size());
  std::vector<std::int64_t> next(a.offsets.begin(), a.offsets.end() - 1);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const Index p : mesh.cell(c)) a.links[next[p]++] = c;
  }
  return a;
}

Adjacency point_neighbours(const Mesh& mesh) {
  const Adjacency around = cells_of_points(mesh);
  Adjacency a;
  a.offsets.reserve(std::size_t(mesh.num_points()) + 1);
  std::vector<Index> row, seen_by(mesh.num_points(), -1);
  for (Index p = 0; p < mesh.num_points(); ++p) {
    row.clear();
    const auto add = [&](Index q) {
      if (seen_by[q] == p) return;
      seen_by[q] = p;
      row.push_back(q);
    };
    for (const Index c : around[p]) {
      const auto nodes = mesh.cell(c);
      for (const auto& [i, j] : shape(mesh.type(c)).edges) {
        if (nodes[i] == p) add(nodes[j]);
        if (nodes[j] == p) add(nodes[i]);
      }
    }
    std::sort(row.begin(), row.end());
    a.push_row(row);
  }
  return a;
}

Adjacency cell_neighbours(const Mesh& mesh) {
  Adjacency a;
  a.offsets.assign(std::size_t(mesh.num_cells()) + 1, 0);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    a.offsets[c + 1] = a.offsets[c] + std::int64_t(shape(mesh.type(c)).facets.size());
  }
  a.links.assign(a.offsets.back(), -1);
  for_each_facet(mesh, [&](std::span<const KeyedFacet> sides) {
    if (sides.size() < 2) return;
    for (std::size_t i = 0; i < sides.size(); ++i) {  // where more than two sheets meet: the next one in turn
      const Facet here = sides[i].facet;
      a.links[a.offsets[here.cell] + here.local] = sides[(i + 1) % sides.size()].facet.cell;
    }
  });
  return a;
}

std::vector<Facet> boundary_facets(const Mesh& mesh) {
  std::vector<Facet> found;
  for_each_facet(mesh, [&](std::span<const KeyedFacet> sides) {
    if (sides.size() == 1) found.push_back(sides[0].facet);
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Index> facet_corners(const Mesh& mesh, Facet facet) {
  const FacetShape& f = shape(mesh.type(facet.cell)).facets[facet.local];
  std::vector<Index> points;
  for (int i = 0; i < f.num_corners; ++i) points.push_back(mesh.cell(facet.cell)[f.corners[i]]);
  return points;
}

std::vector<Index> facet_nodes(const Mesh& mesh, Facet facet) {
  std::vector<Index> points;
  for (const int local : facet_nodes(mesh.type(facet.cell), facet.local)) {
    points.push_back(mesh.cell(facet.cell)[local]);
  }
  return points;
}

}  // namespace cotan

#include "mesh/mesh_checks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/check.h"
#include "mesh/quality.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

std::string text(std::span<const Index> nodes) {
  std::ostringstream out;
  for (std::size_t i = 0; i < nodes.size(); ++i) out << (i ? ", " : "(") << nodes[i];
  out << ')';
  return out.str();
}

std::string point_text(const MeshData& data, Index p) {
  std::ostringstream out;
  out.precision(10);
  for (int k = 0; k < data.dim; ++k) out << (k ? ", " : "(") << data.points[std::size_t(p) * data.dim + k];
  out << ')';
  return out.str();
}

// "cell 7 (triangle, nodes (1, 2, 3))": cells and points count from 0.
std::string cell_text(const MeshData& data, Index c) {
  std::ostringstream out;
  out << "cell " << c << " (" << shape(data.types[c]).name << ", nodes " << text(data.cells[c]) << ')';
  return out.str();
}

std::span<const Index> corners_of(const MeshData& data, Index c) {
  return data.cells[c].first(shape(data.types[c]).num_corners);
}

void check_arrays(const MeshData& data) {
  constexpr std::size_t most = std::numeric_limits<Index>::max();
  COTAN_REQUIRE(data.dim >= 1 && data.dim <= 3, "a mesh of dimension " << data.dim << ": expected 1, 2 or 3");
  COTAN_REQUIRE(data.points.size() % data.dim == 0,
                data.points.size() << " coordinates: expected a multiple of the dimension, " << data.dim);
  COTAN_REQUIRE(data.points.size() / data.dim <= most && data.types.size() <= most,
                "a mesh with " << data.points.size() / data.dim << " points and " << data.types.size()
                               << " cells: at most " << most << " of each fit");
  const auto& offsets = data.cells.offsets;
  COTAN_REQUIRE(offsets.size() == data.types.size() + 1,
                data.types.size() << " cell types: expected " << std::int64_t(offsets.size()) - 1 << ", one a cell");
  COTAN_REQUIRE(offsets.front() == 0 && offsets.back() == std::int64_t(data.cells.links.size()),
                "cell offsets run from " << offsets.front() << " to " << offsets.back() << ": expected 0 to "
                                         << data.cells.links.size() << ", the number of cell nodes");
}

void check_cell(const MeshData& data, Index c, Index num_points) {
  const auto number = static_cast<int>(data.types[c]);
  COTAN_REQUIRE(number < kNumCellTypes, "cell " << c << " has the unknown type " << number);
  const CellShape& s = shape(data.types[c]);
  const std::int64_t count = data.cells.offsets[c + 1] - data.cells.offsets[c];
  COTAN_REQUIRE(count == s.num_nodes,
                "cell " << c << " (" << s.name << ") has " << count << " nodes: expected " << s.num_nodes);
  const auto nodes = data.cells[c];
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    COTAN_REQUIRE(nodes[i] >= 0 && nodes[i] < num_points, cell_text(data, c)
                                                              << " names point " << nodes[i] << ": there are "
                                                              << num_points << ", counted from 0");
    for (std::size_t j = 0; j < i; ++j) {
      COTAN_REQUIRE(nodes[i] != nodes[j], cell_text(data, c) << " names point " << nodes[i] << " twice");
    }
  }
}

// splitmix64, so that sums of node numbers that agree by chance do not collide
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

bool same_corners(const MeshData& data, Index a, Index b) {
  const auto p = corners_of(data, a), q = corners_of(data, b);
  return p.size() == q.size() && std::is_permutation(p.begin(), p.end(), q.begin());
}

// Longest distance from the first corner: the scale that a volume is compared with.
double extent(const MeshData& data, Index c) {
  const auto corners = corners_of(data, c);
  const Vec3 o = point3(data.points, data.dim, corners[0]);
  double squared = 0;
  for (const Index p : corners.subspan(1)) {
    const Vec3 d = point3(data.points, data.dim, p) - o;
    squared = std::max(squared, dot(d, d));
  }
  return std::sqrt(squared);
}

template <class Entry, class Check>
void check_each(const std::map<std::string, std::vector<Entry>>& sets, Check check) {
  for (const auto& [name, entries] : sets) {
    for (const Entry& entry : entries) check(name, entry);
  }
}

}  // namespace

void check_layout(const MeshData& data) {
  check_arrays(data);
  const auto num_points = static_cast<Index>(data.points.size() / data.dim);
  for (std::size_t c = 0; c < data.types.size(); ++c) {
    COTAN_REQUIRE(data.cells.offsets[c] <= data.cells.offsets[c + 1],
                  "cell offset " << c + 1 << " is " << data.cells.offsets[c + 1] << ", below the one before, "
                                 << data.cells.offsets[c]);
    check_cell(data, static_cast<Index>(c), num_points);
    const CellShape &first = shape(data.types[0]), &s = shape(data.types[c]);
    COTAN_REQUIRE(s.dim == first.dim, "cells of different dimension: cell 0 is a " << first.name << ", cell " << c
                                                                                   << " a " << s.name
                                                                                   << "; sides belong in facet sets");
    COTAN_REQUIRE(s.dim <= data.dim, "cell " << c << " (" << s.name << ") has dimension " << s.dim
                                             << " in a mesh whose points have " << data.dim << " coordinates");
  }
}

void check_points(const MeshData& data) {
  const auto bad = std::find_if(data.points.begin(), data.points.end(), [](double x) { return !std::isfinite(x); });
  if (bad != data.points.end()) {
    const auto p = static_cast<Index>((bad - data.points.begin()) / data.dim);
    COTAN_REQUIRE(false, "point " << p << " is at " << point_text(data, p) << ": coordinates must be finite");
  }
  std::vector<bool> used(data.points.size() / data.dim, false);
  for (const Index p : data.cells.links) used[p] = true;
  const auto free = std::find(used.begin(), used.end(), false);
  if (free == used.end()) return;
  const auto p = static_cast<Index>(free - used.begin());
  COTAN_REQUIRE(false, std::count(used.begin(), used.end(), false)
                           << " of " << used.size() << " points belong to no cell; the first is point " << p << " at "
                           << point_text(data, p));
}

// Cells in buckets by a hash of their corners, about four each: much faster than sorting them.
void check_unique(const MeshData& data) {
  const Index num_cells = data.cells.size();
  if (num_cells == 0) return;
  std::vector<std::uint64_t> keys(num_cells);
  for (Index c = 0; c < num_cells; ++c) {
    for (const Index p : corners_of(data, c)) keys[c] += mixed(static_cast<std::uint64_t>(p));
  }
  const int bits = std::max<int>(1, std::bit_width(static_cast<std::uint64_t>(num_cells) / 4));
  const auto bucket_of = [&](Index c) { return keys[c] >> (64 - bits); };
  std::vector<Index> begins((std::size_t{1} << bits) + 1, 0), order(num_cells);
  for (Index c = 0; c < num_cells; ++c) ++begins[bucket_of(c) + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<Index> ends = begins;
  for (Index c = 0; c < num_cells; ++c) {
    const auto bucket = bucket_of(c);
    for (Index i = begins[bucket]; i < ends[bucket]; ++i) {
      COTAN_REQUIRE(keys[order[i]] != keys[c] || !same_corners(data, order[i], c),
                    cell_text(data, c) << " has the same corners as cell " << order[i] << ": no cell may stand twice");
    }
    order[ends[bucket]++] = c;
  }
}

void check_sets(const MeshData& data) {
  const auto num_points = static_cast<Index>(data.points.size() / data.dim);
  const Index num_cells = data.cells.size();
  check_each(data.point_sets, [&](const std::string& name, Index p) {
    COTAN_REQUIRE(p >= 0 && p < num_points,
                  "point set '" << name << "' names point " << p << ": there are " << num_points << ", counted from 0");
  });
  check_each(data.cell_sets, [&](const std::string& name, Index c) {
    COTAN_REQUIRE(c >= 0 && c < num_cells,
                  "cell set '" << name << "' names cell " << c << ": there are " << num_cells << ", counted from 0");
  });
  check_each(data.facet_sets, [&](const std::string& name, Facet facet) {
    COTAN_REQUIRE(facet.cell >= 0 && facet.cell < num_cells, "facet set '" << name << "' names cell " << facet.cell
                                                                           << ": there are " << num_cells
                                                                           << ", counted from 0");
    const CellShape& s = shape(data.types[facet.cell]);
    COTAN_REQUIRE(facet.local >= 0 && facet.local < static_cast<int>(s.facets.size()),
                  "facet set '" << name << "' names side " << facet.local << " of cell " << facet.cell << ": a "
                                << s.name << " has " << s.facets.size() << ", counted from 0");
  });
}

void check_geometry(const MeshData& data) {
  const std::vector<double> volumes = cell_volumes(data);
  for (Index c = 0; c < data.cells.size(); ++c) {
    const int dim = shape(data.types[c]).dim;
    const double size = extent(data, c);
    double smallest = 1e-14;
    for (int k = 0; k < dim; ++k) smallest *= size;
    if (volumes[c] > smallest) continue;
    const char* measure = dim == 3 ? "volume" : dim == 2 ? "area" : "length";
    COTAN_REQUIRE(volumes[c] < -smallest, cell_text(data, c)
                                              << " at " << point_text(data, data.cells[c][0]) << " is degenerate: its "
                                              << measure << " is " << volumes[c]);
    COTAN_REQUIRE(false, cell_text(data, c) << " at " << point_text(data, data.cells[c][0]) << " is inverted: its "
                                            << measure << " is " << volumes[c]);
  }
}

}  // namespace cotan

// Changes of raw mesh data before (or on the way to) a Mesh: orientation, unused points, corners only.
#include <algorithm>

#include "mesh/mending.h"
#include "mesh/mesh.h"
#include "mesh/mesh_checks.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

// The local facet of the mirrored cell that has the same corners as facet `f` of the cell before.
int mirrored_facet(const CellShape& s, int f) {
  const auto mask = [](const FacetShape& facet, auto number) {
    unsigned bits = 0;
    for (int i = 0; i < facet.num_corners; ++i) bits |= 1u << number(facet.corners[i]);
    return bits;
  };
  const unsigned wanted = mask(s.facets[f], [](int corner) { return corner; });
  int g = 0;
  while (mask(s.facets[g], [&](int corner) { return s.mirror[corner]; }) != wanted) ++g;
  return g;
}

void mirror_cell(MeshData& data, Index c) {
  const CellShape& s = shape(data.types[c]);
  Index* nodes = data.cells.links.data() + data.cells.offsets[c];
  const std::vector<Index> old(nodes, nodes + s.num_nodes);
  for (int i = 0; i < s.num_nodes; ++i) nodes[i] = old[s.mirror[i]];
}

// Renumbers the entries of point sets; those without a new number go, and so do sets that become empty.
void renumber_points(MeshData& data, const std::vector<Index>& new_number) {
  for (Index& p : data.cells.links) p = new_number[p];
  for (auto& [name, points] : data.point_sets) {
    for (Index& p : points) p = new_number[p];
    std::erase(points, Index{-1});
    std::sort(points.begin(), points.end());
  }
  std::erase_if(data.point_sets, [](const auto& set) { return set.second.empty(); });
}

}  // namespace

Index repair_orientation(MeshData& data) {
  check_layout(data);
  check_sets(data);
  const std::vector<double> volumes = cell_volumes(data);
  std::vector<bool> turned(volumes.size(), false);
  for (std::size_t c = 0; c < volumes.size(); ++c) turned[c] = volumes[c] < 0;
  turn_cells(data, turned);
  return static_cast<Index>(std::count(turned.begin(), turned.end(), true));
}

void turn_cells(MeshData& data, const std::vector<bool>& turned) {
  if (std::find(turned.begin(), turned.end(), true) == turned.end()) return;
  for (std::size_t c = 0; c < turned.size(); ++c) {
    if (turned[c]) mirror_cell(data, static_cast<Index>(c));
  }
  for (auto& [name, facets] : data.facet_sets) {
    for (Facet& facet : facets) {
      if (turned[facet.cell]) facet.local = mirrored_facet(shape(data.types[facet.cell]), facet.local);
    }
    std::sort(facets.begin(), facets.end());
  }
}

std::vector<Index> drop_unused_points(MeshData& data) {
  check_layout(data);
  check_sets(data);
  const std::size_t n = data.points.size() / data.dim;
  std::vector<Index> new_number(n, -1), kept;
  for (const Index p : data.cells.links) new_number[p] = 0;
  for (std::size_t p = 0; p < n; ++p) {
    if (new_number[p] < 0) continue;
    new_number[p] = static_cast<Index>(kept.size());
    kept.push_back(static_cast<Index>(p));
  }
  if (kept.size() == n) return kept;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::copy_n(data.points.begin() + std::size_t(kept[i]) * data.dim, data.dim, data.points.begin() + i * data.dim);
  }
  data.points.resize(kept.size() * data.dim);
  renumber_points(data, new_number);
  return kept;
}

Mesh linearised(const Mesh& mesh, std::vector<Index>* kept) {
  MeshData data = mesh.data();
  data.cells = {};
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    data.types[c] = shape(mesh.type(c)).linear;
    data.cells.push_row(mesh.corners(c));
  }
  std::vector<Index> old = drop_unused_points(data);
  if (kept) *kept = std::move(old);
  return Mesh(std::move(data), {.geometry = false});  // a curved cell may be sound where its chords are not
}

}  // namespace cotan

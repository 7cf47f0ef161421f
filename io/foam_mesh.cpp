#include "io/foam_mesh.h"

#include <algorithm>

namespace cotan {
namespace {

// Points keep their numbers but for those that go.
void keep_points(FoamMesh& mesh, const std::vector<Index>& kept) {
  if (std::ssize(kept) == mesh.points.size()) return;
  mesh.notes.push_back(std::to_string(mesh.points.size() - std::ssize(kept)) + " points that no cell uses left out");
  Adjacency points;
  for (const Index p : kept) points.push_row(mesh.points[p]);
  mesh.points = std::move(points);
}

// A name that no set has yet: "wall", else "wall_faces", …
std::string free_name(const MeshData& data, const std::string& name, const char* of) {
  const auto taken = [&](const std::string& n) {
    return data.facet_sets.count(n) + data.cell_sets.count(n) + data.point_sets.count(n) > 0;
  };
  std::string out = name;
  while (taken(out)) out += of;
  return out;
}

template <class Entry>
std::vector<Entry> sorted(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

std::vector<Facet> facets_of(const std::vector<Index>& faces,
                             const std::function<std::vector<Facet>(Index face)>& sides) {
  std::vector<Facet> out;
  for (const Index face : faces) {
    const auto some = sides(face);
    out.insert(out.end(), some.begin(), some.end());
  }
  return sorted(std::move(out));
}

// Where the file's rows are, by row: rows[i] is the i-th of the mesh.
std::vector<Index> rows_with(const std::vector<char>& is_member, const std::vector<Index>& rows) {
  std::vector<Index> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_member[std::size_t(rows[i])]) out.push_back(Index(i));
  }
  return out;
}

// The file's point that each point is; middles of cells are none: -1, which the caller's flags leave out.
std::vector<Index> plain_points(const FoamMesh& mesh) {
  std::vector<Index> out;
  for (Index p = 0; p < mesh.points.size(); ++p) {
    const auto row = mesh.points[p];
    out.push_back(row.size() <= 2 ? row[0] : mesh.file_points);
  }
  return out;
}

}  // namespace

void add_foam_sets(const PolyMesh& from, const std::function<std::vector<Facet>(Index face)>& sides, FoamMesh& to) {
  to.notes.insert(to.notes.end(), from.notes.begin(), from.notes.end());
  for (const FoamPatch& patch : from.patches) {
    std::vector<Index> faces(std::size_t(patch.size));
    for (Index i = 0; i < patch.size; ++i) faces[std::size_t(i)] = patch.start + i;
    auto facets = facets_of(faces, sides);
    if (!facets.empty()) to.data.facet_sets[patch.name] = std::move(facets);
    if (patch.type == "cyclic" || patch.type == "cyclicAMI" || patch.type == "wedge" || patch.type == "processor")
      to.notes.push_back("patch " + patch.name + " is of type " + patch.type + ", kept as a set of sides");
  }
  for (const FoamZone& zone : from.zones) {
    if (zone.of == FoamZone::Of::faces) {
      auto facets = facets_of(zone.members, sides);
      if (!facets.empty()) to.data.facet_sets[free_name(to.data, zone.name, "_faces")] = std::move(facets);
      continue;
    }
    const bool on_points = zone.of == FoamZone::Of::points;
    std::vector<char> is_member(std::size_t(on_points ? to.file_points : to.file_cells) + 1, 0);
    for (const Index row : zone.members) is_member[std::size_t(row)] = 1;
    auto rows = rows_with(is_member, on_points ? plain_points(to) : to.cells);
    if (rows.empty()) continue;
    const std::string name = free_name(to.data, zone.name, on_points ? "_points" : "_cells");
    (on_points ? to.data.point_sets : to.data.cell_sets)[name] = std::move(rows);
  }
}

int foam_components(FoamKind kind, bool in_plane) {
  switch (kind) {
    case FoamKind::scalar:
      return 1;
    case FoamKind::vector:
      return in_plane ? 2 : 3;
    case FoamKind::symmetric_tensor:
      return 6;
    case FoamKind::tensor:
      return 9;
  }
  return 0;
}

std::vector<double> in_foam_rows(const FoamMesh& mesh, On on, FoamKind kind, const std::vector<double>& values) {
  const auto width = std::size_t(foam_components(kind, false));
  std::vector<std::size_t> columns;
  for (std::size_t k = 0; k < width; ++k) {
    if (kind != FoamKind::vector || int(k) != mesh.axis) columns.push_back(k);
  }
  std::vector<double> out;
  if (on == On::cells) {
    out.reserve(mesh.cells.size() * columns.size());
    for (const Index row : mesh.cells)
      for (const std::size_t k : columns) out.push_back(values[std::size_t(row) * width + k]);
    return out;
  }
  out.reserve(std::size_t(mesh.points.size()) * columns.size());
  for (Index p = 0; p < mesh.points.size(); ++p) {
    for (const std::size_t k : columns) {
      double sum = 0;
      for (const Index row : mesh.points[p]) sum += values[std::size_t(row) * width + k];
      out.push_back(sum / double(mesh.points[p].size()));
    }
  }
  return out;
}

void mend_foam_mesh(FoamMesh& mesh) {
  keep_points(mesh, drop_unused_points(mesh.data));
  const Index turned = repair_orientation(mesh.data);
  if (turned > 0) mesh.notes.push_back(std::to_string(turned) + " cells of negative volume turned over");
}

}  // namespace cotan

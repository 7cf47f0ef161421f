#include "io/poly_mesh.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/check.h"
#include "io/rows.h"

namespace cotan {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 31;

FoamFile required(const FoamFolder& folder, const std::string& name) {
  auto file = folder(name);
  COTAN_REQUIRE(file, "no file '" << name << "' (or " << name << ".gz), which a polyMesh has");
  return std::move(*file);
}

std::vector<double> read_points(const FoamFolder& folder) {
  FoamFile file = required(folder, "points");
  std::vector<double> points = file.scalars(3, {}, "points");
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!std::isfinite(points[i])) file.fail("point " + std::to_string(i / 3) + " is not finite");
  }
  return points;
}

// Offsets, then points of one face after the other: OpenFOAM's binary form.
Adjacency read_compact(FoamFile& file) {
  const std::vector<Index> offsets = file.labels(kMost, "offsets");
  Adjacency faces;
  faces.links = file.labels(kMost, "points of faces");
  if (offsets.empty() || offsets.front() != 0 || !std::is_sorted(offsets.begin(), offsets.end()) ||
      offsets.back() != std::ssize(faces.links)) {
    file.fail("the offsets of the faces do not rise from 0 to " + std::to_string(faces.links.size()));
  }
  faces.offsets.assign(offsets.begin(), offsets.end());
  return faces;
}

Adjacency read_face_list(FoamFile& file) {
  const std::size_t count = file.list_size(5, kMost, "faces");
  file.expect('(', "the begin of the faces");
  Adjacency faces;
  for (std::size_t f = 0; f < count; ++f) faces.push_row(file.labels(kMost, "points of a face"));
  file.expect(')', "the end of " + std::to_string(count) + " faces");
  return faces;
}

void check_faces(const FoamFile& file, const Adjacency& faces, Index num_points) {
  std::vector<Index> last(std::size_t(num_points), -1);  // the face that had this point last
  for (Index f = 0; f < faces.size(); ++f) {
    const auto fail = [&](const std::string& what) { file.fail("face " + std::to_string(f) + " " + what); };
    if (faces[f].size() < 3) fail("has " + std::to_string(faces[f].size()) + " points, expected 3 or more");
    for (const Index p : faces[f]) {
      if (p < 0 || p >= num_points) {
        fail("has point " + std::to_string(p) + ", there are " + std::to_string(num_points) + ", counted from 0");
      }
      if (last[std::size_t(p)] == f) fail("has point " + std::to_string(p) + " twice");
      last[std::size_t(p)] = f;
    }
  }
}

Adjacency read_faces(const FoamFolder& folder, Index num_points) {
  FoamFile file = required(folder, "faces");
  if (file.class_name() != "faceList" && file.class_name() != "faceCompactList")
    file.fail("class '" + printable(file.class_name()) + "', expected faceList or faceCompactList");
  Adjacency faces = file.class_name() == "faceList" ? read_face_list(file) : read_compact(file);
  check_faces(file, faces, num_points);
  return faces;
}

// Cells have four sides or more each: numbers beyond that are a lie, and no memory is asked for them.
void read_cells(const FoamFolder& folder, PolyMesh& mesh) {
  const std::size_t faces = std::size_t(mesh.faces.size());
  FoamFile owner = required(folder, "owner"), neighbour = required(folder, "neighbour");
  mesh.owner = owner.labels(faces, "owners", /*may_repeat=*/true);
  if (mesh.owner.size() != faces)
    owner.fail(std::to_string(mesh.owner.size()) + " owners of " + std::to_string(faces) + " faces");
  mesh.neighbour = neighbour.labels(faces, "neighbours", /*may_repeat=*/true);
  // older versions give each face of the boundary a neighbour -1
  while (!mesh.neighbour.empty() && mesh.neighbour.back() == -1) mesh.neighbour.pop_back();
  const std::size_t sides = faces + mesh.neighbour.size();
  const auto check = [&](const FoamFile& file, const std::vector<Index>& cells, const char* what) {
    for (std::size_t f = 0; f < cells.size(); ++f) {
      if (cells[f] < 0 || std::size_t(cells[f]) >= sides / 4) {
        file.fail("face " + std::to_string(f) + " has " + what + " " + std::to_string(cells[f]) + ", but " +
                  std::to_string(sides) + " sides make at most " + std::to_string(sides / 4) + " cells");
      }
      mesh.num_cells = std::max(mesh.num_cells, cells[f] + 1);
    }
  };
  check(owner, mesh.owner, "owner");
  check(neighbour, mesh.neighbour, "neighbour");
  for (std::size_t f = 0; f < mesh.neighbour.size(); ++f) {
    if (mesh.owner[f] == mesh.neighbour[f])
      neighbour.fail("face " + std::to_string(f) + " has cell " + std::to_string(mesh.owner[f]) + " on both sides");
  }
}

void gather_cells(PolyMesh& mesh) {
  auto& [offsets, links] = mesh.cells;
  offsets.assign(std::size_t(mesh.num_cells) + 1, 0);
  for (const auto* cells : {&mesh.owner, &mesh.neighbour}) {
    for (const Index c : *cells) ++offsets[std::size_t(c) + 1];
  }
  for (std::size_t c = 0; c + 1 < offsets.size(); ++c) offsets[c + 1] += offsets[c];
  links.resize(std::size_t(offsets.back()));
  std::vector<std::int64_t> next(offsets.begin(), offsets.end() - 1);
  for (Index f = 0; f < mesh.faces.size(); ++f) {
    links[std::size_t(next[std::size_t(mesh.owner[std::size_t(f)])]++)] = f;
    if (mesh.is_inner(f)) links[std::size_t(next[std::size_t(mesh.neighbour[std::size_t(f)])]++)] = f;
  }
}

FoamPatch read_patch(FoamFile& file, const PolyMesh& mesh) {
  FoamPatch patch{file.word("the name of a patch"), ""};
  std::int64_t start = -1, size = -1;
  file.expect('{', "the begin of patch '" + patch.name + "'");
  while (!file.take('}')) {
    const std::string key = file.word("a key of patch '" + patch.name + "'");
    if (key == "type") {
      patch.type = file.word("the type of a patch");
    } else if (key == "nFaces") {
      size = file.integer("a number of faces");
    } else if (key == "startFace") {
      start = file.integer("the number of a face");
    } else {
      file.skip_value();
      continue;
    }
    file.expect(';', "the end of an entry");
  }
  const std::int64_t inner = std::ssize(mesh.neighbour), faces = mesh.faces.size();
  const bool fits = size == 0 || (start >= inner && start <= faces);
  if (size < 0 || !fits || size > faces - std::min(start, faces)) {
    file.fail("patch '" + patch.name + "' has " + std::to_string(size) + " faces from " + std::to_string(start) +
              " on, but those of the boundary are " + std::to_string(inner) + " to " + std::to_string(faces - 1));
  }
  patch.start = size == 0 ? 0 : Index(start);
  patch.size = Index(size);
  return patch;
}

void read_boundary(const FoamFolder& folder, PolyMesh& mesh) {
  FoamFile file = required(folder, "boundary");
  const std::size_t count = file.list_size(4, kMost, "patches");
  file.expect('(', "the begin of the patches");
  std::set<std::string> names;
  std::vector<char> taken(std::size_t(mesh.faces.size()), 0);
  while (!file.take(')')) {  // some cases declare other counts, and are read by others
    mesh.patches.push_back(read_patch(file, mesh));
    const FoamPatch& patch = mesh.patches.back();
    if (!names.insert(patch.name).second) file.fail("patch '" + patch.name + "' stands twice");
    for (Index f = patch.start; f < patch.start + patch.size; ++f) {
      if (taken[std::size_t(f)])
        file.fail("face " + std::to_string(f) + " is in patch '" + patch.name + "' and another");
      taken[std::size_t(f)] = 1;
    }
  }
  if (mesh.patches.size() != count) {
    mesh.notes.push_back("boundary declares " + std::to_string(count) + " patches and has " +
                         std::to_string(mesh.patches.size()));
  }
}

struct ZoneKind {
  const char* file;
  FoamZone::Of of;
  const char* key;  // of its members
};
constexpr ZoneKind kZones[] = {{"pointZones", FoamZone::Of::points, "pointLabels"},
                               {"faceZones", FoamZone::Of::faces, "faceLabels"},
                               {"cellZones", FoamZone::Of::cells, "cellLabels"}};

FoamZone read_zone(FoamFile& file, const ZoneKind& kind, Index rows) {
  FoamZone zone{kind.of, file.word("the name of a zone"), {}};
  file.expect('{', "the begin of zone '" + zone.name + "'");
  while (!file.take('}')) {
    const std::string key = file.word("a key of zone '" + zone.name + "'");
    if (key == "flipMap") {  // bytes, in a binary file: the faces' sides, for which facet sets have no place
      file.skip_flags(std::uint64_t(rows), "flags");
    } else if (key == kind.key) {
      if (file.peek() == 'L') file.word("List<label>");
      zone.members = file.labels(std::uint64_t(rows), "members of zone '" + zone.name + "'");
    } else {
      file.skip_value();
      continue;
    }
    file.expect(';', "the end of an entry");
  }
  for (const Index row : zone.members) {
    if (row < 0 || row >= rows)
      file.fail("zone '" + zone.name + "' has member " + std::to_string(row) + " of " + std::to_string(rows));
  }
  std::sort(zone.members.begin(), zone.members.end());
  zone.members.erase(std::unique(zone.members.begin(), zone.members.end()), zone.members.end());
  return zone;
}

void read_zones(const FoamFolder& folder, PolyMesh& mesh) {
  for (const ZoneKind& kind : kZones) {
    auto file = folder(kind.file);
    if (!file) continue;
    const Index rows = kind.of == FoamZone::Of::points  ? mesh.num_points()
                       : kind.of == FoamZone::Of::faces ? mesh.faces.size()
                                                        : mesh.num_cells;
    const std::size_t count = file->list_size(4, kMost, "zones");
    if (count == 0 && file->peek() != '(') continue;
    file->expect('(', "the begin of the zones");
    for (std::size_t i = 0; i < count; ++i) mesh.zones.push_back(read_zone(*file, kind, rows));
    file->expect(')', "the end of " + std::to_string(count) + " zones");
  }
}

}  // namespace

PolyMesh read_poly_mesh(const FoamFolder& topology, const FoamFolder& points) {
  PolyMesh mesh;
  mesh.points = read_points(points);
  mesh.faces = read_faces(topology, mesh.num_points());
  read_cells(topology, mesh);
  gather_cells(mesh);
  read_boundary(topology, mesh);
  read_zones(topology, mesh);
  return mesh;
}

}  // namespace cotan

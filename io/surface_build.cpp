#include "io/surface_build.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/check.h"
#include "mesh/vector3.h"

namespace cotan {

void SurfaceBuilder::add_point(const std::array<double, 3>& x) {
  for (const double coordinate : x) {
    if (!std::isfinite(coordinate)) source_.fail("a coordinate that is not finite");
  }
  points_.insert(points_.end(), x.begin(), x.end());
}

std::size_t SurfaceBuilder::Hash::operator()(const std::array<double, 3>& x) const {
  std::uint64_t hash = 0;
  for (const double coordinate : x) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(coordinate)) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 29;
  }
  return hash;
}

Index SurfaceBuilder::joined_point(const std::array<double, 3>& x) {
  const std::array<double, 3> key = {x[0] + 0.0, x[1] + 0.0, x[2] + 0.0};  // -0 is 0
  const auto [found, is_new] = known_.try_emplace(key, num_points());
  if (is_new) add_point(key);
  return found->second;
}

int SurfaceBuilder::group_number() {
  std::vector<std::string> names;
  for (const auto& [kind, name] : groups_) {
    if (!name.empty()) names.push_back(name);
  }
  const auto [found, is_new] = group_numbers_.try_emplace(names, int(group_names_.size()));
  if (is_new) group_names_.push_back(names);
  return found->second;
}

void SurfaceBuilder::add_face(const std::vector<std::int64_t>& corners) {
  if (corners.size() < 3 || corners.size() > 4) {
    source_.fail("a face of " + std::to_string(corners.size()) + " corners; triangles and quads can be read");
  }
  Face face{{}, int(corners.size()), group_number()};
  for (std::size_t k = 0; k < corners.size(); ++k) {
    if (corners[k] < 0 || corners[k] > 0x7ffffffe) source_.fail("a face has corner " + std::to_string(corners[k]));
    face.corners[k] = Index(corners[k]);
  }
  faces_.push_back(face);
}

HostField& SurfaceBuilder::add_field(const std::string& name, On on) {
  fields_.push_back({{name, 1, on, ""}, {}});
  return fields_.back();
}

// Whether it has an area beyond round-off.
bool SurfaceBuilder::is_face(const Face& face) const {
  Vec3 area{};
  double longest = 0;
  const Vec3 origin = point3(points_, 3, face.corners[0]);
  for (int k = 0; k < face.count; ++k) {
    const Vec3 a = point3(points_, 3, face.corners[std::size_t(k)]) - origin;
    const Vec3 b = point3(points_, 3, face.corners[std::size_t((k + 1) % face.count)]) - origin;
    for (int j = 0; j < k; ++j) {
      if (face.corners[std::size_t(j)] == face.corners[std::size_t(k)]) return false;
    }
    area = area + cross(a, b);
    longest = std::max(longest, dot(a, a));
  }
  return norm(area) > 1e-12 * longest;
}

MeshContent SurfaceBuilder::build(std::size_t joined) {
  MeshContent content;
  MeshData& mesh = content.mesh;
  std::vector<Index> kept;
  std::set<std::array<Index, 4>> seen;
  std::size_t flat = 0, twice = 0;
  for (std::size_t f = 0; f < faces_.size(); ++f) {
    const Face& face = faces_[f];
    for (int k = 0; k < face.count; ++k) {
      if (face.corners[std::size_t(k)] >= num_points()) {
        source_.fail("face " + std::to_string(f) + " has corner " + std::to_string(face.corners[std::size_t(k)]) +
                     ", there are " + std::to_string(num_points()) + " points, counted from 0");
      }
    }
    std::array<Index, 4> key = face.corners;
    if (face.count == 3) key[3] = -1;
    std::sort(key.begin(), key.end());
    if (!is_face(face)) {
      ++flat;
    } else if (!seen.insert(key).second) {
      ++twice;
    } else {
      for (const auto& name : group_names_[std::size_t(face.group)]) mesh.cell_sets[name].push_back(Index(kept.size()));
      kept.push_back(Index(f));
      mesh.types.push_back(face.count == 3 ? CellType::triangle : CellType::quad);
      mesh.cells.push_row(std::span(face.corners).first(std::size_t(face.count)));
    }
  }
  if (kept.empty()) source_.fail("no faces");
  const auto note = [&](std::size_t count, const char* text) {
    if (count > 0) content.notes.push_back(std::to_string(count) + text);
  };
  note(joined - std::min(joined, std::size_t(num_points())), " points joined with equal ones");
  note(flat, " faces without an area left out");
  note(twice, " faces that stand twice left out");
  for (HostField& field : fields_) {
    if (field.spec.on == On::cells && kept.size() < faces_.size()) {
      for (std::size_t c = 0; c < kept.size(); ++c) field.values[c] = field.values[std::size_t(kept[c])];
      field.values.resize(kept.size());
    }
  }
  content.fields = std::move(fields_);
  mesh.dim = 3;
  mesh.points = std::move(points_);
  drop_flat_coordinates(mesh);
  return content;
}

}  // namespace cotan

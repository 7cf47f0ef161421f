#include <algorithm>
#include <array>

#include "core/check.h"
#include "io/mesh_io.h"
#include "mesh/mending.h"

namespace cotan {
namespace {

// Rows of the points that are kept.
void keep_rows(HostField& field, const std::vector<Index>& kept, std::size_t before) {
  if (field.spec.on != On::points) return;
  const auto width = std::size_t(field.spec.components);
  check_shape(std::array{std::int64_t(field.values.size())}, {std::int64_t(before * width)}, field.spec.name);
  for (std::size_t i = 0; i < kept.size(); ++i) {  // ascending, so no row is overwritten before it is read
    std::copy_n(&field.values[std::size_t(kept[i]) * width], width, &field.values[i * width]);
  }
  field.values.resize(kept.size() * width);
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

bool is_surface_in_space(const MeshData& data) {
  return data.dim == 3 && !data.types.empty() && shape(data.types.front()).dim == 2;
}

void orient(MeshData& data, std::vector<std::string>* notes) {
  bool one_sided = false;
  const Index turned = orient_surface(data, one_sided);
  if (!notes) return;
  if (turned > 0) notes->push_back(counted(std::size_t(turned), "cell") + " turned to the sense of the neighbours");
  if (one_sided) notes->push_back("the surface has one side only: its cells go around in no common sense");
}

}  // namespace

Mesh mend_and_build(MeshData data, std::vector<HostField>* fields, std::vector<std::string>* notes) {
  const auto before = data.points.size() / std::size_t(std::max(data.dim, 1));
  const auto kept = drop_unused_points(data);
  if (kept.size() != before) {
    if (fields) {
      for (HostField& field : *fields) keep_rows(field, kept, before);
    }
    if (notes) notes->push_back(counted(before - kept.size(), "point") + " that no cell uses left out");
  }
  const Index turned = repair_orientation(data);
  if (turned > 0 && notes) notes->push_back(counted(std::size_t(turned), "cell") + " of negative volume turned over");
  if (is_surface_in_space(data)) orient(data, notes);
  return Mesh(std::move(data));
}

}  // namespace cotan

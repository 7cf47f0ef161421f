#include "apps/case_mesh.h"

#include "core/check.h"
#include "io/mesh_io.h"

namespace cotan {

std::shared_ptr<const Mesh> load_mesh(const Config& mesh, const OutlineDraw& draw, std::vector<std::string>& notes) {
  if (mesh.kind() == Config::Kind::scalar)
    return std::make_shared<const Mesh>(read_mesh(relative_to(mesh, mesh.text()), &notes));
  COTAN_REQUIRE(
      mesh.has("gmsh") || mesh.has("outline") || mesh.has("surface") || mesh.has("box"),
      mesh.where() << ": expected a path, {gmsh: script, …}, {outline: {…}}, {surface: file, …} or {box: {…}}");
  return std::make_shared<const Mesh>(make_mesh(mesh, draw, notes));
}

std::shared_ptr<const Mesh> load_case_mesh(const Case& spec, const OutlineDraw& draw, std::vector<std::string>& notes) {
  return load_mesh(spec.mesh, draw, notes);
}

bool depends_on_draw(const Config& mesh, const Case& spec) {
  std::vector<std::string> drawn;
  for (const auto& [name, range] : spec.parameters)
    if (!range.fixed()) drawn.push_back(name);
  return mesh_varies(mesh, drawn);
}

}  // namespace cotan

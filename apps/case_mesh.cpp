#include "apps/case_mesh.h"

#include "core/check.h"
#include "io/gmsh.h"
#include "io/mesh_io.h"
#include "mesh/outline.h"

namespace cotan {
namespace {

Expression parse_parameter_expression(const Config& node, const std::vector<std::string>& parameters) {
  try {
    return Expression::parse(node.text(), parameters);
  } catch (const InputError& e) {
    throw InputError(node.where() + ": " + e.what());
  }
}

GmshOptions gmsh_options(const Config& mesh, const std::map<std::string, double>& parameters) {
  mesh.only_keys({"gmsh", "size", "parameters"});
  GmshOptions options;
  if (mesh.has("size")) {
    options.size = mesh["size"].number();
    COTAN_REQUIRE(options.size > 0, mesh["size"].where()
                                        << ": " << options.size << " is out of range (element size [m]; above 0)");
  }
  if (!mesh.has("parameters")) return options;
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name);
    values.push_back(value);
  }
  for (const auto& [name, node] : mesh["parameters"].entries()) {
    options.parameters.emplace_back(name, parse_parameter_expression(node, names)(values));
  }
  return options;
}

}  // namespace

std::filesystem::path relative_to(const Config& config, const std::string& path) {
  const std::filesystem::path given(path);
  return given.is_absolute() ? given : config.file().parent_path() / given;
}

bool depends_on_draw(const Config& mesh, const Case& spec) {
  if (mesh.kind() != Config::Kind::map || !mesh.has("parameters")) return false;
  std::vector<std::string> names;
  for (const auto& entry : spec.parameters) names.push_back(entry.first);
  for (const auto& entry : mesh["parameters"].entries()) {
    const Expression value = parse_parameter_expression(entry.second, names);
    for (const auto& [name, range] : spec.parameters) {
      if (!range.fixed() && value.uses(name)) return true;
    }
  }
  return false;
}

std::shared_ptr<const Mesh> load_case_mesh(const Case& spec, const std::map<std::string, double>& parameters,
                                           std::vector<std::string>& notes) {
  return load_mesh(spec.mesh, parameters, notes);
}

std::shared_ptr<const Mesh> load_mesh(const Config& mesh, const std::map<std::string, double>& parameters,
                                      std::vector<std::string>& notes) {
  if (mesh.kind() == Config::Kind::scalar) {
    return std::make_shared<const Mesh>(read_mesh(relative_to(mesh, mesh.text()), &notes));
  }
  COTAN_REQUIRE(mesh.has("gmsh") || mesh.has("outline"),
                mesh.where() << ": expected a path, {gmsh: script, …} or {outline: {…}}");
  if (mesh.has("outline")) {
    mesh.only_keys({"outline"});
    return std::make_shared<const Mesh>(mesh_outline(parse_outline(mesh["outline"])));
  }
  MeshData data = mesh_with_gmsh(relative_to(mesh, mesh["gmsh"].text()), gmsh_options(mesh, parameters), &notes);
  return std::make_shared<const Mesh>(mend_and_build(std::move(data), nullptr, &notes));
}

}  // namespace cotan

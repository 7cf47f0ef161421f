#pragma once
// The files of an OpenFOAM case as one: "==> points" and a newline stand before the bytes of each. Those named "p" and
// "U" are fields on cells, and where one is named "plane" the case is laid into the plane.
#include <map>
#include <string>

#include "core/check.h"
#include "io/foam_case.h"
#include "io/mesh_content.h"
#include "io/source.h"

namespace cotan {

inline std::map<std::string, std::string> unbundled(const std::string& bytes) {
  const std::string mark = "==> ";
  std::map<std::string, std::string> files;
  for (auto at = bytes.find(mark); at != bytes.npos;) {
    const auto line = bytes.find('\n', at), next = line == bytes.npos ? line : bytes.find(mark, line);
    if (line == bytes.npos) break;
    files[bytes.substr(at + mark.size(), line - at - mark.size())] = bytes.substr(line + 1, next - line - 1);
    at = next;
  }
  return files;
}

inline MeshContent parse_foam_bundle(Source& source) {
  std::string bytes;
  while (!source.at_end()) bytes += source.bytes<char>();
  const auto files = unbundled(bytes);
  const auto open = [&](const std::string& name) -> std::optional<FoamFile> {
    const auto found = files.find(name);
    if (found == files.end()) return std::nullopt;
    return FoamFile(found->second, name);
  };
  const PolyMesh poly = read_poly_mesh(open, open);
  FoamMesh mesh = files.count("plane") ? plane_of(poly) : cells_of(poly);
  MeshContent content;
  for (const char* name : {"p", "U"}) {
    auto file = open(name);
    COTAN_REQUIRE(file, "no field " << name);
    const auto about = foam_class(file->class_name());
    COTAN_REQUIRE(about, name << " is no field");
    const FoamField field = read_foam_field(*file, *about, mesh.file_points, mesh.file_cells);
    content.fields.push_back({{name, foam_components(about->kind, mesh.axis >= 0), about->on, field.unit},
                              in_foam_rows(mesh, about->on, about->kind, field.values)});
  }
  content.mesh = std::move(mesh.data);
  return content;
}

}  // namespace cotan

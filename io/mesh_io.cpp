#include "io/mesh_io.h"

#include <array>

#include "core/build.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/msh.h"
#include "io/vtk.h"

namespace cotan {
namespace {

Snapshot read_msh_row(const std::filesystem::path& path, std::vector<std::string>* notes) {
  MeshContent content = read_msh(path);
  if (notes) notes->insert(notes->end(), content.notes.begin(), content.notes.end());
  Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, notes);
  return {std::move(mesh), std::move(content.fields), content.time};
}

// What MSH has no place for.
void write_msh_row(const std::filesystem::path& path, const Snapshot& snapshot) {
  std::vector<std::string> lost;
  for (const HostField& field : snapshot.fields) {
    if (field.spec.on == On::whole) lost.push_back(field.spec.name);
    if (field.spec.on != On::whole && !field.spec.unit.empty()) lost.push_back("the unit of " + field.spec.name);
  }
  if (!lost.empty()) log_warning(path.string() + ": left out, since MSH cannot keep it: " + join(lost));
  write_msh(path, snapshot);
}

constexpr std::array kFormats = {
    MeshFormat{".msh", "Gmsh 2.2 and 4.1, text and binary", read_msh_row, write_msh_row},
    MeshFormat{".vtu", "VTK's unstructured grid", read_vtu, write_vtu, "vtk"},
};

const MeshFormat& format_of(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  std::vector<std::string> names;
  for (const MeshFormat& format : kFormats) {
    if (format.extension == extension) return format;
    if (has_feature(format.needs)) names.emplace_back(format.extension);
  }
  throw InputError(path.string() + ": " + unknown_name("mesh format", extension, names));
}

}  // namespace

std::span<const MeshFormat> mesh_formats() {
  return kFormats;
}

Snapshot read_snapshot(const std::filesystem::path& path, std::vector<std::string>* notes) {
  const MeshFormat& format = format_of(path);
  COTAN_REQUIRE(format.read, path.string() << ": " << format.about << " can be written only");
  try {
    return format.read(path, notes);
  } catch (const InputError& error) {
    const std::string what = error.what();  // the mesh's own checks know no file
    throw InputError(what.find(path.string()) == std::string::npos ? path.string() + ": " + what : what);
  }
}

Mesh read_mesh(const std::filesystem::path& path, std::vector<std::string>* notes) {
  return read_snapshot(path, notes).mesh;
}

void write_snapshot(const std::filesystem::path& path, const Snapshot& snapshot) {
  const MeshFormat& format = format_of(path);
  COTAN_REQUIRE(format.write, path.string() << ": " << format.about << " can be read only");
  format.write(path, snapshot);
}

}  // namespace cotan

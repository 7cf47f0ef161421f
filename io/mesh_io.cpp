#include "io/mesh_io.h"

#include <algorithm>
#include <array>

#include "core/build.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/abaqus.h"
#include "io/exodus.h"
#include "io/foam.h"
#include "io/foam_case.h"
#include "io/legacy_vtk.h"
#include "io/msh.h"
#include "io/rows.h"
#include "io/su2.h"
#include "io/surface.h"
#include "io/vtk.h"
#include "io/vtkhdf.h"
#include "io/xdmf.h"

namespace cotan {
namespace {

Snapshot read_msh_row(const std::filesystem::path& path, std::vector<std::string>* notes) {
  MeshContent content = read_msh(path);
  if (notes) notes->insert(notes->end(), content.notes.begin(), content.notes.end());
  Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, notes);
  return {std::move(mesh), std::move(content.fields), content.time};
}

// A format of our own parsers.
template <MeshContent (*parse)(Source&)>
Snapshot read_parsed(const std::filesystem::path& path, std::vector<std::string>* notes) {
  Source source(path);
  MeshContent content = parse(source);
  if (source.cut_in_line()) content.notes.push_back("the last line has no end: is the file whole?");
  if (notes) notes->insert(notes->end(), content.notes.begin(), content.notes.end());
  Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, notes);
  return {std::move(mesh), std::move(content.fields), content.time};
}

void write_msh_row(const std::filesystem::path& path, const Snapshot& snapshot) {
  write_msh(path, snapshot);
}

constexpr Keeps kMeshOnly{
    .second_order = false, .sets = false, .fields = false, .whole_fields = false, .surfaces = false};

constexpr std::array kFormats = {
    MeshFormat{".msh", "Gmsh 2.2 and 4.1, text and binary", read_msh_row, write_msh_row, {.whole_fields = false}},
    MeshFormat{".vtu", "VTK's unstructured grid", read_vtu, write_vtu, {}, "vtk"},
    MeshFormat{".vtp", "VTK's surfaces and lines", read_vtp, nullptr, {}, "vtk"},
    MeshFormat{".pvtu", "VTK's unstructured grid in pieces", read_pvtu, nullptr, {}, "vtk"},
    MeshFormat{".su2", "SU2", read_parsed<parse_su2>, write_su2, kMeshOnly},
    MeshFormat{".vtk", "VTK's legacy format, text and binary", read_parsed<parse_legacy_vtk>, write_legacy_vtk},
    MeshFormat{".inp", "input deck of Abaqus or CalculiX", read_parsed<parse_abaqus>, nullptr},
    MeshFormat{".stl", "surface, text and binary", read_parsed<parse_stl>, nullptr},
    MeshFormat{".off", "surface, text", read_parsed<parse_off>, nullptr},
    MeshFormat{".ply", "surface, text and binary", read_parsed<parse_ply>, nullptr},
    MeshFormat{".obj", "surface, Wavefront's", read_parsed<parse_obj>, nullptr},
    MeshFormat{".vtkhdf", "VTKHDF", read_vtkhdf, write_vtkhdf, {.units = true}, "hdf5"},
    MeshFormat{".hdf", "VTKHDF", read_vtkhdf, nullptr, {}, "hdf5"},
    MeshFormat{".xdmf", "XDMF 2 and 3 with HDF5", read_xdmf, write_xdmf, {}, "hdf5"},
    MeshFormat{".xmf", "XDMF 2 and 3 with HDF5", read_xdmf, nullptr, {}, "hdf5"},
    MeshFormat{".e", "Exodus II", read_exodus, nullptr},
    MeshFormat{".exo", "Exodus II", read_exodus, nullptr},
    MeshFormat{".ex2", "Exodus II", read_exodus, nullptr},
    MeshFormat{".exodus", "Exodus II", read_exodus, nullptr},
    MeshFormat{".g", "Exodus II without results (Genesis)", read_exodus, nullptr},
    MeshFormat{".foam", "OpenFOAM case, by a file in it or its folder", read_foam, nullptr, {}, "", read_foam_plane},
    MeshFormat{".openfoam", "OpenFOAM case", read_foam, nullptr, {}, "", read_foam_plane},
};

const MeshFormat& format_of(const std::filesystem::path& path) {
  std::error_code error;
  const bool is_case = std::filesystem::is_directory(path, error) && is_foam_case(path);
  const std::string extension = is_case ? ".foam" : lower_extension(path);
  std::vector<std::string> names;
  for (const MeshFormat& format : kFormats) {
    if (format.extension == extension) return format;
    if (has_feature(format.needs)) names.emplace_back(format.extension);
  }
  throw InputError(path.string() + ": " + unknown_name("mesh format", extension, names));
}

std::vector<std::string> lost_in(const Keeps& keeps, const Snapshot& snapshot) {
  std::vector<std::string> lost;
  for (const HostField& field : snapshot.fields) {
    const bool kept = field.spec.on == On::whole ? keeps.whole_fields : keeps.fields;
    if (!kept) lost.push_back(field.spec.name);
    if (kept && !keeps.units && !field.spec.unit.empty()) lost.push_back("the unit of " + field.spec.name);
  }
  const MeshData& data = snapshot.mesh.data();
  if (!keeps.sets) {
    for (const auto& [name, set] : data.point_sets) lost.push_back("point set " + name);
    for (const auto& [name, set] : data.cell_sets) lost.push_back("cell set " + name);
  }
  return lost;
}

}  // namespace

std::span<const MeshFormat> mesh_formats() {
  return kFormats;
}

bool can_read_mesh(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  return std::any_of(kFormats.begin(), kFormats.end(), [&](const MeshFormat& format) {
    return format.extension == extension && format.read && has_feature(format.needs);
  });
}

namespace {

// The mesh's own checks know no file.
template <class Read>
Snapshot read_by(Read read, const std::filesystem::path& path, std::vector<std::string>* notes) {
  try {
    return read(path, notes);
  } catch (const InputError& error) {
    const std::string what = error.what();
    throw InputError(what.find(path.string()) == std::string::npos ? path.string() + ": " + what : what);
  }
}

}  // namespace

Snapshot read_snapshot(const std::filesystem::path& path, std::vector<std::string>* notes) {
  const MeshFormat& format = format_of(path);
  COTAN_REQUIRE(format.read, path.string() << ": " << format.about << " can be written only");
  return read_by(format.read, path, notes);
}

Snapshot read_in_plane(const std::filesystem::path& path, std::vector<std::string>* notes) {
  const MeshFormat& format = format_of(path);
  COTAN_REQUIRE(format.read_in_plane, path.string() << ": only OpenFOAM cases are laid into the plane");
  return read_by(format.read_in_plane, path, notes);
}

Mesh read_mesh(const std::filesystem::path& path, std::vector<std::string>* notes) {
  return read_snapshot(path, notes).mesh;
}

void write_snapshot(const std::filesystem::path& path, const Snapshot& snapshot) {
  const MeshFormat& format = format_of(path);
  COTAN_REQUIRE(format.write, path.string() << ": " << format.about << " can be read only");
  const Mesh& mesh = snapshot.mesh;
  std::vector<std::string> lost = lost_in(format.keeps, snapshot);
  const bool curved = !format.keeps.second_order && std::any_of(mesh.types().begin(), mesh.types().end(),
                                                                [](CellType type) { return shape(type).order > 1; });
  if (curved) lost.insert(lost.begin(), "the second-order nodes of cells");
  curved ? format.write(path, {linearised(mesh), {}, snapshot.time}) : format.write(path, snapshot);
  if (!lost.empty()) {
    log_warning(path.string() + ": left out, since " + upper(format.extension.substr(1)) +
                " cannot keep it: " + join(lost));
  }
}

}  // namespace cotan

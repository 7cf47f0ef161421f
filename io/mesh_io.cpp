#include "io/mesh_io.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "io/msh.h"

namespace cotan {
namespace {

std::string lower_extension(const std::filesystem::path& path) {
  std::string text = path.extension().string();
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

Snapshot read_msh_row(const std::filesystem::path& path, std::vector<std::string>* notes) {
  MshContent content = read_msh(path);
  if (notes) notes->insert(notes->end(), content.notes.begin(), content.notes.end());
  Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, notes);
  return {std::move(mesh), std::move(content.fields), content.time};
}

constexpr std::array kFormats = {
    MeshFormat{".msh", "Gmsh 2.2 and 4.1, text and binary", read_msh_row,
               [](const std::filesystem::path& path, const Snapshot& snapshot) { write_msh(path, snapshot); }},
};

const MeshFormat& format_of(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  std::vector<std::string> names;
  for (const MeshFormat& format : kFormats) {
    if (format.extension == extension) return format;
    names.emplace_back(format.extension);
  }
  throw InputError(path.string() + ": " + unknown_name("mesh format", extension, names));
}

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

}  // namespace

std::span<const MeshFormat> mesh_formats() {
  return kFormats;
}

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
  return Mesh(std::move(data));
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

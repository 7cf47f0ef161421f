#include <gtest/gtest.h>
#include <unistd.h>

#include "build_config.h"
#include "core/check.h"
#include "io/abaqus.h"
#include "io/legacy_vtk.h"
#include "io/msh.h"
#include "io/safetensors.h"
#include "io/su2.h"
#include "io/surface.h"
#include "io/vtk.h"
#include "mesh/generate.h"
#include "source_dir.h"
#include "tests/fuzz/foam_bundle.h"
#include "tests/fuzz/readers.h"

namespace cotan::testing_fuzz {

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / (std::to_string(getpid()) + name);
}

Snapshot seed_snapshot() {
  MeshData data = mixed_rectangle(4, 2).data();
  data.cell_sets = {{"all of it", {0, 1, 2, 3}}, {"part", {1}}};
  data.point_sets = {{"probe", {2}}};
  Mesh mesh(std::move(data));
  HostField u{{"u", 2, On::points, ""}, std::vector<double>(std::size_t(2 * mesh.num_points()), 0.5)};
  HostField k{{"k", 1, On::cells, ""}, std::vector<double>(std::size_t(mesh.num_cells()), 2)};
  return {std::move(mesh), {u, k}, 1};
}

std::string read_msh_bytes(const std::string& bytes) {
  MeshContent content = parse_msh(std::as_bytes(std::span(bytes)), "seed.msh");
  const Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, nullptr);
  return std::to_string(mesh.num_points()) + " points, " + std::to_string(mesh.num_cells()) + " cells";
}

std::string read_safetensors_bytes(const std::string& bytes) {
  std::string digest;
  const TensorFile file = parse_safetensors(std::as_bytes(std::span(bytes)), "seed.safetensors");
  for (const auto& [name, tensor] : file.tensors) digest += name + " " + std::to_string(tensor.bytes.size()) + ", ";
  return digest;
}

namespace {

/// A parser and what `write` makes of the seed, or a text.
template <Parser parse>
Reader parser_reader(const std::string& name, const std::string& seed, bool open_ended = false) {
  Reader reader{name, seed, read_parsed<parse>};
  reader.open_ended = open_ended;
  return reader;
}

std::string corpus_file(const std::string& name) {
  return read_file(std::filesystem::path(COTAN_SOURCE_DIR) / "tests/fuzz/corpus" / name);
}

Reader msh_reader(const std::string& name, MshVersion version, bool binary) {
  return {name, written(name, [&](const auto& path) { write_msh(path, seed_snapshot(), version, binary); }),
          read_msh_bytes};
}

Reader safetensors_reader() {
  TensorFile file;
  file.tensors["a"] = {DType::f32, {2, 3}, std::vector<std::byte>(24)};
  file.tensors["b"] = {DType::i64, {}, std::vector<std::byte>(8)};
  file.metadata["config"] = "dt: 0.1";
  return {"safetensors", written("safetensors", [&](const auto& path) { write_safetensors(path, file); }),
          read_safetensors_bytes};
}

[[maybe_unused]] Reader vtu_reader() {
  return file_reader(
      "seed.vtu", [](const auto& path) { write_vtu(path, seed_snapshot()); },
      [](const auto& path) {
        const Snapshot found = read_vtu(path);
        return std::to_string(found.mesh.num_points()) + " points, " + std::to_string(found.fields.size()) + " fields";
      },
      1500);
}

[[maybe_unused]] Reader vtp_reader() {
  return file_reader(
      "seed.vtp", [](const auto& path) { write_file(path, corpus_file("vtp/plane.vtp")); },
      [](const auto& path) {
        const Snapshot found = read_vtp(path);
        return std::to_string(found.mesh.num_points()) + " points, " + std::to_string(found.fields.size()) + " fields";
      },
      1500);
}

/// Two pieces side by side, of whose list or first file the bytes are.
[[maybe_unused]] Reader pvtu_reader(bool list) {
  const auto folder = scratch(list ? "pvtu_list" : "pvtu_piece");
  std::filesystem::create_directories(folder);
  const Snapshot seed = seed_snapshot();
  std::vector<double> points(seed.mesh.points().begin(), seed.mesh.points().end());
  for (std::size_t i = 0; i < points.size(); i += 2) points[i] += 10;
  write_vtu(folder / "a.vtu", seed);
  write_vtu(folder / "b.vtu", {seed.mesh.with_points(points), seed.fields, seed.time});
  const std::string text =
      "<VTKFile type=\"PUnstructuredGrid\">\n<PUnstructuredGrid GhostLevel=\"0\">\n<Piece Source=\"a.vtu\"/>\n<Piece "
      "Source=\"b.vtu\"/>\n</PUnstructuredGrid>\n</VTKFile>";
  const std::string piece = read_file(folder / "a.vtu"), other = read_file(folder / "b.vtu");
  return {list ? "pvtu" : "pvtu_piece", list ? text : piece,
          [=](const std::string& bytes) {
            std::filesystem::create_directories(folder);
            std::ofstream(folder / "a.vtu", std::ios::binary) << (list ? piece : bytes);
            std::ofstream(folder / "b.vtu", std::ios::binary) << other;
            std::ofstream(folder / "all.pvtu", std::ios::binary) << (list ? bytes : text);
            const Snapshot found = read_pvtu(folder / "all.pvtu");
            return std::to_string(found.mesh.num_points()) + " points, " + std::to_string(found.fields.size());
          },
          list ? 600 : 1000};
}

}  // namespace

std::vector<Reader> mesh_readers() {
  std::vector<Reader> rows = {msh_reader("msh22_text", MshVersion::v22, false),
                              msh_reader("msh22_binary", MshVersion::v22, true),
                              msh_reader("msh41_text", MshVersion::v41, false),
                              msh_reader("msh41_binary", MshVersion::v41, true), safetensors_reader()};
  rows.push_back(
      parser_reader<parse_su2>("su2", written("seed.su2", [](const auto& path) { write_su2(path, seed_snapshot()); })));
  for (const char* deck : {"abaqus/solid.inp", "abaqus/assembly.inp"}) {
    rows.push_back(parser_reader<parse_abaqus>(deck, corpus_file(deck), true));
  }
  for (const char* file : {"legacy_vtk/text.vtk", "legacy_vtk/binary51.vtk"}) {
    rows.push_back(parser_reader<parse_legacy_vtk>(file, corpus_file(file), true));
  }
  rows.push_back(parser_reader<parse_stl>("stl_text", corpus_file("stl/text.stl")));
  rows.push_back(parser_reader<parse_stl>("stl_binary", corpus_file("stl/binary.stl")));
  rows.back().least_refused = 0.4;  // most of its bytes are coordinates, and others make another good file
  rows.push_back(parser_reader<parse_off>("off", corpus_file("off/plane.off"), true));  // colours may end a row
  rows.push_back(parser_reader<parse_ply>("ply_text", corpus_file("ply/text.ply")));
  rows.push_back(parser_reader<parse_ply>("ply_binary", corpus_file("ply/big.ply")));
  rows.push_back(parser_reader<parse_obj>("obj", corpus_file("obj/plane.obj"), true));
  for (const char* file : {"foam/text", "foam/binary", "foam/plane"}) {
    rows.push_back(parser_reader<parse_foam_bundle>(file, corpus_file(file)));
  }
#if COTAN_HAS_VTK
  rows.push_back(vtu_reader());
  rows.push_back(vtp_reader());
  for (const bool list : {true, false}) rows.push_back(pvtu_reader(list));
#endif
  return rows;
}

}  // namespace cotan::testing_fuzz

#include "io/mesh_io.h"

#include <gtest/gtest.h>

#include "core/build.h"
#include "core/check.h"
#include "core/files.h"
#include "mesh/generate.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / name;
}

std::string message_of(const std::filesystem::path& path) {
  try {
    read_snapshot(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

Snapshot with_fields(Mesh mesh) {
  HostField field{{"u", 2, On::points, ""}, {}}, cell{{"k", 1, On::cells, ""}, {}};
  for (Index i = 0; i < mesh.num_points(); ++i) field.values.insert(field.values.end(), {1.0 + i, 0.5 * i});
  for (Index c = 0; c < mesh.num_cells(); ++c) cell.values.push_back(-c);
  return {std::move(mesh), {field, cell}, 1.5};
}

void expect_fields(const Snapshot& found, const Snapshot& expected) {
  for (const HostField& field : expected.fields) {
    const auto same = std::find_if(found.fields.begin(), found.fields.end(),
                                   [&](const HostField& other) { return other.spec.name == field.spec.name; });
    ASSERT_NE(same, found.fields.end()) << field.spec.name;
    EXPECT_EQ(same->values, field.values) << field.spec.name;
  }
  EXPECT_EQ(found.time, expected.time);
}

void expect_round_trip(const MeshFormat& format, const Mesh& mesh, const std::filesystem::path& path) {
  const Snapshot snapshot = with_fields(mesh);
  if (!format.keeps.surfaces && (mesh.dim() < 2 || mesh.cell_dim() < mesh.dim())) {
    EXPECT_THROW(write_snapshot(path, snapshot), InputError);
    return;
  }
  testing::internal::CaptureStderr();  // what is left out
  write_snapshot(path, snapshot);
  testing::internal::GetCapturedStderr();
  const Snapshot back = read_snapshot(path);
  const Mesh expected = format.keeps.second_order ? mesh : linearised(mesh);
  EXPECT_EQ(back.mesh.dim(), expected.dim());
  EXPECT_EQ(back.mesh.data().points, expected.data().points);
  EXPECT_EQ(back.mesh.data().types, expected.data().types);
  EXPECT_EQ(back.mesh.data().cells.links, expected.data().cells.links);
  EXPECT_EQ(back.mesh.data().facet_sets, expected.data().facet_sets);
  if (format.keeps.sets) {
    EXPECT_EQ(back.mesh.data().point_sets, expected.data().point_sets);
    EXPECT_EQ(back.mesh.data().cell_sets, expected.data().cell_sets);
  }
  if (format.keeps.fields) expect_fields(back, snapshot);
}

// Each family's meshes with a cell set and, where points are no sides, a point set.
Mesh with_sets(const Mesh& mesh) {
  MeshData data = mesh.data();
  data.cell_sets["first cell"] = {0};
  if (mesh.cell_dim() > 1) data.point_sets["probe"] = {0, mesh.num_points() - 1};
  return Mesh(std::move(data));
}

TEST(MeshIo, EveryFormatOfTheTableBringsAllFamiliesBack) {
  for (const MeshFormat& format : mesh_formats()) {
    if (!format.read || !format.write || !has_feature(format.needs)) continue;
    const auto path = scratch("cotan_table" + std::string(format.extension));
    for (const auto& [name, mesh] : meshes::all()) {
      SCOPED_TRACE(std::string(format.extension) + " " + name);
      expect_round_trip(format, with_sets(mesh), path);
    }
    std::filesystem::remove(path);
  }
}

TEST(MeshIo, WhatSu2CannotKeepIsSaid) {
  Snapshot snapshot = with_fields(with_sets(rectangle(2, 2, {1, 1}, CellType::quad8)));
  testing::internal::CaptureStderr();
  write_snapshot(scratch("cotan_lost.su2"), snapshot);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(
      said.find("SU2 cannot keep it: the second-order nodes of cells, u, k, point set probe, cell set first cell"),
      std::string::npos)
      << said;
}

TEST(MeshIo, WhatMshCannotKeepIsSaid) {
  Snapshot snapshot = with_fields(mixed_rectangle(4, 3));
  snapshot.fields.push_back({{"drag", 1, On::whole, "N"}, {0.5}});
  snapshot.fields[0].spec.unit = "m/s";
  testing::internal::CaptureStderr();
  write_snapshot(scratch("cotan_lost.msh"), snapshot);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("MSH cannot keep it: the unit of u, drag"), std::string::npos) << said;
}

TEST(MeshIo, AnUnknownExtensionNamesTheNearestAndAll) {
  const std::string message = message_of("channel.mhs");
  EXPECT_NE(message.find("channel.mhs: unknown mesh format '.mhs' (did you mean '.msh'?)"), std::string::npos)
      << message;
  for (const MeshFormat& format : mesh_formats())
    EXPECT_EQ(message.find(format.extension) != std::string::npos, has_feature(format.needs)) << message;
  EXPECT_THROW(write_snapshot("a.mhs", {rectangle(1, 1), {}, 0}), InputError);
}

TEST(MeshIo, TheMeshsOwnChecksNameTheFile) {
  const auto path = scratch("cotan_flat.msh");
  write_file(path,
             "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n3\n1 0 0 0\n2 1 0 0\n3 2 0 0\n$EndNodes\n"
             "$Elements\n1\n1 2 0 1 2 3\n$EndElements\n");
  EXPECT_NE(message_of(path).find(path.string()), std::string::npos) << message_of(path);
  write_file(path, "");
  EXPECT_NE(message_of(path).find("empty file"), std::string::npos) << message_of(path);
  std::filesystem::remove(path);
  EXPECT_NE(message_of(path).find("no such file"), std::string::npos) << message_of(path);
}

TEST(MeshIo, UnusedPointsGoWithTheirRowsOfFields) {
  MeshData data = rectangle(2, 2).data();
  data.points.insert(data.points.begin(), {9, 9});  // a point before all that no cell uses
  for (Index& p : data.cells.links) ++p;
  std::vector<HostField> fields = with_fields(rectangle(2, 2)).fields;
  fields[0].values.insert(fields[0].values.begin(), {-1, -1});
  const auto expected = with_fields(rectangle(2, 2));
  std::vector<std::string> notes;
  const Mesh mesh = mend_and_build(std::move(data), &fields, &notes);
  EXPECT_EQ(mesh.data().points, expected.mesh.data().points);
  EXPECT_EQ(fields[0].values, expected.fields[0].values);
  EXPECT_EQ(fields[1].values, expected.fields[1].values);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0], "1 point that no cell uses left out");
}

}  // namespace
}  // namespace cotan

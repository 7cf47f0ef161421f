#include "io/mesh_io.h"

#include <gtest/gtest.h>

#include "core/build.h"
#include "core/check.h"
#include "core/files.h"
#include "mesh/generate.h"

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

TEST(MeshIo, EveryFormatOfTheTableBringsMeshSetsAndFieldsBack) {
  for (const MeshFormat& format : mesh_formats()) {
    if (!format.read || !format.write || !has_feature(format.needs)) continue;
    SCOPED_TRACE(format.extension);
    const auto path = scratch("cotan_table" + std::string(format.extension));
    const Snapshot snapshot = with_fields(mixed_rectangle(4, 3));
    write_snapshot(path, snapshot);
    const Snapshot back = read_snapshot(path);
    EXPECT_EQ(back.mesh.data().points, snapshot.mesh.data().points);
    EXPECT_EQ(back.mesh.data().types, snapshot.mesh.data().types);
    EXPECT_EQ(back.mesh.data().cells.links, snapshot.mesh.data().cells.links);
    EXPECT_EQ(back.mesh.data().facet_sets, snapshot.mesh.data().facet_sets);
    for (const HostField& field : snapshot.fields) {
      const auto found = std::find_if(back.fields.begin(), back.fields.end(),
                                      [&](const HostField& other) { return other.spec.name == field.spec.name; });
      ASSERT_NE(found, back.fields.end()) << field.spec.name;
      EXPECT_EQ(found->values, field.values) << field.spec.name;
    }
    std::filesystem::remove(path);
  }
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

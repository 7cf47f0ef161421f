#include "io/msh.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>

#include "core/check.h"
#include "io/mesh_io.h"
#include "source_dir.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

struct Variant {
  MshVersion version;
  bool binary;
  std::string name() const {
    return std::string(version == MshVersion::v41 ? "v41_" : "v22_") + (binary ? "binary" : "text");
  }
};
constexpr std::array kVariants = {Variant{MshVersion::v22, false}, Variant{MshVersion::v22, true},
                                  Variant{MshVersion::v41, false}, Variant{MshVersion::v41, true}};

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / name;
}

Snapshot round_trip(const Snapshot& snapshot, const Variant& variant) {
  const auto path = scratch("cotan_round_trip_" + variant.name() + ".msh");
  write_msh(path, snapshot, variant.version, variant.binary);
  std::vector<std::string> notes;
  Snapshot back = read_snapshot(path, &notes);
  EXPECT_TRUE(notes.empty()) << notes.front();
  std::filesystem::remove(path);
  return back;
}

void expect_equal(const MeshData& found, const MeshData& expected) {
  EXPECT_EQ(found.dim, expected.dim);
  EXPECT_EQ(found.points, expected.points);
  EXPECT_EQ(found.types, expected.types);
  EXPECT_EQ(found.cells.offsets, expected.cells.offsets);
  EXPECT_EQ(found.cells.links, expected.cells.links);
  EXPECT_EQ(found.point_sets, expected.point_sets);
  EXPECT_EQ(found.facet_sets, expected.facet_sets);
  EXPECT_EQ(found.cell_sets, expected.cell_sets);
  for (const auto& [name, number] : expected.numbers) EXPECT_EQ(found.numbers.at(name), number) << name;
}

MeshContent parse(const std::string& text) {
  return parse_msh(std::as_bytes(std::span(text)), "a.msh");
}

std::string message_of(const std::string& text) {
  try {
    parse(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

const std::string kHead22 = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n";
const std::string kHead41 = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n";
// The unit square of two triangles, points numbered 10, 20, 30, 40; 7 is used by no cell.
const std::string kSquareNodes = "$Nodes\n5\n7 5 5 3\n10 0 0 1\n20 1 0 1\n30 1 1 1\n40 0 1 1\n$EndNodes\n";

TEST(Msh, EveryMeshComesBackAsItWas) {
  for (const auto& [name, mesh] : meshes::all()) {
    for (const Variant& variant : kVariants) {
      SCOPED_TRACE(name + " " + variant.name());
      expect_equal(round_trip({mesh, {}, 0}, variant).mesh.data(), mesh.data());
    }
  }
}

TEST(Msh, SetsThatOverlapKeepMembersNamesAndNumbers) {
  MeshData data = box(2, 2, 2).data();
  data.facet_sets["two words"] = data.facet_sets.at("left");
  data.facet_sets["with \"quotes\""] = data.facet_sets.at("top");
  data.facet_sets["physical_9"] = {data.facet_sets.at("left").front(), data.facet_sets.at("top").back()};
  std::sort(data.facet_sets["physical_9"].begin(), data.facet_sets["physical_9"].end());
  data.cell_sets = {{"all", {}}, {"few", {1, 5, 7}}, {"physical_9", {0, 5}}};
  for (Index c = 0; c < Index(data.types.size()); ++c) data.cell_sets["all"].push_back(c);
  data.point_sets = {{"probe", {3}}, {"row", {0, 3, 5}}};
  data.numbers = {{"physical_9", 9}, {"few", 4}, {"two words", 4}, {"probe", 4}};
  const Mesh mesh(data);
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.name());
    expect_equal(round_trip({mesh, {}, 0}, variant).mesh.data(), data);
  }
}

TEST(Msh, FieldsAndTimeComeBack) {
  const Mesh mesh = mixed_rectangle(4, 2);
  MeshData data = mesh.data();
  data.cell_sets = {{"a", {0, 1, 2}}, {"b", {2, 3}}};  // 2.2 numbers a cell of two sets twice
  Snapshot snapshot{Mesh(data), {}, 0.75};
  for (const int components : {1, 2, 3, 6, 12}) {
    for (const On on : {On::points, On::cells}) {
      HostField field{{"u " + std::to_string(components), components, on, ""}, {}};
      const Index rows = on == On::points ? mesh.num_points() : mesh.num_cells();
      for (Index i = 0; i < rows * components; ++i) field.values.push_back(std::sin(1.0 + i) / 3);
      snapshot.fields.push_back(field);
    }
  }
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.name());
    const Snapshot back = round_trip(snapshot, variant);
    EXPECT_EQ(back.time, 0.75);
    ASSERT_EQ(back.fields.size(), snapshot.fields.size());
    for (const HostField& field : snapshot.fields) {
      const auto same = std::count_if(back.fields.begin(), back.fields.end(), [&](const HostField& other) {
        return other.spec == field.spec && other.values == field.values;
      });
      EXPECT_EQ(same, 1) << field.spec.name;
    }
  }
}

TEST(Msh, SparseNumbersAndPlaneOfConstantHeight) {
  const auto content = parse(kHead22 + kSquareNodes + "$Elements\n2\n3 2 0 10 20 30\n9 2 0 10 30 40\n$EndElements\n");
  EXPECT_EQ(content.mesh.dim, 2);  // the height 3 of point 7 is no cell's
  EXPECT_EQ(content.mesh.points, (std::vector<double>{5, 5, 0, 0, 1, 0, 1, 1, 0, 1}));
  EXPECT_EQ(content.mesh.cells.links, (std::vector<Index>{1, 2, 3, 1, 3, 4}));
  std::vector<std::string> notes;
  EXPECT_EQ(mend_and_build(content.mesh, nullptr, &notes).num_points(), 4);
  ASSERT_EQ(notes.size(), 1u);
}

TEST(Msh, VeryDistantNumbersTakeNoMemory) {
  const auto content = parse(kHead41 +
                             "$Nodes\n1 3 1 900000000000\n2 1 0 3\n1\n500000000000\n900000000000\n"
                             "0 0 0\n1 0 0\n0 1 0\n$EndNodes\n$Elements\n1 1 1 1\n2 1 2 1\n"
                             "800000000000 1 500000000000 900000000000\n$EndElements\n");
  EXPECT_EQ(content.mesh.cells.links, (std::vector<Index>{0, 1, 2}));
}

TEST(Msh, AnElementInSeveralGroupsIsOneCell) {
  const auto content = parse(kHead22 + "$PhysicalNames\n1\n2 5 \"upper part\"\n$EndPhysicalNames\n" + kSquareNodes +
                             "$Elements\n7\n1 1 2 5 1 10 20\n2 1 2 6 1 10 20\n3 2 2 1 1 10 20 30\n4 2 2 1 2 10 30 40\n"
                             "5 2 2 5 2 10 30 40\n6 15 4 5 1 1 1 30\n7 1 2 0 3 20 30\n$EndElements\n");
  EXPECT_EQ(content.mesh.types.size(), 2u);
  EXPECT_EQ(content.mesh.cell_sets.at("physical_1"), (std::vector<Index>{0, 1}));
  EXPECT_EQ(content.mesh.cell_sets.at("upper part"), (std::vector<Index>{1}));
  EXPECT_EQ(content.mesh.facet_sets.at("physical_5"), content.mesh.facet_sets.at("physical_6"));
  EXPECT_EQ(content.mesh.facet_sets.size(), 2u);  // group 0 is none
  EXPECT_EQ(content.mesh.point_sets.at("physical_5"), (std::vector<Index>{3}));
}

// A name of several dimensions has a number in each, and both find their set.
TEST(Msh, GroupsOfOneNameInTwoDimensionsKeepTheirNumbers) {
  const auto content =
      parse(kHead22 + "$PhysicalNames\n2\n1 3 \"wall\"\n2 7 \"wall\"\n$EndPhysicalNames\n" + kSquareNodes +
            "$Elements\n3\n1 1 2 3 1 10 20\n2 2 2 7 1 10 20 30\n3 2 2 7 1 10 30 40\n"
            "$EndElements\n");
  EXPECT_EQ(content.mesh.facet_sets.at("wall").size(), 1u);
  EXPECT_EQ(content.mesh.numbers.at("wall"), 3);
  EXPECT_EQ(content.mesh.cell_sets.at("wall_dim2").size(), 2u);
  EXPECT_EQ(content.mesh.numbers.at("wall_dim2"), 7);
}

TEST(Msh, SetsOfOneNameInTwoDimensionsComeBackUnderIt) {
  MeshData data = rectangle(2, 2).data();
  data.cell_sets = {{"core", {0, 1}}, {"left", {2}}};  // "left" is a side, too
  data.point_sets = {{"left", {0}}, {"probe", {4}}};
  const Mesh mesh(data);
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.name());
    expect_equal(round_trip({mesh, {}, 0}, variant).mesh.data(), data);
  }
}

TEST(Msh, AMeshOfVerticesAloneIsRefused) {
  EXPECT_THROW(write_msh(scratch("cotan_nothing.msh"), {Mesh(MeshData{}), {}, 0}), InputError);
  MeshData data;
  data.points = {0, 0, 1, 0};
  for (Index p = 0; p < 2; ++p) data.cells.push_row(std::array{p}), data.types.push_back(CellType::vertex);
  const Snapshot vertices{Mesh(std::move(data)), {}, 0};
  for (const Variant& variant : kVariants) {
    EXPECT_THROW(write_msh(scratch("cotan_vertices.msh"), vertices, variant.version, variant.binary), InputError);
  }
}

// Sections of a row each that ask for a value at every node: the file is small, the fields are not.
TEST(Msh, FieldsThatNoFileBacksAreRefused) {
  std::string text = kHead22 + "$Nodes\n20001\n";
  for (int i = 1; i <= 20001; ++i) text += std::to_string(i) + " " + std::to_string(i) + (i == 1 ? " 1 0\n" : " 0 0\n");
  text += "$EndNodes\n$Elements\n1\n1 2 0 1 2 3\n$EndElements\n";
  const auto field = [](int k, const std::string& rows) {
    return "$NodeData\n1\n\"u" + std::to_string(k) + "\"\n1\n0\n3\n0\n9\n" + rows + "$EndNodeData\n";
  };
  std::string many = text, empty = text, again = text;
  for (int k = 0; k < 200; ++k) many += field(k, "1\n1 1 2 3 4 5 6 7 8 9\n");
  for (int k = 0; k < 200; ++k) empty += field(k, "0\n");
  for (int k = 0; k < 200; ++k) again += field(0, "1\n1 1 2 3 4 5 6 7 8 9\n");  // steps of one field
  EXPECT_NE(message_of(many).find("most of them left out of a file of"), std::string::npos) << message_of(many);
  EXPECT_TRUE(parse(empty).fields.empty());
  EXPECT_EQ(parse(again).fields.size(), 1u);
}

// The number of tags goes up to 2^31 - 1 alone, and the nodes come on top.
TEST(Msh, AnElementOfTooManyTagsIsRefused) {
  const auto text = kHead22 + kSquareNodes + "$Elements\n1\n1 2 2147483647 10 20 30\n$EndElements\n";
  EXPECT_NE(message_of(text).find("elements"), std::string::npos) << message_of(text);
}

TEST(Msh, AnInteriorSideStandsWithTheLowerCell) {
  const auto content = parse(kHead22 + kSquareNodes +
                             "$Elements\n3\n1 1 2 3 1 30 10\n2 2 2 0 1 10 20 30\n3 2 2 0 1 10 30 40\n$EndElements\n");
  ASSERT_EQ(content.mesh.facet_sets.at("physical_3").size(), 1u);
  EXPECT_EQ(content.mesh.facet_sets.at("physical_3")[0].cell, 0);
}

// The square's left side (40 to 10) is the same as its right one (20 to 30).
TEST(Msh, PeriodicSidesAreFound) {
  const std::string names = "$PhysicalNames\n2\n1 1 \"left\"\n1 2 \"right\"\n$EndPhysicalNames\n";
  const std::string elements =
      "$Elements\n4\n1 1 2 1 4 40 10\n2 1 2 2 2 20 30\n3 2 2 0 1 10 20 30\n4 2 2 0 1 10 30 40\n$EndElements\n";
  for (const std::string affine : {"", "Affine 1 0 0 -1 0 1 0 0 0 0 1 0 0 0 0 1\n"}) {
    const std::string periodic = "$Periodic\n2\n0 4 3\n1\n40 30\n1 4 2\n" + affine + "2\n10 20\n40 30\n$EndPeriodic\n";
    const auto content = parse(kHead22 + names + kSquareNodes + elements + periodic);
    ASSERT_EQ(content.periodic.size(), 1u);
    EXPECT_EQ(content.periodic[0].from, "left");
    EXPECT_EQ(content.periodic[0].to, "right");
    EXPECT_EQ(content.periodic[0].shift, (std::vector<double>{1, 0}));
  }
  const auto turned =
      parse(kHead22 + names + kSquareNodes + elements + "$Periodic\n1\n1 4 2\n2\n10 30\n40 20\n$EndPeriodic\n");
  ASSERT_EQ(turned.periodic.size(), 1u);
  EXPECT_TRUE(turned.periodic[0].shift.empty());  // half a turn
  const auto message =
      message_of(kHead22 + kSquareNodes + elements + "$Periodic\n1\n1 4 2\n99999\n10 20\n$EndPeriodic\n");
  EXPECT_NE(message.find("periodic nodes"), std::string::npos) << message;
}

TEST(Msh, SectionsThatAreNotNeededArePassedOver) {
  const std::string periodic = "$Periodic\n1\n0 1 2\n1\n10 20\n$EndPeriodic\n$Mine\nanything $End\n$EndMine\n";
  const auto content = parse("$Comments\n$Nodes are below\n$EndComments\n" + kHead22 + periodic + kSquareNodes +
                             periodic + "$Elements\n1\n1 2 0 10 20 30\n$EndElements\n" + periodic);
  EXPECT_EQ(content.mesh.types.size(), 1u);
}

TEST(Msh, ASurfaceInSpaceStaysInSpace) {
  const Mesh sphere = sphere_surface(1);
  for (const Variant& variant : kVariants) {
    const Mesh back = round_trip({sphere, {}, 0}, variant).mesh;
    EXPECT_EQ(back.dim(), 3);
    EXPECT_EQ(back.cell_dim(), 2);
  }
}

TEST(Msh, InvertedCellsAreTurnedOver) {
  const MeshData data = box(2, 2, 2).data();
  std::string text = kHead22 + "$Nodes\n" + std::to_string(data.points.size() / 3) + "\n";
  for (std::size_t i = 0; i < data.points.size() / 3; ++i) {
    text += std::to_string(i + 1);
    for (int k = 0; k < 3; ++k) text += " " + std::to_string(data.points[3 * i + k]);
    text += "\n";
  }
  text += "$EndNodes\n$Elements\n" + std::to_string(data.types.size()) + "\n";
  for (Index c = 0; c < data.cells.size(); ++c) {
    text += std::to_string(c + 1) + " 4 0";
    for (const int k : {1, 0, 2, 3}) text += " " + std::to_string(data.cells[c][k] + 1);
    text += "\n";
  }
  std::vector<std::string> notes;
  const Mesh mesh = mend_and_build(parse(text + "$EndElements\n").mesh, nullptr, &notes);
  EXPECT_EQ(mesh.num_cells(), Index(data.types.size()));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0], std::to_string(data.types.size()) + " cells of negative volume turned over");
}

// What is wrong with a file -> what the message says, place and all.
TEST(Msh, BadFilesAreNamedByPlaceFoundAndExpected) {
  const std::string triangle = "$Elements\n1\n1 2 0 10 20 30\n$EndElements\n";
  const std::pair<std::string, std::string> cases[] = {
      {"solid box\n", "a.msh:2: found 'solid box', expected a section"},
      {"$Nodes\n", "a.msh:2: $Nodes: stands where $MeshFormat was expected"},
      {"$MeshFormat\n4 0 8\n", "MSH version 4, expected 2.2 or 4.1"},
      {"$MeshFormat\n2.2 0 4\n", "numbers of 4 bytes, expected 8"},
      {"$MeshFormat\n2.2 1 8\n" + std::string("\0\0\0\1", 4), "big-endian"},
      {kHead22, "a.msh:4: the file ends without $Nodes"},
      {kHead22 + kSquareNodes, "the file ends without $Elements"},
      {kHead22 + "$Nodes\n123456789012\n", "123456789012 nodes declared, but only"},
      {kHead22 + "$Nodes\n-4\n", "a.msh:5: $Nodes: found '-4', expected an integer"},
      {kHead22 + "$Nodes\n1\n1 0 nought 0\n", "a.msh:6: $Nodes: found 'nought', expected a number"},
      {kHead22 + "$Nodes\n1\n1 0 nan 0\n", "node 1 has a coordinate that is not finite"},
      {kHead22 + "$Nodes\n2\n1 0 0 0\n1 1 0 0\n$EndNodes\n", "node 1 stands twice"},
      {kHead22 + "$Nodes\n2\n1 0 0 0\n2 1 0 0\n3 1 1 0\n", "found '3 1 1 0', expected $EndNodes"},
      {kHead22 + triangle, "$Elements: stands before $Nodes"},
      {kHead22 + kSquareNodes + "$Elements\n1\n1 2 0 10 20 31\n",
       "element 1 has node 31, which is not among the 5 nodes"},
      {kHead22 + kSquareNodes + "$Elements\n1\n1 999 0 10 20 30\n", "elements of Gmsh's type 999"},
      {kHead22 + kSquareNodes + "$Elements\n1\n1 2 0 10 20\n", "the file ends here, a number expected"},
      {kHead22 + kSquareNodes + "$Elements\n1\n1 15 0 10\n$EndElements\n", "a mesh needs cells"},
      {kHead22 + kSquareNodes + "$Elements\n2\n1 1 2 4 1 10 7\n2 2 0 10 20 30\n$EndElements\n", "hangs in the air"},
      {kHead22 + "$Mine\n", "a.msh:5: $Mine: no $EndMine behind it"},
      {kHead22 + kSquareNodes + triangle + "$NodeData\n1\n\"u\"\n0\n3\n0\n1\n1\n8 1.5\n$EndNodeData\n",
       "'u' at node 8"},
      {kHead22 + kSquareNodes + triangle + "$NodeData\n1\n\"u\"\n0\n3\n0\n0\n1\n", "'u' of 0 components"},
      {kHead41 + "$Nodes\n1 3 1 3\n2 1 0 4\n1\n2\n3\n4\n0 0 0\n1 0 0\n", "a block of 4 nodes where 3 are left"},
      {kHead41 + "$Nodes\n1 1 1 1\n7 1 0 1\n", "an entity of dimension 7"},
      {kHead41 + "$Entities\n0 0 99999999999 0\n", "99999999999 entities declared"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string message = message_of(text);
    EXPECT_NE(message.find(expected), std::string::npos) << message << "\n  expected: " << expected;
  }
  EXPECT_THROW(read_msh(scratch("no_such_file.msh")), InputError);
  EXPECT_THROW(read_msh(testing::TempDir()), InputError);
  EXPECT_THROW(parse(""), InputError);
}

TEST(Msh, ACutBinaryFileNamesTheByte) {
  const auto path = scratch("cotan_cut.msh");
  write_msh(path, {rectangle(3, 3), {}, 0});
  std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
  try {
    read_msh(path);
    FAIL() << "a cut file was read";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(path.string() + ": byte "), std::string::npos) << error.what();
  }
  std::filesystem::remove(path);
}

TEST(Msh, AFullDiskLeavesNothing) {
  const auto folder = scratch("cotan_full_disk");
  std::filesystem::create_directories(folder);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};  // a write beyond fails as on a full disk
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_msh(folder / "a.msh", {rectangle(9, 9), {}, 0}), InputError);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
}

}  // namespace
}  // namespace cotan

#include "io/vtk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "build_config.h"
#include "core/check.h"
#include "core/files.h"
#include "core/random.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"

#if COTAN_HAS_VTK
namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::HasSubstr;

// Without the flush to disk of write_file.
void write_quickly(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

std::vector<Mesh> family() {
  std::vector<Mesh> meshes = {interval(5, 2.0), mixed_rectangle(4, 2), sphere_surface(1),
                              jiggled(rectangle(4, 4), 0.2, 1)};
  for (const auto type : {CellType::triangle, CellType::quad, CellType::triangle6, CellType::quad8, CellType::quad9}) {
    meshes.push_back(rectangle(3, 2, {1, 0.5}, type));
  }
  for (const auto type : {CellType::tetra, CellType::hexa, CellType::wedge, CellType::pyramid, CellType::tetra10,
                          CellType::hexa20, CellType::hexa27}) {
    meshes.push_back(box(2, 1, 2, {1, 1, 1}, type));
  }
  return meshes;
}

HostField random_field(FieldSpec spec, const Mesh& mesh) {
  const auto rows = spec.on == On::points ? mesh.num_points() : spec.on == On::cells ? mesh.num_cells() : 1;
  const Random random(5, purpose::test);
  HostField field{std::move(spec), {}};
  for (int i = 0; i < rows * field.spec.components; ++i) field.values.push_back(random.normal(i));
  return field;
}

std::vector<HostField> some_fields(const Mesh& mesh) {
  return {random_field({"velocity", 2, On::points, ""}, mesh), random_field({"pressure", 1, On::points, ""}, mesh),
          random_field({"stress & <strain>", 6, On::cells, ""}, mesh), random_field({"drag", 3, On::whole, ""}, mesh)};
}

TEST(Vtu, MeshesFieldsAndSetsComeBackToTheBit) {
  const fs::path file = fresh_folder("family") / "mesh.vtu";
  for (const auto& mesh : family()) {
    MeshData data = mesh.data();
    data.point_sets["a <b> & \"c\""] = {0, 2};
    data.cell_sets["first"] = {0};
    data.facet_sets["none"] = {};
    data.numbers["first"] = 7;
    const Snapshot out{Mesh(data), some_fields(mesh), 0.1};
    write_vtu(file, out);
    const Snapshot in = read_vtu(file);
    const std::string_view name = shape(mesh.type(0)).name;
    EXPECT_EQ(in.time, 0.1) << name;
    EXPECT_EQ(in.mesh.dim(), mesh.dim()) << name;
    EXPECT_EQ(in.mesh.data().points, data.points) << name;
    EXPECT_EQ(in.mesh.data().types, data.types) << name;
    EXPECT_EQ(in.mesh.cells().links, data.cells.links) << name;
    EXPECT_EQ(in.mesh.data().point_sets, data.point_sets) << name;
    EXPECT_EQ(in.mesh.data().cell_sets, data.cell_sets) << name;
    EXPECT_EQ(in.mesh.data().facet_sets, data.facet_sets) << name;
    EXPECT_EQ(in.mesh.data().numbers, data.numbers) << name;
    ASSERT_EQ(in.fields.size(), out.fields.size()) << name;
    for (std::size_t f = 0; f < out.fields.size(); ++f) {
      EXPECT_EQ(in.fields[f].spec, out.fields[f].spec) << name;
      EXPECT_EQ(in.fields[f].values, out.fields[f].values) << name;
    }
  }
}

// Text of a file with two triangles and whatever stands beside them.
std::string vtu_text(const std::string& connectivity, const std::string& offsets, const std::string& types, int cells,
                     const std::string& cell_data = "") {
  const auto array = [](const char* type, const char* name, const std::string& values) {
    return "<DataArray type=\"" + std::string(type) + "\" Name=\"" + name + "\" format=\"ascii\">" + values +
           "</DataArray>\n";
  };
  return "<VTKFile type=\"UnstructuredGrid\" version=\"0.1\">\n<UnstructuredGrid>\n<Piece NumberOfPoints=\"4\" "
         "NumberOfCells=\"" +
         std::to_string(cells) +
         "\">\n<Points><DataArray type=\"Float64\" NumberOfComponents=\"3\" format=\"ascii\">0 0 0 1 0 0 1 1 0 0 1 "
         "0</DataArray></Points>\n<Cells>\n" +
         array("Int64", "connectivity", connectivity) + array("Int64", "offsets", offsets) +
         array("UInt8", "types", types) + "</Cells>\n<CellData>" + cell_data +
         "</CellData>\n</Piece>\n</UnstructuredGrid>\n</VTKFile>\n";
}

TEST(Vtu, CellsOfLowerDimensionBecomeSides) {
  const fs::path file = fresh_folder("sides") / "mesh.vtu";
  write_file(file, vtu_text("0 1 2 0 2 3 0 1 3 2", "3 6 8 10", "5 5 3 3", 4));
  const Mesh mesh = read_vtu(file).mesh;
  EXPECT_EQ(mesh.num_cells(), 2);
  EXPECT_EQ(mesh.facets_of("sides").size(), 2);
  EXPECT_THAT(mesh.points_of("sides"), testing::ElementsAre(0, 1, 2, 3));
  const std::string tags = "<DataArray type=\"Int32\" Name=\"gmsh:physical\" format=\"ascii\">1 1 5 6</DataArray>";
  write_file(file, vtu_text("0 1 2 0 2 3 0 1 3 2", "3 6 8 10", "5 5 3 3", 4, tags));
  EXPECT_THAT(read_vtu(file).mesh.points_of("5"), testing::ElementsAre(0, 1));
  EXPECT_THAT(read_vtu(file).mesh.points_of("physical_6"), testing::ElementsAre(2, 3));
}

// Tags decide names of sets: what is no number for each cell is refused, not read past its end.
TEST(Vtu, TagsAreOneWholeNumberACell) {
  const fs::path file = fresh_folder("tags") / "mesh.vtu";
  const auto refusal = [&](const std::string& attributes, const std::string& values) {
    const std::string tags = "<DataArray " + attributes + " format=\"ascii\">" + values + "</DataArray>";
    write_file(file, vtu_text("0 1 2 0 2 3 0 1 3 2", "3 6 8 10", "5 5 3 3", 4, tags));
    return error_of([&] { read_vtu(file); });
  };
  const std::string name = "Name=\"gmsh:physical\"";
  EXPECT_THAT(refusal("type=\"Int32\" NumberOfComponents=\"2\" " + name, "1 1 1 1 5 5 6 6"),
              HasSubstr("array 'gmsh:physical': 2 components, expected 1"));
  for (const std::string value : {"1e300", "-1e10", "0.5"}) {
    EXPECT_THAT(refusal("type=\"Float64\" " + name, "1 1 5 " + value), HasSubstr("expected whole numbers")) << value;
  }
  EXPECT_EQ(refusal("type=\"Float64\" " + name, "1 1 5 6"), "no error");
}

// VTK stops at the first token that is no number of the type, and then takes memory behind what it has read.
TEST(Vtu, TextThatIsNoNumberOfItsTypeIsRefused) {
  const fs::path file = fresh_folder("tokens") / "mesh.vtu";
  const std::vector<std::array<std::string, 3>> rows = {{"Float64", "nan", "'nan' is no Float64"},
                                                        {"Float64", "1e400", "is no"},
                                                        {"Float32", "1e39", "is no"},
                                                        {"Float64", "1,5", "is no"},
                                                        {"Int32", "0.5", "is no"},
                                                        {"Int32", "3000000000", "is no"},
                                                        {"UInt8", "inf", "is no"},
                                                        {"Float64", "-1e300", ""},
                                                        {"UInt8", "255", ""},
                                                        {"Float64", "+1.5", ""},
                                                        {"Int64", "-3000000000", ""}};
  for (const auto& [type, value, refused] : rows) {
    const std::string array =
        "<DataArray type=\"" + type + "\" Name=\"a\" format=\"ascii\">1 " + value + "</DataArray>";
    write_file(file, vtu_text("0 1 2 0 2 3", "3 6", "5 5", 2, array));
    const std::string error = error_of([&] { read_vtu(file); });
    EXPECT_THAT(error, HasSubstr(refused.empty() ? "no error" : refused)) << type << " " << value;
    if (error != "no error") continue;
    EXPECT_EQ(read_vtu(file).fields.at(0).values.at(1), std::stod(value)) << type;
  }
}

// Counts whose product wraps to what is there, or for which VTK would ask all the memory.
TEST(Vtu, ConnectivityThatIsNoNumberIsRefused) {
  const fs::path file = fresh_folder("words") / "mesh.vtu";
  write_file(file, vtu_text("0 1 2 0 two 3", "3 6", "5 5", 2));
  EXPECT_THAT(error_of([&] { read_vtu(file); }), HasSubstr("array 'connectivity': 'two' is no Int64"));
}

TEST(Vtu, CountsThatNoFileHoldsAreRefused) {
  const fs::path file = fresh_folder("counts") / "mesh.vtu";
  const auto refusal = [&](const std::string& attributes, const std::string& values) {
    std::string text = vtu_text("0 1 2 0 2 3", "3 6", "5 5", 2);
    text.insert(text.find("<Piece"), "<FieldData><DataArray " + attributes + ">" + values + "</DataArray></FieldData>");
    write_file(file, text);
    return error_of([&] { read_vtu(file); });
  };
  EXPECT_THAT(refusal("type=\"Int8\" Name=\"a\" NumberOfComponents=\"4\" NumberOfTuples=\"4611686018427387904\"", ""),
              HasSubstr("an array of 4611686018427387904 tuples"));
  EXPECT_THAT(refusal("type=\"Float64\" Name=\"a\" NumberOfComponents=\"1073741824\" NumberOfTuples=\"2147483648\" "
                      "format=\"binary\"",
                      "AAAAAA=="),
              HasSubstr("2147483648 tuples"));
  EXPECT_THAT(refusal("type=\"Float64\" Name=\"a\" NumberOfComponents=\"2147483648\" NumberOfTuples=\"1073741824\" "
                      "format=\"binary\"",
                      "AAAAAA=="),
              HasSubstr("expected"));
  EXPECT_THAT(refusal("type=\"String\" Name=\"a\" NumberOfTuples=\"2000000000\"", "65 0"), HasSubstr("texts"));
}

TEST(Vtu, NumbersOfSetsAndCellArraysAreWhole) {
  const fs::path file = fresh_folder("numbers") / "mesh.vtu";
  std::string text = vtu_text("0 1 2 0 2 3", "3 6", "5 5", 2);
  text.insert(text.find("<Piece"),
              "<FieldData><DataArray type=\"Float64\" Name=\"number:x\" NumberOfTuples=\"1\" format=\"ascii\">"
              "1e300</DataArray></FieldData>");
  write_file(file, text);
  EXPECT_THAT(error_of([&] { read_vtu(file); }), HasSubstr("number:x"));
  text = vtu_text("0 1 2 0 2 3", "3 6", "5 5", 2);
  text.insert(text.find("Name=\"connectivity\""), "NumberOfComponents=\"3\" ");
  write_file(file, text);
  EXPECT_THAT(error_of([&] { read_vtu(file); }), HasSubstr("'connectivity' has several components"));
}

TEST(Vtu, LagrangeCellsOfDegreeOneAndTwoAreThePlainOnes) {
  const fs::path file = fresh_folder("lagrange") / "mesh.vtu";
  write_file(file, vtu_text("0 1 2 0 2 3", "3 6", "69 69", 2));
  EXPECT_EQ(read_vtu(file).mesh.type(1), CellType::triangle);
  write_file(file, vtu_text("0 1 2 3", "4", "70", 1));
  EXPECT_EQ(read_vtu(file).mesh.type(0), CellType::quad);
}

TEST(Vtu, TurnsCellsOverAndDropsUnusedPointsWithTheirValues) {
  const fs::path file = fresh_folder("mended") / "mesh.vtu";
  std::string text = vtu_text("1 3 2", "3", "5", 1);  // clockwise; point 0 is unused
  text.insert(text.find("<CellData>"),
              "<PointData><DataArray type=\"Float32\" Name=\"u\" format=\"ascii\">10 11 12 13</DataArray></PointData>");
  write_file(file, text);
  std::vector<std::string> notes;
  const Snapshot snapshot = read_snapshot(file, &notes);
  EXPECT_THAT(notes,
              testing::ElementsAre("1 point that no cell uses left out", "1 cell of negative volume turned over"));
  EXPECT_EQ(snapshot.mesh.num_points(), 3);
  EXPECT_THAT(snapshot.fields.at(0).values, testing::ElementsAre(11, 12, 13));
}

// ParaView mirrors a mesh by its points: all cells are turned over, and their sides renumbered with the sets.
TEST(Vtu, SetsOfAMirroredMeshKeepTheirPoints) {
  const fs::path file = fresh_folder("mirrored") / "mesh.vtu";
  for (const auto type : {CellType::triangle, CellType::quad8, CellType::tetra, CellType::wedge}) {
    const bool flat = shape(type).dim == 2;
    const Mesh mesh = flat ? rectangle(2, 2, {1, 1}, type) : box(2, 1, 1, {1, 1, 1}, type);
    MeshData data = mesh.data();
    for (std::size_t i = 0; i < data.points.size(); i += data.dim) data.points[i] = 1 - data.points[i];
    write_vtu(file, {Mesh(data, MeshChecks{false}), {}, 0});
    std::vector<std::string> notes;
    const Mesh back = read_snapshot(file, &notes).mesh;
    ASSERT_FALSE(mesh.data().facet_sets.empty());
    for (const auto& [name, facets] : mesh.data().facet_sets) {
      EXPECT_EQ(back.points_of(name), mesh.points_of(name)) << shape(type).name << " " << name;
    }
    ASSERT_EQ(notes.size(), 1) << shape(type).name;
    EXPECT_THAT(notes[0], HasSubstr("of negative volume turned over"));
  }
}

TEST(Vtu, RefusalsNameFileArrayFoundAndExpected) {
  const fs::path file = fresh_folder("refused") / "mesh.vtu";
  const auto refusal = [&](const std::string& text) {
    write_file(file, text);
    const std::string message = error_of([&] { read_vtu(file); });
    EXPECT_THAT(message, HasSubstr("mesh.vtu"));
    return message;
  };
  EXPECT_THAT(refusal(vtu_text("0 1 2 3 0", "5", "7", 1)), HasSubstr("polygon"));
  EXPECT_THAT(refusal(vtu_text("0 1 2 3", "4", "2", 1)), HasSubstr("poly-vertex"));
  EXPECT_THAT(refusal(vtu_text("0 1 9 0 2 3", "3 6", "5 5", 2)), HasSubstr("point 9 of 4"));
  EXPECT_THAT(refusal(vtu_text("0 1 -2 0 2 3", "3 6", "5 5", 2)), HasSubstr("point -2 of 4"));
  EXPECT_THAT(refusal(vtu_text("0 1 2 0 2 3", "6 3", "5 5", 2)), HasSubstr("offsets"));
  EXPECT_THAT(refusal(vtu_text("0 1 2 0 2 3", "3 6", "5 5", 3)), HasSubstr("'offsets': 2 values, expected 3"));
  EXPECT_THAT(refusal(vtu_text("0 1 2 0 2 3", "3 600000000", "5 5", 2)), HasSubstr("not long enough"));
  EXPECT_THAT(refusal(vtu_text("0 1 2 0 2 3", "3 6", "5 5", 2).substr(0, 300)), HasSubstr("not whole XML"));
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("<VTKFile type=\"ImageData\"/>"), HasSubstr("expected 'UnstructuredGrid'"));
  std::string many = vtu_text("0 1 2 0 2 3", "3 6", "5 5", 2);
  many.replace(many.find("NumberOfPoints=\"4\""), 18, "NumberOfPoints=\"99999999999\"");
  EXPECT_THAT(refusal(many), HasSubstr("99999999999"));
  EXPECT_THAT(error_of([&] { read_vtu(file.parent_path() / "none.vtu"); }), HasSubstr("none.vtu"));
}

TEST(VtkSeries, IsWholeAfterEveryCall) {
  const fs::path folder = fresh_folder("series");
  const Mesh mesh = rectangle(3, 2);
  VtkSeries series(folder / "rollout", mesh);
  for (int k = 0; k < 3; ++k) {
    HostField field = random_field({"u", 1, On::points, ""}, mesh);
    field.values[0] = k;
    series.write(0.1 * k, std::span(&field, 1));
    const auto entries = read_pvd(folder / "rollout.pvd");
    ASSERT_EQ(entries.size(), k + 1);
    EXPECT_EQ(entries[k].time, 0.1 * k);
    EXPECT_EQ(entries[k].file, folder / "rollout" / ("000" + std::to_string(k) + ".vtu"));
    EXPECT_EQ(read_vtu(entries[k].file).fields.at(0).values, field.values);
  }
}

// A frame that cannot be written (a folder stands there), or not be listed, leaves the series as it was.
TEST(VtkSeries, IsAsBeforeWhereAWriteFails) {
  const fs::path folder = fresh_folder("series_fails");
  VtkSeries series(folder / "rollout", rectangle(3, 2));
  for (int k = 0; k < 2; ++k) series.write(k, {});
  const fs::path next = folder / "rollout" / "0002.vtu", list = folder / "rollout.pvd";
  fs::create_directories(next);
  EXPECT_THAT(error_of([&] { series.write(2, {}); }), HasSubstr("0002.vtu"));
  EXPECT_EQ(read_pvd(list).size(), 2);
  fs::remove(next);
  fs::rename(list, folder / "kept");
  fs::create_directories(list);
  EXPECT_THAT(error_of([&] { series.write(2, {}); }), HasSubstr("rollout.pvd"));
  EXPECT_FALSE(fs::exists(next));
  fs::remove(list);
  fs::rename(folder / "kept", list);
  for (int k = 2; k < 4; ++k) series.write(k, {});
  const auto entries = read_pvd(list);
  ASSERT_EQ(entries.size(), 4);
  for (int k = 0; k < 4; ++k) EXPECT_EQ(read_vtu(entries[k].file).time, k);
}

TEST(Pvd, RefusalsNameFileAndLine) {
  const fs::path file = fresh_folder("pvd") / "a.pvd";
  write_file(file,
             "<VTKFile type=\"Collection\">\n<Collection>\n<DataSet timestep=\"soon\" file=\"x.vtu\"/>\n"
             "</Collection></VTKFile>");
  EXPECT_THAT(error_of([&] { read_pvd(file); }), HasSubstr("a.pvd:3: timestep 'soon'"));
  write_file(file, "<VTKFile type=\"Collection\">\n<Collection>\n<DataSet timestep=\"1\"");
  EXPECT_THAT(error_of([&] { read_pvd(file); }), HasSubstr("a.pvd:3: not whole XML"));
  std::string many = "<VTKFile type=\"Collection\">\n<Collection>\n";  // lines counted anew for each: hours
  for (int k = 0; k < 200'000; ++k) many += "<DataSet timestep=\"1\" file=\"a.vtu\"/>\n";
  write_file(file, many + "<DataSet timestep=\"soon\" file=\"x.vtu\"/></Collection></VTKFile>");
  EXPECT_THAT(error_of([&] { read_pvd(file); }), HasSubstr("a.pvd:200003: timestep 'soon'"));
}

// VTK behind our checks: a cut file is refused, a wrong bit is found or harmless, and nothing crashes.
TEST(Vtu, DamagedFilesAreRefusedOrHarmless) {
  const fs::path folder = fresh_folder("damaged");
  const Mesh mesh = rectangle(4, 4);
  write_vtu(folder / "whole.vtu", {mesh, some_fields(mesh), 0});
  const std::string bytes = read_file(folder / "whole.vtu");
  const fs::path file = folder / "damaged.vtu";
  for (std::size_t size = 0; size + 1 < bytes.size(); size += 1 + bytes.size() / 100) {
    write_quickly(file, bytes.substr(0, size));
    EXPECT_THAT(error_of([&] { read_vtu(file); }), HasSubstr("damaged.vtu")) << size;
  }
  const Random random(12, purpose::test);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string damaged = bytes;
    damaged[random.below(bytes.size(), 2 * i)] ^= static_cast<char>(1 << random.below(8, 2 * i + 1));
    write_quickly(file, damaged);
    const std::string error = error_of([&] { read_vtu(file); });
    if (error != "no error") {
      EXPECT_THAT(error, HasSubstr("damaged.vtu"));
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace cotan
#endif

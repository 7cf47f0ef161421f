#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/archive.h"
#include "io/displacement.h"
#include "io/foam.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "mesh/quality.h"
#include "tests/io/foam_support.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using namespace testing_foam;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_io::error_of;
using testing_io::fresh_folder;
namespace fs = std::filesystem;

const Encoding kBinary{true, 64, 64};

std::string patches(const std::array<double, 3>& x) {
  return x[2] < 1e-9 || x[2] > 0.49 ? "frontAndBack empty" : "walls wall";
}

std::string list(const char* kind, const std::vector<double>& values, int components, const Encoding& encoding = {}) {
  return std::string("nonuniform List<") + kind + "> " + scalars(values, components, encoding);
}

// 2 x 1 bricks, half a metre thick: times 0, 0.5 and 10 with p and U; T from 0.5 on.
fs::path small_case(const std::string& name) {
  const fs::path root = fresh_folder(name);
  const Solid bricks = solid_of(box(2, 1, 1, {2, 1, 0.5}, CellType::hexa));
  write_files(poly_mesh_files(bricks, patches), root / "constant/polyMesh");
  write_files({{"p", field_file("volScalarField", "uniform 3")},
               {"U", field_file("volVectorField", "uniform (1 2 0)")},
               {"p.orig", "nothing"},
               {"phi", field_file("surfaceScalarField", "nonuniform List<scalar> 1(0)")}},
              root / "0");
  write_files({{"p", field_file("volScalarField", list("scalar", {4, 5}, 1))},
               {"U", field_file("volVectorField", list("vector", {1, 2, 3, 4, 5, 6}, 3, kBinary), kBinary)},
               {"T", field_file("volScalarField", "uniform 1")}},
              root / "0.5");
  write_files({{"p", field_file("volScalarField", "nonuniform List<scalar> 2{7}")},
               {"U", field_file("volVectorField", list("vector", {0, 0, 1, 0, 1, 0}, 3))},
               {"T", field_file("volScalarField", "uniform 1")}},
              root / "10");
  write_files({{"x", "no field"}}, root / "2");
  return root;
}

TEST(FoamArchive, TimesAreFramesAndInnerValuesFields) {
  const fs::path root = small_case("times");
  write_file(root / "case.foam", "\n");
  for (const fs::path& path : {root, root / "case.foam"}) {
    ASSERT_TRUE(is_archive(path));
    const auto trajectory = open_archive(path)->open(0);
    EXPECT_THAT(trajectory->times(), ElementsAre(0, 0.5, 10));
    EXPECT_TRUE(trajectory->has_static_mesh());
    EXPECT_EQ(trajectory->mesh().num_cells(), 2);
    std::vector<FieldSpec> specs;
    for (const auto& field : trajectory->fields()) specs.push_back(field.spec);
    EXPECT_THAT(specs, ElementsAre(FieldSpec{"U", 3, On::cells, "m/s"}, FieldSpec{"p", 1, On::cells, "m/s"}));
    EXPECT_THAT(as_doubles(trajectory->read("p", 0, 3)), ElementsAre(3, 3, 4, 5, 7, 7));
    EXPECT_THAT(as_doubles(trajectory->read("U", 1, 2)), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(trajectory->notes(),
                Contains(HasSubstr("field T left out: 1 of 3 times lack it, the first of them 0")));
    EXPECT_THAT(trajectory->notes(), Contains(HasSubstr("left out: phi")));
    EXPECT_THAT(error_of([&] { trajectory->read("T", 0, 1); }), HasSubstr("unknown field 'T'"));
  }
}

TEST(FoamArchive, ThePlaneDropsTheComponentAcrossIt) {
  const fs::path root = small_case("plane");
  const auto trajectory = open_archive(root, {"", {}, true})->open(0);
  EXPECT_EQ(trajectory->mesh().dim(), 2);
  EXPECT_EQ(trajectory->mesh().num_points(), 6);
  EXPECT_EQ(trajectory->fields()[0].spec.components, 2);
  EXPECT_THAT(as_doubles(trajectory->read("U", 0, 2)), ElementsAre(1, 2, 1, 2, 1, 2, 4, 5));
  EXPECT_THAT(error_of([&] { open_archive(root / "constant/polyMesh", {"", {}, true}); }), HasSubstr("not an archive"));
}

TEST(FoamArchive, AMeshFileHasTheFieldsOfTheLastTime) {
  const fs::path root = small_case("snapshot");
  std::vector<std::string> notes;
  const Snapshot last = read_snapshot(root, &notes);
  EXPECT_EQ(last.time, 10);
  ASSERT_EQ(last.fields.size(), 2u);
  EXPECT_THAT(last.fields[1].values, ElementsAre(7, 7));
  EXPECT_THAT(notes, Contains(HasSubstr("3 times; fields are those of the last")));
  for (const fs::path& path : {root / "constant/polyMesh", root / "constant/polyMesh/"}) {
    EXPECT_FALSE(is_archive(path));
    EXPECT_TRUE(read_snapshot(path).fields.empty());
    EXPECT_EQ(read_in_plane(path).mesh.dim(), 2);
  }
  EXPECT_THAT(error_of([] { read_in_plane("a.msh"); }), HasSubstr("only OpenFOAM cases are laid into the plane"));
}

TEST(FoamArchive, FieldsOnPointsAndTensorsAreRead) {
  const fs::path root = small_case("kinds");
  fs::remove_all(root / "0");
  fs::remove_all(root / "10");
  std::vector<double> at_points;
  for (int p = 0; p < 12; ++p) at_points.push_back(p);
  write_files({{"D", field_file("pointScalarField", list("scalar", at_points, 1))},
               {"S", field_file("volSymmTensorField", "uniform (1 2 3 4 5 6)")},
               {"G", field_file("volTensorField", "uniform (1 2 3 4 5 6 7 8 9)")},
               {"Y", header("volScalarField::Internal") + "dimensions [];\nvalue nonuniform List<scalar> 2(8 9);\n"}},
              root / "0.5");
  const auto trajectory = open_archive(root)->open(0);
  EXPECT_EQ(as_doubles(trajectory->read("D", 0, 1)), at_points);
  EXPECT_THAT(as_doubles(trajectory->read("S", 0, 1)), ElementsAre(1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(as_doubles(trajectory->read("G", 0, 1)).size(), 18u);
  EXPECT_THAT(as_doubles(trajectory->read("Y", 0, 1)), ElementsAre(8, 9));
  const auto plane = open_archive(root, {"", {}, true})->open(0);  // points 0 and 6, 1 and 7, … fall together
  EXPECT_THAT(as_doubles(plane->read("D", 0, 1)), ElementsAre(3, 4, 5, 6, 7, 8));
}

TEST(FoamArchive, PointsThatMoveAreFollowed) {
  const fs::path root = small_case("moving");
  Solid moved = solid_of(box(2, 1, 1, {2, 1, 0.5}, CellType::hexa));
  for (auto& x : moved.points) x[0] *= 1.5;
  Files files = poly_mesh_files(moved, patches);
  write_files({{"points", files["points"]}}, root / "0.5/polyMesh");
  const auto trajectory = open_archive(root)->open(0);
  EXPECT_FALSE(trajectory->has_static_mesh());
  EXPECT_NEAR(cell_volumes(trajectory->mesh(0))[0], 0.5, 1e-15);
  EXPECT_NEAR(cell_volumes(trajectory->mesh(1))[0], 0.75, 1e-15);
  EXPECT_NEAR(cell_volumes(trajectory->mesh(2))[0], 0.75, 1e-15);  // the last that was written
  EXPECT_THAT(as_doubles(trajectory->read("p", 0, 3)), ElementsAre(3, 3, 4, 5, 7, 7));
  const auto displaced = with_displacement(open_archive(root)->open(0));
  const auto by = as_doubles(displaced->read("displacement", 1, 2));
  const Mesh start = displaced->mesh();
  for (Index p = 0; p < start.num_points(); ++p) EXPECT_NEAR(by[3 * std::size_t(p)], 0.5 * start.point(p)[0], 1e-15);
}

TEST(FoamArchive, MeshesThatChangeAreFollowed) {
  const fs::path root = small_case("changing");
  write_files(poly_mesh_files(solid_of(box(3, 1, 1, {2, 1, 0.5}, CellType::hexa)), patches), root / "10/polyMesh");
  write_files({{"U", field_file("volVectorField", "uniform (0 0 0)")},
               {"p", field_file("volScalarField", list("scalar", {1, 2, 3}, 1))}},
              root / "10");
  const auto trajectory = open_archive(root)->open(0);
  EXPECT_EQ(trajectory->mesh(1).num_cells(), 2);
  EXPECT_EQ(trajectory->mesh(2).num_cells(), 3);
  EXPECT_THAT(as_doubles(trajectory->read("p", 2, 3)), ElementsAre(1, 2, 3));
  EXPECT_THAT(error_of([&] { trajectory->read("p", 0, 3); }), HasSubstr("has another mesh than"));
}

TEST(FoamArchive, BadFieldsAreRefusedByNameAndLine) {
  const auto said = [](const std::string& text) {
    const fs::path root = small_case("bad");
    write_file(root / "0.5/p", text);
    return error_of([&] { open_archive(root)->open(0)->read("p", 0, 3); });
  };
  const auto field = [&](const std::string& values) { return said(field_file("volScalarField", values)); };
  EXPECT_EQ(field("uniform 1"), "no error");
  EXPECT_THAT(field("nonuniform List<scalar> 3(1 2 3)"), HasSubstr("0.5/p:14: 3 values, expected at most 2"));
  EXPECT_THAT(field("nonuniform List<scalar> 1(1)"), HasSubstr("1 values, expected 2"));
  EXPECT_THAT(field("nonuniform List<scalar> 2(1 2 3)"), HasSubstr("expected ')', the end of 2 values"));
  EXPECT_THAT(field("nonuniform List<vector> 2((1 2 3) (1 2 3))"), HasSubstr("expected values"));
  EXPECT_THAT(field("uniform $p0"), HasSubstr("found '$p0', expected a value: macros and directives are not followed"));
  EXPECT_THAT(field("#calc \"1\""), HasSubstr("macros and directives are not followed"));
  EXPECT_THAT(field("constant 1"), HasSubstr("found 'constant', expected uniform or nonuniform"));
  EXPECT_THAT(said(header("volScalarField") + "#include \"../../secret\"\n"),
              HasSubstr("without an internalField; #include and other directives are not followed"));
  EXPECT_THAT(said(header("volVectorField") + "internalField uniform (0 0 0);"),
              HasSubstr("class 'volVectorField', another than at other times"));
  EXPECT_THAT(said("hello"), HasSubstr("no FoamFile header"));
}

TEST(FoamArchive, OtherFoldersAreSaidToBeWhatTheyAre) {
  const fs::path root = small_case("folders");
  const fs::path aside = fresh_folder("aside");
  fs::rename(root / "constant/polyMesh", aside / "polyMesh");
  fs::create_directories(root / "processor0/constant");
  fs::create_directories(root / "processor0/constant/polyMesh");
  EXPECT_THAT(error_of([&] { read_snapshot(root); }), HasSubstr("a decomposed case"));
  fs::remove_all(root / "processor0");
  fs::create_directories(root / "constant/fluid");
  fs::rename(aside / "polyMesh", root / "constant/fluid/polyMesh");
  write_file(root / "case.foam", "");
  EXPECT_THAT(error_of([&] { read_snapshot(root / "case.foam"); }),
              HasSubstr("a case of several regions (fluid); name one of them: constant/fluid/polyMesh"));
  EXPECT_EQ(read_snapshot(root / "constant/fluid/polyMesh").mesh.num_cells(), 2);
  fs::rename(root / "constant/fluid/polyMesh", root / "constant/polyMesh");
  write_files({{"p", field_file("volScalarField", "uniform 3")}}, root / "0.50");
  EXPECT_THAT(error_of([&] { read_snapshot(root); }), HasSubstr("are the same time"));
}

}  // namespace
}  // namespace cotan

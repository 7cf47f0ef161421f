// Series of mesh files: numbered files, arrays numbered inside one file, meshes that move.
#include "io/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "io/displacement.h"
#include "io/mesh_io.h"
#include "io/msh.h"
#include "io/numbered.h"
#include "io/numbered_arrays.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

HostField constant(const std::string& name, const Mesh& mesh, double value) {
  return {{name, 1, On::points, ""}, std::vector<double>(std::size_t(mesh.num_points()), value)};
}

// out_8.msh, out_9.msh, out_10.msh, …: u is the number.
void write_numbered(const fs::path& folder, const std::string& stem, std::vector<int> numbers, double dt) {
  const Mesh mesh = rectangle(2, 2);
  for (const int n : numbers)
    write_snapshot(folder / (stem + std::to_string(n) + ".msh"), {mesh, {constant("u", mesh, n)}, dt * n});
}

TEST(NumberedFiles, FramesAreInTheOrderOfTheirNumbers) {
  const fs::path folder = fresh_folder("numbers");
  write_numbered(folder, "out_", {10, 8, 9, 100}, 0);
  for (const fs::path& path : {folder, folder / "out_*.msh", folder / "*.msh"}) {
    EXPECT_TRUE(is_archive(path)) << path;
    const auto trajectory = open_archive(path)->open(0);
    EXPECT_THAT(trajectory->times(), ElementsAre(8, 9, 10, 100));
    const auto u = as_doubles(trajectory->read("u", 1, 4));
    EXPECT_THAT(std::vector({u[0], u[9], u[18]}), ElementsAre(9, 10, 100));
  }
  EXPECT_THAT(open_archive(folder / "out_?.msh")->open(0)->times(), ElementsAre(8, 9));
  EXPECT_THAT(open_archive(folder / "out_1*.msh")->open(0)->times(), ElementsAre(10, 100));
}

TEST(NumberedFiles, TimesAreTheFilesOwnWhereTheyHaveThem) {
  const fs::path folder = fresh_folder("times");
  write_numbered(folder, "out_", {0, 1, 2}, 0.25);
  EXPECT_THAT(open_archive(folder)->open(0)->times(), ElementsAre(0, 0.25, 0.5));
}

TEST(NumberedFiles, TheNumberIsTheOneThatChanges) {
  const NumberedFiles found = by_number({"ts_1_t_0.5.vtu", "ts_10_t_5.0.vtu", "ts_2_t_1.0.vtu"}, "x");
  EXPECT_THAT(found.numbers, ElementsAre(1, 2, 10));
  EXPECT_EQ(found.files[1], "ts_2_t_1.0.vtu");
  EXPECT_THAT(error_of([&] { by_number({"a1.vtu", "b2.vtu"}, "x"); }), HasSubstr("differ in more than numbers"));
  EXPECT_THAT(error_of([&] { by_number({"a1.vtu", "a01.vtu"}, "x"); }), HasSubstr("the same numbers"));
  EXPECT_THAT(error_of([&] { by_number({"a1_1.vtu", "a1_2.vtu", "a2_1.vtu"}, "x"); }), HasSubstr("the same number"));
}

TEST(NumberedFiles, SeveralSeriesAndNoneAreRefused) {
  const fs::path folder = fresh_folder("several");
  EXPECT_FALSE(is_archive(folder));
  EXPECT_THAT(error_of([&] { open_archive(folder / "out_*.msh"); }), HasSubstr("no file has such a name"));
  write_numbered(folder, "a", {0, 1}, 0);
  write_numbered(folder, "b", {0, 1}, 0);
  EXPECT_THAT(error_of([&] { open_archive(folder)->open(0); }), HasSubstr("2 series of files (a*.msh, b*.msh)"));
  EXPECT_EQ(open_archive(folder / "b*.msh")->open(0)->times().size(), 2);
  EXPECT_THAT(error_of([&] { open_archive(folder / "c*.msh"); }), HasSubstr("no file has such a name"));
  write_file(folder / "b1.msh", "");
  EXPECT_THAT(error_of([&] { open_archive(folder / "b*.msh")->open(0); }), HasSubstr("b1.msh"));
}

TEST(NumberedFiles, ATimeThatIsNoNumberIsRefused) {
  const fs::path file = fresh_folder("nan") / "a.vtk";
  write_file(file,
             "# vtk DataFile Version 3.0\n\nASCII\nDATASET UNSTRUCTURED_GRID\nFIELD FieldData 1\nTIME 1 1 double\nnan\n"
             "POINTS 3 double\n0 0 0 1 0 0 0 1 0\nCELLS 1 4\n3 0 1 2\nCELL_TYPES 1\n5\n");
  EXPECT_THAT(error_of([&] { open_archive(file.parent_path() / "a*.vtk")->open(0); }),
              HasSubstr("time nan of entry 0; expected a finite one"));
}

TEST(NumberedArrays, TheirNumbersAreTimesAndOthersAreStatic) {
  const Mesh mesh = rectangle(2, 2);
  std::vector<HostField> fields = {constant("level", mesh, 7)};
  for (const int k : {2, 0, 1, 3}) fields.push_back(constant("u_0" + std::to_string(k), mesh, k));
  const fs::path file = fresh_folder("arrays") / "a.msh";
  write_snapshot(file, {mesh, fields, 0});
  const auto trajectory = open_numbered_arrays(file)->open(0);
  EXPECT_THAT(trajectory->times(), ElementsAre(0, 1, 2, 3));
  ASSERT_EQ(trajectory->fields().size(), 2);
  EXPECT_EQ(trajectory->fields()[0].spec.name, "u");
  EXPECT_TRUE(trajectory->fields()[1].is_static);
  const HostTensor u = trajectory->read("u", 1, 4);
  EXPECT_THAT(u.shape, ElementsAre(3, 9, 1));
  for (int i = 0; i < 27; ++i) EXPECT_EQ(as_doubles(u)[i], 1 + i / 9);
  EXPECT_EQ(as_doubles(trajectory->read("level", 2, 3)).front(), 7);
  EXPECT_THAT(error_of([&] { trajectory->read("u_01", 0, 1); }), HasSubstr("unknown field 'u_01'"));
}

TEST(NumberedArrays, FamiliesMustAgree) {
  const Mesh mesh = rectangle(2, 2);
  std::vector<HostField> fields;
  for (const int k : {0, 1, 2}) fields.push_back(constant("u" + std::to_string(k), mesh, k));
  for (const int k : {1, 2, 3}) fields.push_back(constant("v" + std::to_string(k), mesh, k));
  const fs::path folder = fresh_folder("families");
  write_snapshot(folder / "a.msh", {mesh, fields, 0});
  EXPECT_THAT(error_of([&] { open_numbered_arrays(folder / "a.msh")->open(0); }),
              HasSubstr("arrays v1 to v3, but those of u are numbered 0 to 2"));
  write_snapshot(folder / "b.msh", {mesh, {constant("T0", mesh, 1), constant("T1", mesh, 2)}, 0});
  EXPECT_THAT(error_of([&] { open_numbered_arrays(folder / "b.msh")->open(0); }),
              HasSubstr("no arrays that are numbered"));
}

TEST(Displacement, AMeshThatMovesIsItsFirstOneAndAField) {
  const fs::path folder = fresh_folder("moves");
  const Mesh mesh = rectangle(2, 2);
  for (int k = 0; k < 4; ++k) {
    std::vector<double> points(mesh.points().begin(), mesh.points().end());
    for (std::size_t i = 1; i < points.size(); i += 2) points[i] *= 1 + 0.5 * k;  // stretched along y
    const Mesh moved = mesh.with_points(points);
    write_snapshot(folder / ("m" + std::to_string(k) + ".msh"), {moved, {constant("u", moved, k)}, 0});
  }
  const auto moving = open_archive(folder)->open(0);
  EXPECT_FALSE(moving->has_static_mesh());
  const auto trajectory = with_displacement(open_archive(folder))->open(0);
  EXPECT_TRUE(trajectory->has_static_mesh());
  EXPECT_EQ(trajectory->mesh(3).data().points, mesh.data().points);
  ASSERT_EQ(trajectory->fields().size(), 2);
  EXPECT_EQ(trajectory->fields()[1].spec, (FieldSpec{"displacement", 2, On::points, "m"}));
  const HostTensor by = trajectory->read("displacement", 1, 4);
  EXPECT_THAT(by.shape, ElementsAre(3, 9, 2));
  for (int k = 1; k < 4; ++k) {
    for (Index i = 0; i < 9; ++i) {
      EXPECT_EQ(as_doubles(by)[18 * (k - 1) + 2 * i], 0);
      EXPECT_NEAR(as_doubles(by)[18 * (k - 1) + 2 * i + 1], 0.5 * k * mesh.point(i)[1], 1e-12);
    }
  }
  EXPECT_EQ(as_doubles(trajectory->read("u", 0, 4)).back(), 3);
}

// A sheet that is bent at other times than those that are asked first.
TEST(Displacement, AFrameOfMoreDimensionsIsRefused) {
  const fs::path folder = fresh_folder("bends");
  const Mesh mesh = rectangle(2, 2);
  for (int k = 0; k < 6; ++k) {
    MeshData data = mesh.data();
    for (double& x : data.points) x *= 1 + 0.5 * k;
    if (k == 2) {
      data.dim = 3;
      data.points.clear();
      for (Index i = 0; i < mesh.num_points(); ++i)
        data.points.insert(data.points.end(),
                           {mesh.point(i)[0], mesh.point(i)[1], mesh.point(i)[0] * mesh.point(i)[0]});
    }
    const Mesh moved(std::move(data));
    write_snapshot(folder / ("m" + std::to_string(k) + ".msh"), {moved, {constant("u", moved, k)}, 0});
  }
  const auto trajectory = with_displacement(open_archive(folder))->open(0);
  EXPECT_THAT(trajectory->read("displacement", 0, 2).shape, ElementsAre(2, 9, 2));
  EXPECT_THAT(error_of([&] { trajectory->read("displacement", 2, 3); }),
              HasSubstr("frame 2 lies in 3 dimensions, the first in 2"));
}

TEST(Displacement, StillMeshesAndOtherCellsAreLeftAsTheyAre) {
  const fs::path folder = fresh_folder("still");
  write_numbered(folder, "a", {0, 1, 2}, 0);
  EXPECT_EQ(with_displacement(open_archive(folder))->open(0)->fields().size(), 1);
  const Mesh other = rectangle(3, 2);
  write_snapshot(folder / "a1.msh", {other, {constant("u", other, 1)}, 0});
  const auto remeshed = with_displacement(open_archive(folder))->open(0);
  EXPECT_FALSE(remeshed->has_static_mesh());
  EXPECT_EQ(remeshed->fields().size(), 1);
  EXPECT_EQ(remeshed->mesh(1).num_points(), 12);
}

TEST(Files, NamesThatLeaveTheFolderAreRefused) {
  EXPECT_EQ(file_inside("a", "b/../c.vtu", "here"), fs::path("a/c.vtu"));
  for (const char* name : {"../c.vtu", "/etc/passwd", "b/../../c.vtu", "", ".."}) {
    EXPECT_THAT(error_of([&] { file_inside("a", name, "x.pvd:3"); }), HasSubstr("x.pvd:3: names the file")) << name;
  }
}

}  // namespace
}  // namespace cotan

#include "io/gmsh.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "core/check.h"
#include "core/files.h"
#include "io/mesh_io.h"

namespace cotan {
namespace {

std::filesystem::path script(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(testing::TempDir()) / name;
  write_file(path, text);
  return path;
}

const std::string kRectangle =
    "DefineConstant[ width = 2 ];\nSetFactory(\"OpenCASCADE\");\nRectangle(1) = {0, 0, 0, width, 1};\n"
    "Physical Curve(\"inlet\") = {4};\nPhysical Curve(\"walls\") = {1, 3};\n";

double area(const Mesh& mesh) {
  double sum = 0;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto a = mesh.point(mesh.cell(c)[0]), b = mesh.point(mesh.cell(c)[1]), d = mesh.point(mesh.cell(c)[2]);
    sum += ((b[0] - a[0]) * (d[1] - a[1]) - (b[1] - a[1]) * (d[0] - a[0])) / 2;
  }
  return sum;
}

std::string message_of(const std::filesystem::path& path, const GmshOptions& options = {}) {
  try {
    mesh_with_gmsh(path, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

class Gmsh : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_gmsh()) GTEST_SKIP() << "this build has no Gmsh";
  }
};

TEST_F(Gmsh, MeshesAScriptWithItsParametersAndSizes) {
  const auto path = script("cotan_rectangle.geo", kRectangle);
  std::vector<std::string> notes;
  const Mesh coarse(mesh_with_gmsh(path, {.size = 0.5, .parameters = {}}, &notes));
  const Mesh wide(mesh_with_gmsh(path, {.size = 0.1, .parameters = {{"width", 3.0}}}));
  EXPECT_EQ(coarse.dim(), 2);
  EXPECT_NEAR(area(coarse), 2, 1e-12);
  EXPECT_NEAR(area(wide), 3, 1e-12);
  EXPECT_GT(wide.num_cells(), 3 * coarse.num_cells());
  EXPECT_EQ(wide.points_of("inlet").size(), wide.facets_of("inlet").size() + 1);
  for (const Index p : wide.points_of("inlet")) EXPECT_EQ(wide.point(p)[0], 0);
  ASSERT_FALSE(notes.empty());  // only borders have names: the cells are kept all the same
}

TEST_F(Gmsh, SecondOrderNodesStandOnTheCurve) {
  const auto path = script("cotan_disk.geo",
                           "SetFactory(\"OpenCASCADE\");\nDisk(1) = {0, 0, 0, 1};\n"
                           "Physical Curve(\"rim\") = {1};\nPhysical Surface(\"disk\") = {1};\n");
  const Mesh mesh(mesh_with_gmsh(path, {.size = 0.4, .order = 2, .parameters = {}}));
  EXPECT_EQ(mesh.type(0), CellType::triangle6);
  for (const Index p : mesh.points_of("rim")) EXPECT_NEAR(std::hypot(mesh.point(p)[0], mesh.point(p)[1]), 1, 1e-12);
}

TEST_F(Gmsh, ErrorsCarryGmshsMessageAndLine) {
  const auto unknown = script("cotan_unknown.geo", "Point(1) = {0, 0, 0};\nPoint(2) = {width, 0, 0};\n");
  EXPECT_NE(message_of(unknown).find("cotan_unknown.geo', line 2: Unknown variable 'width'"), std::string::npos)
      << message_of(unknown);
  const auto syntax = script("cotan_syntax.geo", "Point(1) = {0, 0, 0;\n");
  EXPECT_NE(message_of(syntax).find("line 1: syntax error"), std::string::npos) << message_of(syntax);
  EXPECT_NE(message_of(script("cotan_nothing.geo", "a = 1;\n")).find("no curves, surfaces or volumes"),
            std::string::npos);
  EXPECT_NE(message_of(script("cotan_no.step", "garbage\n")).find("Could not read file"), std::string::npos);
  EXPECT_NE(message_of("cotan_missing.geo").find("no such file"), std::string::npos);
  EXPECT_NE(message_of("cotan.goe").find("did you mean '.geo'?"), std::string::npos);
  const auto path = script("cotan_rectangle.geo", kRectangle);
  EXPECT_NE(message_of(path, {.parameters = {{"widht", 1.0}}}).find("no parameter 'widht'"), std::string::npos);
  EXPECT_NE(message_of(path, {.parameters = {{"widt", 1.0}}}).find("no parameter 'widt'"), std::string::npos);
  EXPECT_NE(message_of(path, {.dim = 3, .parameters = {}}).find("the model has 2"), std::string::npos);
}

TEST_F(Gmsh, ExtensionsAreReadInAnyCase) {
  const auto path = script("cotan_rectangle.GEO", kRectangle);
  EXPECT_NEAR(area(Mesh(mesh_with_gmsh(path, {.parameters = {{"width", 3.0}}}))), 3, 1e-12);
}

TEST_F(Gmsh, AFolderForTemporaryFilesThatIsNotThereIsNamed) {
  const auto path = script("cotan_rectangle.geo", kRectangle);
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before ? before : "";
  setenv("TMPDIR", "/nowhere/at/all", 1);
  EXPECT_NE(message_of(path).find("TMPDIR"), std::string::npos) << message_of(path);
  before ? setenv("TMPDIR", kept.c_str(), 1) : unsetenv("TMPDIR");
}

TEST_F(Gmsh, AScriptThatEndsTheProcessEndsNotUs) {
  EXPECT_NE(message_of(script("cotan_exit.geo", "Exit;\n")).find("Gmsh ended before there was a mesh"),
            std::string::npos);
}

TEST_F(Gmsh, AFailureLeavesTheNextSessionClean) {
  const auto path = script("cotan_rectangle.geo", kRectangle);
  const auto before = mesh_with_gmsh(path, {.size = 0.3, .parameters = {}});
  message_of(script("cotan_syntax.geo", "Point(1) = {0, 0, 0;\n"));
  mesh_with_gmsh(path, {.size = 0.1, .order = 2, .parameters = {{"width", 1.0}}});
  const auto after = mesh_with_gmsh(path, {.size = 0.3, .parameters = {}});
  EXPECT_EQ(before.points, after.points);
  EXPECT_EQ(before.cells.links, after.cells.links);
}

TEST_F(Gmsh, SeveralThreadsAtOnce) {
  const auto path = script("cotan_rectangle.geo", kRectangle);
  std::array<double, 3> areas{};
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < areas.size(); ++k) {
    threads.emplace_back([&, k] {
      areas[k] = area(Mesh(mesh_with_gmsh(path, {.size = 0.3, .parameters = {{"width", 1.0 + k}}})));
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t k = 0; k < areas.size(); ++k) EXPECT_NEAR(areas[k], 1.0 + k, 1e-12);
}

TEST(GmshAbsent, NamesTheOption) {
  if (have_gmsh()) GTEST_SKIP() << "this build has Gmsh";
  EXPECT_NE(message_of("a.geo").find("COTAN_GPL"), std::string::npos) << message_of("a.geo");
}

double longest_side(const Mesh& mesh, const std::string& set) {
  double longest = 0;
  for (const Facet facet : mesh.facets_of(set)) {
    const auto ends = facet_corners(mesh, facet);
    const auto a = mesh.point(ends[0]), b = mesh.point(ends[1]);
    longest = std::max(longest, std::hypot(a[0] - b[0], a[1] - b[1]));
  }
  return longest;
}

Mesh plate(const GmshOptions& options) {
  const auto path = script("sizes.geo", kRectangle + "Physical Surface(\"all\") = {1};\n");
  return mend_and_build(mesh_with_gmsh(path, options), nullptr, nullptr);
}

TEST_F(Gmsh, GroupsHaveTheirSizesWhichGrowWithTheDistance) {
  GmshOptions options{.size = 0.2};
  options.sizes["inlet"] = 0.02;
  options.grading = 0.2;
  const Mesh mesh = plate(options);
  EXPECT_LE(longest_side(mesh, "inlet"), 0.0225);
  EXPECT_GT(longest_side(mesh, "walls"), 0.12);
  EXPECT_NEAR(area(mesh), 2, 1e-12);
  options.sizes = {{"outlet", 0.1}};
  EXPECT_NE(message_of(script("sizes.geo", kRectangle), options).find("unknown group 'outlet'"), std::string::npos)
      << message_of(script("sizes.geo", kRectangle), options);
}

TEST_F(Gmsh, SizesMayBeAFunctionOfThePlace) {
  GmshOptions options{.size = 0.5};
  options.size_at = [](const std::array<double, 3>& x) { return 0.03 + 0.1 * x[0]; };
  const Mesh mesh = plate(options);
  EXPECT_LE(longest_side(mesh, "inlet"), 0.04);
  EXPECT_GT(mesh.num_cells(), 4 * plate({.size = 0.2}).num_cells());
}

// Quadrilaterals in layers over the walls, whose heights grow by the ratio.
TEST_F(Gmsh, BoundaryLayersGrowByTheirRatio) {
  GmshOptions options{.size = 0.2};
  options.layer = GmshLayer{{"walls"}, 0.01, 1.5, 0.05, true, {}};
  const Mesh mesh = plate(options);
  double lowest = 1;
  Index quads = 0;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    if (mesh.type(c) != CellType::quad) continue;
    ++quads;
    double low = 2, high = -1;
    for (const Index p : mesh.corners(c)) {
      low = std::min(low, mesh.point(p)[1]);
      high = std::max(high, mesh.point(p)[1]);
    }
    lowest = std::min(lowest, high - low);
  }
  EXPECT_GE(quads, 3 * Index(mesh.facets_of("walls").size()));
  EXPECT_NEAR(lowest, 0.01, 1e-6);
  options.layer->on = {"no_such"};
  EXPECT_NE(message_of(script("sizes.geo", kRectangle), options).find("no_such"), std::string::npos);
}

TEST_F(Gmsh, CellsMayBeQuadsOrHexes) {
  GmshOptions options{.size = 0.3};
  options.cells = GmshCells::quads;
  const Mesh quads = plate(options);
  for (Index c = 0; c < quads.num_cells(); ++c) ASSERT_EQ(quads.type(c), CellType::quad);
  options.cells = GmshCells::hexes;
  options.size = 0.6;
  const auto ball = script("ball.geo", "SetFactory(\"OpenCASCADE\");\nBox(1) = {0, 0, 0, 1, 1, 1};\n");
  const Mesh hexes = mend_and_build(mesh_with_gmsh(ball, options), nullptr, nullptr);
  for (Index c = 0; c < hexes.num_cells(); ++c) ASSERT_EQ(hexes.type(c), CellType::hexa);
}

TEST_F(Gmsh, CurvedSidesAreDividedByTheirTurn) {
  GmshOptions options{.size = 1};
  options.curvature = 24;
  const auto disk = script("disk.geo",
                           "SetFactory(\"OpenCASCADE\");\nDisk(1) = {0, 0, 0, 1};\nPhysical Curve(\"rim\") = {1};\n"
                           "Physical Surface(\"all\") = {1};\n");
  const Mesh mesh = mend_and_build(mesh_with_gmsh(disk, options), nullptr, nullptr);
  EXPECT_NEAR(double(mesh.facets_of("rim").size()), 24, 3);
}

}  // namespace
}  // namespace cotan

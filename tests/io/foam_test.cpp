#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "io/archive.h"
#include "io/displacement.h"
#include "io/foam_mesh.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "mesh/quality.h"
#include "tests/io/foam_support.h"
#include "tests/io/io_support.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_foam;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_io::error_of;
using testing_io::fresh_folder;
namespace fs = std::filesystem;

std::string walls(const std::array<double, 3>& x) {
  return x[0] < 1e-9 ? "inlet patch" : "walls wall";
}

FoamMesh read(const Files& files) {
  return cells_of(read_poly_mesh(folder_of(files), folder_of(files)));
}

double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double area_of(const Mesh& mesh, const std::string& set) {
  double area = 0;
  for (const Facet& facet : mesh.facets_of(set)) {
    const auto normal = facet_area(mesh, facet);
    area += std::sqrt(std::inner_product(normal.begin(), normal.end(), normal.begin(), 0.0));
  }
  return area;
}

std::vector<meshes::Named> solids() {
  return {{"tetra", box(3, 2, 2, {3, 2, 1})},
          {"hexa", box(2, 3, 2, {1, 1, 1}, CellType::hexa)},
          {"jiggled_hexa", jiggled(box(4, 4, 4, {1, 1, 1}, CellType::hexa), 0.2, 4)},
          {"wedge", box(2, 2, 2, {1, 2, 1}, CellType::wedge)},
          {"pyramid", box(2, 1, 1, {2, 1, 1}, CellType::pyramid)}};
}

TEST(Foam, CellsOfFacesAreTheCellsThatTheyWere) {
  for (const auto& [name, mesh] : solids()) {
    for (const Encoding& encoding : {Encoding{}, Encoding{true, 32, 64}, Encoding{true, 64, 64}}) {
      SCOPED_TRACE(name + (encoding.binary ? " binary" : " text"));
      const FoamMesh found = read(poly_mesh_files(solid_of(mesh), walls, encoding));
      EXPECT_TRUE(found.notes.empty());
      EXPECT_EQ(found.data.points, mesh.data().points);
      EXPECT_EQ(found.data.types, mesh.data().types);
      const auto expected = cell_volumes(mesh), volumes = cell_volumes(found.data);
      for (std::size_t c = 0; c < expected.size(); ++c) EXPECT_NEAR(volumes[c], expected[c], 1e-14);
      const Mesh built(found.data);
      EXPECT_NEAR(area_of(built, "inlet"), area_of(mesh, "left"), 1e-13);
      EXPECT_EQ(built.facets_of("inlet").size() + built.facets_of("walls").size(), boundary_facets(mesh).size());
    }
  }
}

TEST(Foam, NumbersOf32BitsAreRead) {
  const Mesh mesh = box(2, 1, 1, {1, 1, 1}, CellType::hexa);  // its coordinates are floats
  const FoamMesh found = read(poly_mesh_files(solid_of(mesh), walls, {true, 64, 32}));
  EXPECT_EQ(found.data.points, mesh.data().points);
}

// Eight bricks: two joined, three joined around a corner; the rest as they are.
Files polyhedra(const Encoding& encoding = {}) {
  const Solid bricks = solid_of(box(4, 2, 1, {4, 2, 1}, CellType::hexa));
  return poly_mesh_files(joined(bricks, {0, 0, 1, 2, 3, 4, 5, 6}), walls, encoding);
}

TEST(Foam, PolyhedraAreSplitAboutTheirMiddles) {
  const FoamMesh found = read(polyhedra());
  const Mesh mesh(found.data);
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_THAT(found.notes[0], HasSubstr("1 polyhedra split about their middles into 10 tetrahedra and pyramids"));
  const auto volumes = cell_volumes(mesh);
  std::vector<double> by_cell(7, 0.0);
  for (std::size_t c = 0; c < volumes.size(); ++c) by_cell[std::size_t(found.cells[c])] += volumes[c];
  EXPECT_NEAR(by_cell[0], 2, 1e-14);
  for (std::size_t c = 1; c < 7; ++c) EXPECT_NEAR(by_cell[c], 1, 1e-14);
  EXPECT_NEAR(area_of(mesh, "inlet"), 2, 1e-14);
  EXPECT_NEAR(area_of(mesh, "walls"), 2 * (8 + 4) + 2, 1e-13);
  EXPECT_EQ(boundary_facets(mesh).size(), mesh.facets_of("inlet").size() + mesh.facets_of("walls").size());
}

// A prism over a hexagon with triangles around it: its hexagons become fans, its sides stay whole.
const std::vector<std::array<double, 2>> kHexagon = {{1, 0},     {0.5, 1},  {-0.5, 1}, {-1, 0},
                                                     {-0.5, -1}, {0.5, -1}, {2, 1}};
const std::vector<Face> kTiles = {{0, 1, 2, 3, 4, 5}, {0, 6, 1}};

TEST(Foam, SidesOfManyCornersBecomeFans) {
  const auto bottom = [](const std::array<double, 3>& x) -> std::string {
    return x[2] < 1e-9 ? "bottom wall" : x[2] > 1.99 ? "top wall" : "around patch";
  };
  const FoamMesh found = read(poly_mesh_files(prisms(kHexagon, kTiles, 2, 2.0), bottom));
  const Mesh mesh(found.data);
  std::map<CellType, int> counts;
  for (const CellType type : mesh.types()) ++counts[type];
  EXPECT_EQ(counts, (std::map<CellType, int>{{CellType::tetra, 8}, {CellType::pyramid, 6}, {CellType::wedge, 1}}));
  EXPECT_NEAR(total(cell_volumes(mesh)), 2 * (3 + 0.75), 1e-14);
  EXPECT_EQ(mesh.facets_of("bottom").size(), 5u);
  EXPECT_NEAR(area_of(mesh, "bottom"), 3.75, 1e-14);
  EXPECT_NEAR(area_of(mesh, "top"), 3.75, 1e-14);
  EXPECT_EQ(boundary_facets(mesh).size(), 10u + mesh.facets_of("around").size());
}

TEST(Foam, LinearValuesStayLinearAtMiddles) {
  const FoamMesh found = read(polyhedra());
  const PolyMesh mesh = read_poly_mesh(folder_of(polyhedra()), folder_of(polyhedra()));
  const auto linear = [](const double* x) { return 2 * x[0] - 3 * x[1] + 0.5 * x[2] + 1; };
  std::vector<double> values;
  for (Index p = 0; p < mesh.num_points(); ++p) values.push_back(linear(&mesh.points[3 * std::size_t(p)]));
  const auto rows = in_foam_rows(found, On::points, FoamKind::scalar, values);
  ASSERT_EQ(rows.size(), found.data.points.size() / 3);
  for (std::size_t p = 0; p < rows.size(); ++p) EXPECT_NEAR(rows[p], linear(&found.data.points[3 * p]), 1e-14);
  std::vector<double> numbers(7);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  const auto cells = in_foam_rows(found, On::cells, FoamKind::scalar, numbers);
  for (std::size_t c = 0; c < cells.size(); ++c) EXPECT_EQ(cells[c], found.cells[c]);
}

TEST(Foam, ACellThatItsMiddleDoesNotSeeIsRefused) {
  // a thin U of seven bricks: its middle is in the gap
  const Solid bricks = solid_of(box(3, 3, 1, {3, 3, 1}, CellType::hexa));
  const Files files = poly_mesh_files(joined(bricks, {0, 0, 0, 0, 1, 0, 0, 2, 0}), walls);
  EXPECT_THAT(error_of([&] { read(files); }), HasSubstr("cell 0 is a polyhedron of"));
}

std::string empty_sides(const std::array<double, 3>& x, int axis, double height) {
  const double h = x[std::size_t(axis)];
  if (h < 1e-9 || h > height - 1e-9) return "frontAndBack empty";
  return x[axis == 0 ? 1 : 0] > 1.49 ? "outlet patch" : "walls wall";
}

TEST(FoamPlane, CollapsesExactlyAlongEachAxis) {
  for (int axis = 0; axis < 3; ++axis) {
    SCOPED_TRACE(axis);
    const Files files = poly_mesh_files(prisms(kHexagon, kTiles, axis, 0.25),
                                        [&](const auto& x) { return empty_sides(x, axis, 0.25); });
    const PolyMesh poly = read_poly_mesh(folder_of(files), folder_of(files));
    const FoamMesh found = plane_of(poly);
    EXPECT_EQ(found.axis, axis);
    const Mesh mesh(found.data);
    EXPECT_EQ(mesh.dim(), 2);
    EXPECT_EQ(mesh.num_points(), 8);  // seven, and the middle of the hexagon
    EXPECT_EQ(mesh.num_cells(), 7);
    for (const double area : cell_volumes(mesh)) EXPECT_GT(area, 0);
    EXPECT_NEAR(total(cell_volumes(mesh)), 3.75, 1e-14);
    EXPECT_EQ(mesh.set_names(), (std::vector<std::string>{"outlet", "walls"}));
    EXPECT_NEAR(area_of(mesh, "outlet"), std::sqrt(2.0), 1e-14);
    EXPECT_EQ(boundary_facets(mesh).size(), mesh.facets_of("outlet").size() + mesh.facets_of("walls").size());
    // a linear vector of the plane, and its third component, which goes
    std::vector<double> values;
    for (Index p = 0; p < poly.num_points(); ++p) {
      std::array<double, 3> u{};
      const double* x = &poly.points[3 * std::size_t(p)];
      for (int k = 0, at = 0; k < 3; ++k) u[std::size_t(k)] = k == axis ? 7 : (at++ == 0 ? 2 : -1) * x[k] + 3;
      values.insert(values.end(), u.begin(), u.end());
    }
    const auto rows = in_foam_rows(found, On::points, FoamKind::vector, values);
    ASSERT_EQ(rows.size(), 2u * std::size_t(mesh.num_points()));
    for (Index p = 0; p < mesh.num_points(); ++p) {
      EXPECT_NEAR(rows[2 * std::size_t(p)], 2 * mesh.point(p)[0] + 3, 1e-14);
      EXPECT_NEAR(rows[2 * std::size_t(p) + 1], -mesh.point(p)[1] + 3, 1e-14);
    }
  }
}

TEST(FoamPlane, OtherCasesAreRefused) {
  const auto said = [](const Solid& solid, const PatchOf& patch_of) {
    const Files files = poly_mesh_files(solid, patch_of);
    return error_of([&] { plane_of(read_poly_mesh(folder_of(files), folder_of(files))); });
  };
  const auto front_and_back = [](const auto& x) { return empty_sides(x, 2, 1); };
  const Solid bricks = solid_of(box(2, 2, 1, {1, 1, 1}, CellType::hexa));
  EXPECT_EQ(said(bricks, front_and_back), "no error");
  EXPECT_THAT(said(bricks, walls), HasSubstr("cell 0 has 0 empty sides, expected 2"));
  EXPECT_THAT(said(solid_of(box(2, 2, 2, {1, 1, 1}, CellType::hexa)), front_and_back), HasSubstr("has 1 empty sides"));
  EXPECT_THAT(said(solid_of(box(2, 2, 1, {1, 1, 1}, CellType::tetra)), front_and_back), HasSubstr("empty sides"));
  Solid sheared = bricks;
  for (auto& x : sheared.points) x[0] += 0.1 * x[2];
  EXPECT_THAT(said(sheared, front_and_back), HasSubstr("do not lie across an axis"));
}

/// A text with one thing changed.
Files changed(Files files, const std::string& name, const std::string& from, const std::string& to) {
  std::string& text = files.at(name);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << name;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return files;
}

TEST(Foam, BadFilesAreRefusedByName) {
  const Files two = poly_mesh_files(solid_of(box(2, 1, 1, {2, 1, 1}, CellType::hexa)), walls);
  const auto says = [&](const std::string& name, const std::string& from, const std::string& to,
                        const std::string& expected) {
    EXPECT_THAT(error_of([&] { read(changed(two, name, from, to)); }), HasSubstr(expected)) << from << " -> " << to;
  };
  EXPECT_EQ(error_of([&] { read(two); }), "no error");
  says("points", "FoamFile", "Foam", "polyMesh/points:2: no FoamFile header");
  says("points", "ascii", "utf8", "format 'utf8', expected ascii or binary");
  says("points", "12\n", "13\n", "polyMesh/points");
  says("points", "12\n", "4000000000\n", "4000000000 points, expected at most");
  says("points", "12\n", "2000000000\n", "2000000000 points declared, but only");
  says("points", "(0 0 0)", "(0 nan 0)", "point 0 is not finite");
  says("points", "(0 0 0)", "(0 $y 0)", "macros and directives are not followed");
  says("points", "12\n", "#include \"../points\"\n", "macros and directives are not followed");
  says("faces", "4(", "2(", "polyMesh/faces");
  says("faces", "4(", "4{", "polyMesh/faces");
  says("faces", "4(", "2000000000{0} //", "one value for 2000000000 points of a face");
  says("faces", "11\n(", "10\n(", "expected ')', the end of 10 faces");
  says("faces", "faceList", "labelList", "class 'labelList', expected faceList or faceCompactList");
  says("owner", "11\n(0", "11\n(99", "has owner 99, but 12 sides make at most 3 cells");
  says("owner", "11\n(0", "11\n(-1", "has owner -1");
  says("owner", "11\n(0", "11\n(-2", "found -2 among owners");
  says("owner", "11\n(0", "11\n(1", "has cell 1 on both sides");
  says("owner", "11\n", "11 {0} //", "do not close it");
  says("neighbour", "1\n(1", "1\n(2", "do not close it");
  says("neighbour", "1\n(1", "0\n(", "do not close it");
  says("boundary", "nFaces 1;", "nFaces 2;", "is in patch 'walls' and another");
  says("boundary", "nFaces 1;", "nFaces -1;", "patch 'inlet' has -1 faces");
  says("boundary", "startFace 1;", "startFace 11;", "those of the boundary are 1 to 10");
  says("boundary", "startFace 1;", "startFace 9223372036854775807;", "those of the boundary are 1 to 10");
  says("boundary", "walls", "inlet", "patch 'inlet' stands twice");
  says("boundary", "nFaces 1;", "nFaces $n;", "macros and directives are not followed");
  Files turned = two;
  const auto at = turned["faces"].find("4(") + 2, end = turned["faces"].find(')', at);
  std::istringstream corners(turned["faces"].substr(at, end - at));
  Index a, b, c, d;
  corners >> a >> b >> c >> d;
  std::ostringstream reversed;
  reversed << d << ' ' << c << ' ' << b << ' ' << a;
  turned["faces"].replace(at, end - at, reversed.str());
  EXPECT_THAT(error_of([&] { read(turned); }), HasSubstr("do not point from their owner to their neighbour"));
  for (const auto& [name, text] : two) {
    Files lacking = two;
    lacking.erase(name);
    EXPECT_THAT(error_of([&] { read(lacking); }), HasSubstr("no file '" + name + "'"));
  }
}

TEST(Foam, BinaryFilesOfOtherSizesAreRefused) {
  const Files files = poly_mesh_files(solid_of(box(2, 1, 1, {2, 1, 1}, CellType::hexa)), walls, {true, 32, 64});
  const auto says = [&](const std::string& name, const std::string& from, const std::string& to,
                        const std::string& expected) {
    EXPECT_THAT(error_of([&] { read(changed(files, name, from, to)); }), HasSubstr(expected)) << from << " -> " << to;
  };
  says("points", "scalar=64", "scalar=32", "the end of 12 points of 32 bits each (the header's arch says how many)");
  says("points", "scalar=64", "scalar=16", "scalar=16 in the header's arch, expected 32 or 64");
  says("points", "LSB", "MSB", "big-endian");
  says("owner", "label=32", "label=64", "11 owners declared, but only");
  for (const auto& [name, text] : files) {
    for (std::size_t k = 1; k < 40; ++k) {
      Files cut = files;
      cut[name] = text.substr(0, text.find_last_of(')') * k / 40);
      EXPECT_NE(error_of([&] { read(cut); }), "no error") << name << " cut at " << k << " of 40";
    }
  }
}

// As in a case that OpenFOAM 4 wrote.
TEST(Foam, AnotherCountOfPatchesIsNoted) {
  const Files two = poly_mesh_files(solid_of(box(2, 1, 1, {2, 1, 1}, CellType::hexa)), walls);
  const FoamMesh found = read(changed(two, "boundary", "2\n(", "3\n("));
  EXPECT_THAT(found.notes, ElementsAre("boundary declares 3 patches and has 2"));
  EXPECT_EQ(found.data.facet_sets.size(), 2u);
}

TEST(Foam, ZonesAreSets) {
  Files files = poly_mesh_files(solid_of(box(2, 1, 1, {2, 1, 1}, CellType::hexa)), walls, {true, 32, 64});
  const Encoding binary{true, 32, 64};
  files["cellZones"] = header("regIOobject", binary) + "1\n(\nrotor\n{\n type cellZone;\ncellLabels List<label> " +
                       labels({1}, binary) + ";\n}\n)\n";
  files["faceZones"] = header("regIOobject", binary) + "1\n(\nwalls\n{\n type faceZone;\nfaceLabels List<label> " +
                       labels({0}, binary) + ";\nflipMap List<bool> 1(" + std::string(1, '\0') + ");\n}\n)\n";
  files["pointZones"] =
      header("regIOobject") + "1\n(\nprobe\n{\n type pointZone;\npointLabels List<label> 2(3 5);\n}\n)\n";
  const FoamMesh found = read(files);
  EXPECT_THAT(found.data.cell_sets.at("rotor"), ElementsAre(1));
  EXPECT_THAT(found.data.point_sets.at("probe"), ElementsAre(3, 5));
  ASSERT_EQ(found.data.facet_sets.at("walls_faces").size(), 1u);
  EXPECT_EQ(found.data.facet_sets.at("walls_faces")[0].cell, 0);
  const Files wrong = changed(files, "pointZones", "2(3 5)", "2(3 12)");
  EXPECT_THAT(error_of([&] { read(wrong); }), HasSubstr("zone 'probe' has member 12 of 12"));
}

}  // namespace
}  // namespace cotan

#include "io/legacy_vtk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "io/mesh_io.h"
#include "mesh/quality.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using testing::HasSubstr;
using testing_io::error_of;

// Two triangles and a quad.
const std::string kText = R"(# vtk DataFile Version 2.0
a title
ASCII
DATASET UNSTRUCTURED_GRID
FIELD FieldData 2
TIME 1 1 double
0.25
note 1 1 string
anything at all
POINTS 6 float
0 0 0  1 0 0  2 0 0
0 1 0  1 1 0  2 1 0
CELLS 3 13
3 0 1 4
3 0 4 3
4 1 2 5 4
CELL_TYPES 3
5 5 9
POINT_DATA 6
SCALARS heat float
LOOKUP_TABLE default
0.1 1 2 3 4 nan
VECTORS speed%20of%20sound double
0 0 0  1 0 0  2 0 0  3 0 0  4 0 0  5 0 0
CELL_DATA 3
FIELD FieldData 1
load 2 3 int
1 2 3 4
5 6
METADATA
INFORMATION 0

)";

MeshContent parse(const std::string& text) {
  Source source(std::as_bytes(std::span(text)), "a.vtk");
  return parse_legacy_vtk(source);
}

const HostField& field(const MeshContent& content, const std::string& name) {
  for (const HostField& f : content.fields) {
    if (f.spec.name == name) return f;
  }
  throw Error("no field " + name);
}

double total_volume(const MeshContent& content) {
  double sum = 0;
  for (const double part : cell_volumes(content.mesh)) sum += part;
  return sum;
}

TEST(LegacyVtk, ReadsTextWithArraysOfAllKinds) {
  const MeshContent content = parse(kText);
  EXPECT_EQ(content.mesh.dim, 2);
  EXPECT_DOUBLE_EQ(total_volume(content), 2);
  EXPECT_EQ(content.time, 0.25);
  EXPECT_EQ(field(content, "heat").values[0], double(0.1f));  // as the file's type keeps it
  EXPECT_TRUE(std::isnan(field(content, "heat").values[5]));
  EXPECT_EQ(field(content, "speed of sound").spec.components, 3);
  EXPECT_EQ(field(content, "load").values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(field(content, "load").spec.on, On::cells);
}

TEST(LegacyVtk, ReadsOffsetsOfVersionFive) {
  std::string text = kText;
  text.replace(text.find("2.0"), 3, "5.1");
  const auto at = text.find("CELLS 3 13");
  text.replace(at, text.find("CELL_TYPES") - at,
               "CELLS 4 10\nOFFSETS vtktypeint64\n0 3 6 10\nCONNECTIVITY vtktypeint64\n0 1 4 0 4 3 1 2 5 4\n");
  EXPECT_EQ(parse(text).mesh.cells.links, parse(kText).mesh.cells.links);
}

TEST(LegacyVtk, ReadsPolygonsAndLinesOfTheirSides) {
  const MeshContent content = parse(
      "# vtk DataFile Version 3.0\n\nASCII\nDATASET POLYDATA\nPOINTS 5 double\n0 0 0 1 0 0 1 1 0 0 1 0 2 0 0\n"
      "LINES 1 3\n2 0 1\nPOLYGONS 2 9\n4 0 1 2 3\n3 1 4 2\nCELL_DATA 3\nSCALARS k int 1\nLOOKUP_TABLE default\n7 8 "
      "9\n");
  EXPECT_DOUBLE_EQ(total_volume(content), 1.5);
  EXPECT_EQ(content.mesh.facet_sets.at("sides").size(), 1u);
  EXPECT_EQ(field(content, "k").values, (std::vector<double>{8, 9}));
}

TEST(LegacyVtk, StructuredGridsBecomeCells) {
  const std::string head = "# vtk DataFile Version 3.0\n\nASCII\nDATASET ";
  const MeshContent image = parse(head + "STRUCTURED_POINTS\nDIMENSIONS 3 4 2\nORIGIN 1 0 0\nSPACING 0.5 1 2\n");
  EXPECT_EQ(image.mesh.types, std::vector<CellType>(6, CellType::hexa));
  EXPECT_DOUBLE_EQ(total_volume(image), 6);
  const MeshContent axes = parse(head +
                                 "RECTILINEAR_GRID\nDIMENSIONS 3 2 1\nX_COORDINATES 3 float\n0 1 4\n"
                                 "Y_COORDINATES 2 float\n0 2\nZ_COORDINATES 1 float\n0\nCELL_DATA 2\nSCALARS k int\n"
                                 "LOOKUP_TABLE default\n1 2\n");
  EXPECT_EQ(axes.mesh.types, std::vector<CellType>(2, CellType::quad));
  EXPECT_DOUBLE_EQ(total_volume(axes), 8);
  const MeshContent bent = parse(head + "STRUCTURED_GRID\nDIMENSIONS 2 2 1\nPOINTS 4 float\n0 0 0 2 0 0 0 1 0 1 1 0\n");
  EXPECT_DOUBLE_EQ(total_volume(bent), 1.5);
}

TEST(LegacyVtk, LinearTypesWithNodesOfSecondOrderAreOfSecondOrder) {
  const MeshContent content = parse(
      "# vtk DataFile Version 3.0\n\nASCII\nDATASET UNSTRUCTURED_GRID\nPOINTS 6 double\n0 0 0 1 0 0 0 1 0 .5 0 0 .5 .5 "
      "0 "
      "0 .5 0\nCELLS 1 7\n6 0 1 2 3 4 5\nCELL_TYPES 1\n5\n");
  EXPECT_EQ(content.mesh.types, std::vector<CellType>{CellType::triangle6});
  ASSERT_EQ(content.notes.size(), 1u);
}

TEST(LegacyVtk, BadFilesAreRefusedByPlace) {
  const auto says = [&](const std::string& from, const std::string& to, const std::string& expected) {
    std::string text = kText;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    EXPECT_THAT(error_of([&] { parse(text.replace(at, from.size(), to)); }), HasSubstr(expected));
  };
  says("# vtk", "# vtx", "not a legacy VTK file");
  says("ASCII", "BINARI", "a.vtk:3: found 'BINARI', expected ASCII or BINARY");
  says("UNSTRUCTURED_GRID", "HYPER_TREE", "a.vtk:4: DATASET HYPER_TREE cannot be read");
  says("POINTS 6", "POINTS 7", "found 'CELLS', expected a number");
  says("POINTS 6", "POINTS 6000000000", "values declared, but only");
  says("POINTS 6", "POINTS 9223372036854775807", "cannot be");
  says("CELLS 3 13", "CELLS 4 13", "cell 3 of 4 goes beyond the 13 numbers");
  says("CELLS 3 13", "CELLS 2 13", "2 cells take 8 of the 13 numbers");
  says("3 0 1 4", "nan 0 1 4", "cell 0 of 3 goes beyond the 13 numbers");
  says("2.0", "nan", "a.vtk:1: version nan, expected 1 to 5");
  says("CELLS 3 13", "POLYGONS 3 13", "found 'POLYGONS', expected a section of UNSTRUCTURED_GRID");
  says("3 0 1 4", "3 0 1 9", "cell 0 has point 9 of 6");
  says("POINT_DATA 6", "POINT_DATA 5", "a.vtk:19: UNSTRUCTURED_GRID: POINT_DATA 5, but there are 6");
  says("load 2 3 int", "load 2 4 int", "array 'load' has 4 rows, expected 3");
  says("load 2 3 int", "load 2 3 quaternion", "type 'quaternion' cannot be read");
  says("load 2 3 int", "load 0 3 int", "array 'load' of 0 components");
  says("LOOKUP_TABLE default", "", "expected LOOKUP_TABLE behind SCALARS heat");
  says("DATASET UNSTRUCTURED_GRID", "", "expected DATASET");
  EXPECT_THAT(error_of([] {
                parse("# vtk DataFile Version 3.0\n\nASCII\nDATASET STRUCTURED_POINTS\nDIMENSIONS 900 900 900\n");
              }),
              HasSubstr("729000000 points in a structured grid"));
  // a few coordinates that stand for many points
  std::string axes = "# vtk DataFile Version 3.0\n\nASCII\nDATASET RECTILINEAR_GRID\nDIMENSIONS 300 300 300\n";
  for (const char axis : {'X', 'Y', 'Z'}) {
    axes += std::string(1, axis) + "_COORDINATES 300 float\n";
    for (int i = 0; i < 300; ++i) axes += std::to_string(i) + " ";
    axes += "\n";
  }
  EXPECT_THAT(error_of([&] { parse(axes); }), HasSubstr("DIMENSIONS of 27000000 points in a file of"));
  // coordinates of other axes than DIMENSIONS bounds
  EXPECT_THAT(error_of([] {
                parse(
                    "# vtk DataFile Version 3.0\n\nASCII\nDATASET STRUCTURED_POINTS\nDIMENSIONS 2 1 1\n"
                    "X_COORDINATES 3 float\n0 1 2\n");
              }),
              HasSubstr("found 'X_COORDINATES', expected a section of STRUCTURED_POINTS"));
}

}  // namespace
}  // namespace cotan

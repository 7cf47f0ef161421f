#include "io/surface.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "io/mesh_io.h"
#include "mesh/quality.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_io::error_of;

using Parser = MeshContent (*)(Source&);

MeshContent parse(Parser parser, const std::string& text) {
  Source source(std::as_bytes(std::span(text)), "a.file");
  return parser(source);
}

double area(const MeshContent& content) {
  double sum = 0;
  for (const double part : cell_volumes(content.mesh)) sum += part;
  return sum;
}

using Triangle = std::array<std::array<float, 3>, 3>;
// The faces of a tetrahedron with corners at the origin and on the axes.
const std::vector<Triangle> kTetra = {{{{0, 0, 0}, {0, 1, 0}, {1, 0, 0}}},
                                      {{{0, 0, 0}, {1, 0, 0}, {0, 0, 1}}},
                                      {{{0, 0, 0}, {0, 0, 1}, {0, 1, 0}}},
                                      {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
const double kTetraArea = 1.5 + std::sqrt(3.0) / 2;

std::string text_stl(const std::vector<Triangle>& triangles, const std::string& name = "part") {
  std::ostringstream out;
  out << "solid " << name << "\n";
  for (const auto& triangle : triangles) {
    out << " facet normal 0 0 0\n  outer loop\n";
    for (const auto& x : triangle) out << "   vertex " << x[0] << " " << x[1] << " " << x[2] << "\n";
    out << "  endloop\n endfacet\n";
  }
  out << "endsolid " << name << "\n";
  return out.str();
}

std::string binary_stl(const std::vector<Triangle>& triangles) {
  std::string out = "solid as many programs begin";
  out.resize(80, ' ');
  const auto count = std::uint32_t(triangles.size());
  out.append(reinterpret_cast<const char*>(&count), 4);
  for (const auto& triangle : triangles) {
    out.append(12, '\0');
    out.append(reinterpret_cast<const char*>(&triangle), 36);
    out.append(2, '\0');
  }
  return out;
}

TEST(Surface, StlJoinsEqualPointsExactly) {
  for (const std::string& bytes : {text_stl(kTetra), binary_stl(kTetra)}) {
    const MeshContent content = parse(parse_stl, bytes);
    EXPECT_EQ(content.mesh.points.size(), 12u);
    EXPECT_NEAR(area(content), kTetraArea, 1e-15);
    EXPECT_THAT(content.notes, ElementsAre("8 points joined with equal ones"));
    EXPECT_TRUE(boundary_facets(Mesh(content.mesh)).empty());
  }
}

TEST(Surface, FacesWithoutAreaAndDuplicatesAreLeftOutSayingSo) {
  auto triangles = kTetra;
  triangles.push_back({{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}}});
  triangles.push_back({{{0, 0, 0}, {1, 0, 0}, {1, 0, 0}}});
  triangles.push_back(kTetra[0]);
  const MeshContent content = parse(parse_stl, binary_stl(triangles));
  EXPECT_NEAR(area(content), kTetraArea, 1e-15);
  EXPECT_THAT(content.notes, ElementsAre(HasSubstr("joined"), "2 faces without an area left out",
                                         "1 faces that stand twice left out"));
}

TEST(Surface, SeveralSolidsAreCellSets) {
  const std::vector<Triangle> half(kTetra.begin(), kTetra.begin() + 2), rest(kTetra.begin() + 2, kTetra.end());
  const auto sets = parse(parse_stl, text_stl(half, "lower part") + text_stl(rest, "upper")).mesh.cell_sets;
  EXPECT_THAT(sets.at("lower part"), ElementsAre(0, 1));
  EXPECT_THAT(sets.at("upper"), ElementsAre(2, 3));
}

TEST(Surface, OffWithCommentsAndColours) {
  const std::string text =
      "OFF # a comment\n\n4 3 0\n0 0 0\n1 0 0 255 0 0\n1 1 0\n0 1 1\n3 0 1 2 0.5 0.5 0.5\n4 0 1 2 3\n3 0 2 3\n";
  const MeshContent content = parse(parse_off, text);
  EXPECT_THAT(content.mesh.types, ElementsAre(CellType::triangle, CellType::quad, CellType::triangle));
  EXPECT_EQ(content.mesh.points.size(), 12u);
}

const std::string kPly =
    "ply\nformat ascii 1.0\ncomment made by hand\nelement vertex 4\nproperty double x\nproperty double y\n"
    "property float z\nproperty float heat\nelement face 2\nproperty list uchar int vertex_indices\nproperty int tag\n"
    "end_header\n0 0 0 10\n1 0 0 11\n1 1 0 12\n0 1 0 13\n3 0 1 2 7\n3 0 2 3 8\n";

TEST(Surface, PlyKeepsPropertiesAsFields) {
  const MeshContent content = parse(parse_ply, kPly);
  EXPECT_EQ(content.mesh.dim, 2);
  EXPECT_DOUBLE_EQ(area(content), 1);
  ASSERT_EQ(content.fields.size(), 2u);
  EXPECT_THAT(content.fields[0].values, ElementsAre(10, 11, 12, 13));
  EXPECT_THAT(content.fields[1].values, ElementsAre(7, 8));
}

TEST(Surface, BinaryPlyInBothByteOrders) {
  for (const bool big : {false, true}) {
    std::string bytes = std::string("ply\nformat binary_") + (big ? "big" : "little") +
                        "_endian 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
                        "element face 1\nproperty list uchar ushort vertex_index\nend_header\n";
    const auto add = [&](auto value) {
      std::string raw(reinterpret_cast<const char*>(&value), sizeof value);
      if (big) std::reverse(raw.begin(), raw.end());
      bytes += raw;
    };
    for (const float x : {0.f, 0.f, 0.f, 2.f, 0.f, 0.f, 0.f, 3.f, 0.f}) add(x);
    add(std::uint8_t{3});
    for (const std::uint16_t corner : {0, 1, 2}) add(corner);
    EXPECT_DOUBLE_EQ(area(parse(parse_ply, bytes)), 3) << big;
    bytes.pop_back();
    EXPECT_THAT(error_of([&] { parse(parse_ply, bytes); }), HasSubstr("the file ends here")) << big;
  }
}

TEST(Surface, ObjWithGroupsAndCornersFromTheEnd) {
  const std::string text =
      "# made by hand\nmtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 1\nvn 0 0 1\ng floor\nusemtl steel\n"
      "f 1//1 2//1 3//1\ng roof\nf -4 -2 -1\nl 1 2\n";
  const MeshContent content = parse(parse_obj, text);
  EXPECT_THAT(content.mesh.cells.links, ElementsAre(0, 1, 2, 0, 2, 3));
  EXPECT_THAT(content.mesh.cell_sets.at("floor"), ElementsAre(0));
  EXPECT_THAT(content.mesh.cell_sets.at("roof"), ElementsAre(1));
  EXPECT_THAT(content.mesh.cell_sets.at("steel"), ElementsAre(0, 1));
  EXPECT_THAT(content.notes, ElementsAre("1 lines left out"));
}

TEST(Surface, BadFilesAreRefusedByPlace) {
  const auto says = [](Parser parser, const std::string& text, const std::string& expected) {
    EXPECT_THAT(error_of([&] { parse(parser, text); }), HasSubstr(expected));
  };
  const std::string stl = text_stl(kTetra), binary = binary_stl(kTetra);
  says(parse_stl, stl.substr(0, stl.size() - 20), "found 'end', expected facet");
  says(parse_stl, stl.substr(0, stl.find("endsolid")), "the file ends without endsolid");
  says(parse_stl, std::string(84, 'x'), "declared, but only 0 bytes are left");
  says(parse_stl, "solid\nvertex 1 2\n", "a.file:2: the line ends here, expected a number: a coordinate");
  says(parse_stl, "solid\nvertex 1 2 inf\n", "not finite");
  says(parse_stl, "solid\nendsolid\n", "no faces");
  says(parse_off, "OFF\n0 4000000000 0\n", "4000000000 faces declared");
  says(parse_off, "OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n", "face 0 has corner 3, there are 3 points");
  says(parse_off, "OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n5 0 1 2 0 1\n", "a face of 5 corners");
  says(parse_off, "4OFF\n", "expected OFF");
  says(parse_obj, "v 0 0 0\nf 1 0 2\n", "a.file:2: found '0', expected a corner");
  says(parse_obj, "v 0 0 0\nf -2 1 1\n", "a face has corner -1");
  says(parse_ply, "plx\n", "not a PLY file");
  says(parse_ply, kPly.substr(0, kPly.find("end_header")), "the file ends inside its header");
  says(parse_ply, kPly.substr(0, kPly.size() - 3), "the file ends here, a number expected");
  std::string twice = kPly;
  twice.insert(twice.find("end_header"), "element face 0\n");
  says(parse_ply, twice, "a.file:12: element face stands twice");
  std::string much = "ply\nformat ascii 1.0\n";  // of nothing: hours, were it gone through
  for (int i = 0; i < 100'000; ++i) much += "element a 3000000\n";
  says(parse_ply, much + "end_header\n" + std::string(3'000'000, ' '), "no faces");
}

}  // namespace
}  // namespace cotan

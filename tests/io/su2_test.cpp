#include "io/su2.h"

#include <gtest/gtest.h>

#include "core/files.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "mesh/quality.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

// Two triangles and a quad on [0, 3] x [0, 1].
const std::string kPlane = R"(% a comment
NDIME= 2   % in the plane
NELEM= 3
5 0 1 5 0
5 0 5 4 1
9 1 2 6 5
NPOIN= 7 7
0 0 0
1.0 0.0 1
+3 0 2

9 9 3
0.0 1.D0 4
1 1 5
3.0e0 1 6
NMARK= 2
MARKER_TAG= lower wall
MARKER_ELEMS= 2
3 0 1
3 1 2
MARKER_TAG= SEND_RECEIVE
MARKER_ELEMS= 1
SEND_RECV= 1
1 0 0
NPERIODIC= 1
PERIODIC_INDEX= 0
0 0 0
)";

MeshContent parse(const std::string& text) {
  Source source(std::as_bytes(std::span(text)), "a.su2");
  return parse_su2(source);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kPlane;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Su2, ReadsCellsPointsAndMarkers) {
  std::vector<std::string> notes;
  const Mesh mesh = mend_and_build(parse(kPlane).mesh, nullptr, &notes);
  EXPECT_EQ(mesh.dim(), 2);
  EXPECT_EQ(mesh.num_points(), 6);  // one is used by no cell
  EXPECT_EQ(mesh.num_cells(), 3);
  double area = 0;
  for (const double part : cell_volumes(mesh.data())) area += part;
  EXPECT_DOUBLE_EQ(area, 3);
  ASSERT_EQ(mesh.set_names(), std::vector<std::string>{"lower wall"});
  for (const Facet& facet : mesh.facets_of("lower wall"))
    for (const Index p : facet_corners(mesh, facet)) EXPECT_EQ(mesh.point(p)[1], 0);
}

TEST(Su2, SectionsMayStandInAnyOrder) {
  std::string text = kPlane;
  const auto cells = text.find("NELEM"), points = text.find("NPOIN"), marks = text.find("NMARK");
  const std::string turned = text.substr(0, cells) + text.substr(points, marks - points) +
                             text.substr(cells, points - cells) + text.substr(marks);
  EXPECT_EQ(parse(turned).mesh.cells.links, parse(kPlane).mesh.cells.links);
  EXPECT_EQ(parse(turned).mesh.facet_sets, parse(kPlane).mesh.facet_sets);
}

TEST(Su2, BadFilesAreRefusedWithTheLine) {
  const auto said = [](const std::string& text) { return testing_io::error_of([&] { parse(text); }); };
  const auto says = [&](const std::string& from, const std::string& to, const std::string& expected) {
    const std::string message = said(changed(from, to));
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  says("NDIME= 2 ", "NDIME= 4 ", "a.su2:2: NDIME= 4, expected 2 or 3");
  says("NELEM= 3", "NELEM= 4", "a.su2:7: found 'NPOIN= 7 7', expected an element");
  says("NELEM= 3", "NELEM= 4000000000", "4000000000 elements declared");
  says("NELEM= 3", "NELEM= -1", "expected an integer: elements");
  says("9 1 2 6 5", "9 1 2 6", "a.su2:6: the line ends here, expected an integer: a node");
  says("9 1 2 6 5", "9 1 2 6 55", "an element has node 55, there are 7, counted from 0");
  says("9 1 2 6 5", "7 1 2 6 5", "a.su2:6: element type 7");
  says("9 1 2 6 5", "10 1 2 6 5", "element type 10 in a mesh of 2 dimensions");
  says("9 1 2 6 5", "9 1 2 six 5", "a.su2:6: found 'six', expected an integer");
  says("0.0 1.D0", "0.0 nan", "not finite");
  says("3 1 2\n", "3 1 4\n", "a line of 'lower wall' at (1, 0) hangs in the air");
  says("3 1 2\n", "5 1 2 5\n", "element type 5 in a marker of a mesh of 2 dimensions");
  says("MARKER_ELEMS= 2", "", "expected MARKER_ELEMS= behind marker 'lower wall'");
  says("NMARK= 2", "NMARK= 3", "1 more markers expected");
  says("NPOIN= 7 7", "NELEM= 0\nNPOIN= 7 7", "NELEM= stands twice");
  says("NDIME= 2", "NZONE= 2\nNDIME= 2", "several zones");
  says("NDIME= 2", "FOO= 2", "stands before NDIME=");
  EXPECT_NE(said("hello\n").find("a.su2:1: found 'hello', expected a keyword"), std::string::npos);
  EXPECT_NE(said("NDIME= 2\n").find("the file ends without NPOIN="), std::string::npos);
  EXPECT_NE(said("NDIME= 2\nNELEM= 0\nNPOIN= 0\n").find("no points or no elements"), std::string::npos);
  // a side of a mesh has at most four corners
  EXPECT_NE(said("NDIME= 3\nNELEM= 1\n12 0 1 2 3 4 5 6 7\nNPOIN= 8\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n0 0 1\n1 0 1\n"
                 "1 1 1\n0 1 1\nMARKER_TAG= a\nMARKER_ELEMS= 1\n12 0 1 2 3 4 5 6 7\n")
                .find("a.su2:15: element type 12 in a marker of a mesh of 3 dimensions"),
            std::string::npos);
}

TEST(Su2, NamesThatItCannotKeepAreRefused) {
  MeshData data = rectangle(1, 1).data();
  data.facet_sets["50% of it"] = data.facet_sets.begin()->second;
  const auto path = testing_io::fresh_folder("names") / "a.su2";
  EXPECT_NE(testing_io::error_of([&] {
              write_snapshot(path, {Mesh(data), {}, 0});
            }).find("set '50% of it'"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace cotan

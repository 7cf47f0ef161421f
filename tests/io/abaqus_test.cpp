#include "io/abaqus.h"

#include <gtest/gtest.h>

#include "core/files.h"
#include "io/mesh_io.h"
#include "mesh/quality.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

// A brick with a wedge on its side x = 1, in the words that decks use.
const std::string kSolid = R"(*HEADING
 anything, at all
** a comment
*Node, nset=All
 10, 0, 0, 0
 11, 1.0D0, 0., 0.
 12, 1, 1, 0
 13, , 1
 20, 0, 0, 1
 21, 1, 0, 1
 22, 1, 1, 1
 23, 0, 1, 1
 30, 2, 0, 0
 31, 2, 0, 1
*ELEMENT, TYPE=C3D8R, ELSET=Brick
 7, 10, 11, 12, 13,
 20, 21, 22, 23
*ELEMENT, TYPE=C3D6, ELSET=wedge
 9, 11, 30, 12, 21, 31, 22
*ELEMENT, TYPE=S4, ELSET=skin
 100, 10, 13, 23, 20
*ELEMENT, TYPE=SPRINGA, ELSET=springs
 200, 10, 31
*NSET, NSET=bottom, GENERATE
 10, 13
 30, 900000000000, 1
*NSET, NSET=both
 bottom, 23
*ELSET, ELSET=everything
 BRICK, 9
*SURFACE, NAME=top, TYPE=ELEMENT
 brick, S2
 9, S2
*SURFACE, NAME=ends
 7, S6
*SURFACE, NAME=held, TYPE=NODE
 bottom,
*MATERIAL, NAME=steel
*ELASTIC
 2e11, 0.3
)";

MeshContent parse(const std::string& text) {
  Source source(std::as_bytes(std::span(text)), "a.inp");
  return parse_abaqus(source);
}

Mesh mesh_of(const std::string& text) {
  return mend_and_build(parse(text).mesh, nullptr, nullptr);
}

double total_volume(const Mesh& mesh) {
  double sum = 0;
  for (const double part : cell_volumes(mesh.data())) sum += part;
  return sum;
}

TEST(Abaqus, ReadsElementsSetsAndSurfaces) {
  const MeshContent content = parse(kSolid);
  const Mesh mesh = mesh_of(kSolid);
  EXPECT_EQ(mesh.num_points(), 10);
  EXPECT_EQ(mesh.num_cells(), 2);
  EXPECT_DOUBLE_EQ(total_volume(mesh), 1.5);
  EXPECT_EQ(content.notes, std::vector<std::string>{"1 elements that are no cells left out (SPRINGA)"});
  const MeshData& data = mesh.data();
  EXPECT_EQ(data.cell_sets.at("Brick"), (std::vector<Index>{0}));
  EXPECT_EQ(data.cell_sets.at("everything"), (std::vector<Index>{0, 1}));
  EXPECT_EQ(data.point_sets.at("bottom"), (std::vector<Index>{0, 1, 2, 3, 8, 9}));
  EXPECT_EQ(data.point_sets.at("both"), (std::vector<Index>{0, 1, 2, 3, 7, 8, 9}));
  EXPECT_EQ(data.point_sets.at("held"), data.point_sets.at("bottom"));
  EXPECT_EQ(mesh.facets_of("top").size(), 2u);
  for (const Facet& facet : mesh.facets_of("top"))
    for (const Index p : facet_corners(mesh, facet)) EXPECT_EQ(mesh.point(p)[2], 1);
  for (const char* name : {"skin", "ends"}) {
    ASSERT_EQ(mesh.facets_of(name).size(), 1u) << name;
    for (const Index p : facet_corners(mesh, mesh.facets_of(name)[0])) EXPECT_EQ(mesh.point(p)[0], 0) << name;
  }
}

// Every face by its number in Abaqus: its outward area on a unit cube, tetrahedron, … points where the manual says.
TEST(Abaqus, FacesOfSolidsAreTheManuals) {
  const std::string nodes = "*NODE\n1,0,0,0\n2,1,0,0\n3,1,1,0\n4,0,1,0\n5,0,0,1\n6,1,0,1\n7,1,1,1\n8,0,1,1\n";
  const auto corners = [&](const std::string& element, const std::string& face) {
    const Mesh mesh = mesh_of(nodes + "*ELEMENT, TYPE=" + element + "\n*SURFACE, NAME=s\n1, " + face + "\n");
    std::vector<std::string> found;
    for (const Index p : facet_corners(mesh, mesh.facets_of("s").at(0))) {
      const auto x = mesh.point(p);
      for (int k = 1; k <= 8; ++k) {  // back to the deck's number, by place
        const bool right = (k % 4 == 2 || k % 4 == 3), back = (k % 4 == 3 || k % 4 == 0), top = k > 4;
        if (x[0] == right && x[1] == back && x[2] == top) found.push_back(std::to_string(k));
      }
    }
    std::sort(found.begin(), found.end());
    return join(found, "");
  };
  const auto expect_faces = [&](const std::string& element, const std::vector<std::string>& expected) {
    for (std::size_t k = 0; k < expected.size(); ++k)
      EXPECT_EQ(corners(element, "S" + std::to_string(k + 1)), expected[k]) << element << " S" << k + 1;
  };
  expect_faces("C3D8\n1,1,2,3,4,5,6,7,8", {"1234", "5678", "1256", "2367", "3478", "1458"});
  expect_faces("C3D4\n1,1,2,4,5", {"124", "125", "245", "145"});
  expect_faces("C3D6\n1,1,2,4,5,6,8", {"124", "568", "1256", "2468", "1458"});
  expect_faces("C3D5\n1,1,2,3,4,5", {"1234", "125", "235", "345", "145"});
}

TEST(Abaqus, ShellsHaveFacesAndEdges) {
  const std::string shell =
      "*NODE\n1,0,0,0\n2,1,0,0\n3,1,1,0\n4,0,1,0\n*ELEMENT, TYPE=S4R5\n1,1,2,3,4\n"
      "*SURFACE, NAME=up\n1, SPOS\n*SURFACE, NAME=below\n1, S1\n*SURFACE, NAME=first\n1, S3\n*SURFACE, NAME=again\n1, "
      "E1\n";
  const Mesh mesh = mesh_of(shell);
  EXPECT_EQ(mesh.dim(), 2);
  EXPECT_EQ(mesh.data().cell_sets.at("up"), std::vector<Index>{0});
  EXPECT_EQ(mesh.data().cell_sets.at("below"), std::vector<Index>{0});
  EXPECT_EQ(mesh.facets_of("first"), mesh.facets_of("again"));
  for (const Index p : facet_corners(mesh, mesh.facets_of("first")[0])) EXPECT_EQ(mesh.point(p)[1], 0);
  const std::string plane = "*NODE\n1,0,0\n2,1,0\n3,0,1\n*ELEMENT, TYPE=CPE3\n1,1,2,3\n*SURFACE, NAME=s\n1, S1\n";
  for (const Index p : facet_corners(mesh_of(plane), mesh_of(plane).facets_of("s").at(0))) EXPECT_LE(p, 1);
}

const std::string kAssembly = R"(*PART, NAME=square
*NODE
1, 0, 0, 0
2, 1, 0, 0
3, 1, 1, 0
4, 0, 1, 0
*ELEMENT, TYPE=S4, ELSET=sheet
1, 1, 2, 3, 4
*NSET, NSET=corner
1
*END PART
*ASSEMBLY, NAME=all
*INSTANCE, NAME=first, PART=Square
*END INSTANCE
*INSTANCE, NAME=second, PART=square
 2., 0., 0.
 2., 0., 0., 2., 0., 1., 90.
*END INSTANCE
*NSET, NSET=corners
first.corner, second.corner
*ELSET, ELSET=right, INSTANCE=second
1
*SURFACE, NAME=edge
right, E1
*END ASSEMBLY
)";

TEST(Abaqus, InstancesStandWhereTheAssemblyPutsThem) {
  const Mesh mesh = mesh_of(kAssembly);
  EXPECT_EQ(mesh.num_cells(), 2);
  EXPECT_EQ(mesh.data().cell_sets.at("first.sheet"), std::vector<Index>{0});
  EXPECT_EQ(mesh.data().cell_sets.at("second.sheet"), std::vector<Index>{1});
  EXPECT_EQ(mesh.data().cell_sets.at("right"), std::vector<Index>{1});
  EXPECT_EQ(mesh.data().point_sets.at("corners").size(), 2u);
  for (const Index p : facet_corners(mesh, mesh.facets_of("edge").at(0)))  // turned from the x axis into y
    EXPECT_NEAR(mesh.point(p)[0], 2, 1e-15);
}

TEST(Abaqus, FilesBesideTheDeckAreIncludedOnce) {
  const auto folder = testing_io::fresh_folder("include");
  write_file(folder / "nodes.inp", "1,0,0\n2,1,0\n3,0,1\n");
  write_file(folder / "cells.inp", "*ELEMENT, TYPE=CPE3\n1,1,2,3\n");
  const auto deck = folder / "deck.inp";
  write_file(deck, "*NODE, NSET=all\n*INCLUDE, INPUT=nodes.inp\n*INCLUDE, INPUT=cells.inp\n");
  const Mesh mesh = read_mesh(deck);
  EXPECT_EQ(mesh.num_cells(), 1);
  EXPECT_EQ(mesh.data().point_sets.at("all").size(), 3u);
  const auto refused = [&](const std::string& file, const std::string& says) {
    write_file(deck, "*INCLUDE, INPUT=" + file + "\n");
    const std::string message = testing_io::error_of([&] { read_mesh(deck); });
    EXPECT_NE(message.find(says), std::string::npos) << message;
  };
  refused("../deck.inp", "expected a file in the deck's folder");
  refused("/etc/passwd", "expected a file in the deck's folder");
  refused("deck.inp", "again, or too deep");
  refused("absent.inp", "absent.inp");
  refused("", "a file to include is not named");
}

TEST(Abaqus, BadDecksAreRefusedWithTheLine) {
  const auto says = [&](const std::string& from, const std::string& to, const std::string& expected) {
    std::string text = kSolid;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    const std::string message = testing_io::error_of([&] { parse(text.replace(at, from.size(), to)); });
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  says("C3D8R", "C3D7", "a.inp:15: elements of type 'C3D7'");
  says(" 20, 21, 22, 23\n", "", "a.inp:17: element 7 ends before this line, 4 of its 8 nodes missing");
  says("21, 22, 23\n", "21, 22, 23, 24\n", "a.inp:17: element 7 has more than 8 nodes");
  says("21, 22, 23\n", "21, 22, 99\n", "element 7 has node 99, which is not among the 10 nodes");
  says("9, 11, 30", "7, 11, 30", "element 7 stands twice");
  says(" 31, 2, 0, 1", " 30, 2, 0, 1", "node 30 stands twice");
  says(" 31, 2, 0, 1", " 31, 2, zero, 1", "a.inp:14: found 'zero', expected a coordinate");
  says(" 31, 2, 0, 1", " -31, 2, 0, 1", "expected a positive one");
  says(" bottom, 23", " botom, 23", "'both' names the set 'botom', which the deck has not before it");
  says(" bottom, 23", " bottom, 24", "set 'both' names 24, which the deck has not");
  says("brick, S2", "brick, S7", "face 'S7' of a hexa");
  says("*MATERIAL", "*NGEN", "*NGEN cannot be read");
  says("nset=All", "system=C", "only rectangular coordinates");
  says("*MATERIAL, NAME=steel", "*INCLUDE, INPUT=x.inp", "a deck that is no file cannot include");
  EXPECT_NE(testing_io::error_of([] { parse("hello\n"); }).find("a.inp: no elements"), std::string::npos);
}

// Sets of sets of sets, and ranges of everything, mean far more members than the file has bytes.
TEST(Abaqus, SetsThatExplodeAreRefused) {
  std::string text = "*NODE\n";
  for (int i = 1; i <= 3000; ++i) text += std::to_string(i) + ",0,0\n";
  text += "*ELEMENT,TYPE=CPE3\n1,1,2,3\n*NSET,NSET=a,GENERATE\n";
  for (int i = 0; i < 3000; ++i) text += "1,3000\n";
  const std::string message = testing_io::error_of([&] { parse(text); });
  EXPECT_NE(message.find("sets of far more members"), std::string::npos) << message;
  // and so do sets without members in a part that stands at many places
  for (const std::string line : {"*NSET,NSET=", "*SURFACE,NAME="}) {
    text = "*PART,NAME=p\n*NODE\n1,0,0\n2,1,0\n3,0,1\n*ELEMENT,TYPE=CPE3\n1,1,2,3\n";
    for (int i = 0; i < 1500; ++i) text += line + std::to_string(i) + "\n";
    text += "*END PART\n";
    for (int i = 0; i < 1500; ++i) text += "*INSTANCE,NAME=i" + std::to_string(i) + ",PART=p\n*END INSTANCE\n";
    const std::string refused = testing_io::error_of([&] { parse(text); });
    EXPECT_NE(refused.find("sets of far more members"), std::string::npos) << refused;
  }
}

}  // namespace
}  // namespace cotan

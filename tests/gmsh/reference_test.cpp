// Gmsh makes models, writes them in every variant of its format, and says what is in them; our reader has to agree.
#include <gmsh.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "io/mesh_io.h"
#include "io/msh.h"
#include "io/msh_types.h"
#include "mesh/generate.h"

namespace cotan {
namespace {

using Place = std::array<double, 3>;

/// Gmsh writes text with 16 digits, which does not bring the last bit back.
Place rounded(Place x) {
  for (double& c : x) c = std::round(c * 1e10) / 1e10 + 0.0;  // and no negative zero
  return x;
}

/// What a model holds, without numbers of nodes and elements.
struct Content {
  std::map<int, std::size_t> cells;                               ///< Gmsh's type -> how many, highest dimension
  std::set<Place> points;                                         ///< of these
  std::map<std::pair<int, std::string>, std::set<Place>> groups;  ///< (dimension, name) -> nodes
};

std::map<std::size_t, Place> places() {
  std::vector<std::size_t> tags;
  std::vector<double> coordinates, parameters;
  gmsh::model::mesh::getNodes(tags, coordinates, parameters);
  std::map<std::size_t, Place> result;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    result[tags[i]] = rounded({coordinates[3 * i], coordinates[3 * i + 1], coordinates[3 * i + 2]});
  }
  return result;
}

Content gmsh_content() {
  Content content;
  const auto place = places();
  std::vector<int> types;
  std::vector<std::vector<std::size_t>> tags, nodes;
  gmsh::model::mesh::getElements(types, tags, nodes, gmsh::model::getDimension());
  for (std::size_t t = 0; t < types.size(); ++t) {
    content.cells[types[t]] += tags[t].size();
    for (const auto node : nodes[t]) content.points.insert(place.at(node));
  }
  gmsh::vectorpair groups;
  gmsh::model::getPhysicalGroups(groups);
  for (const auto& [dim, number] : groups) {
    std::string name;
    gmsh::model::getPhysicalName(dim, number, name);
    if (name.empty()) name = "physical_" + std::to_string(number);
    std::vector<std::size_t> members;
    std::vector<double> coordinates;
    gmsh::model::mesh::getNodesForPhysicalGroup(dim, number, members, coordinates);
    for (const auto node : members) content.groups[{dim, name}].insert(place.at(node));
  }
  return content;
}

Content our_content(const std::filesystem::path& path) {
  const Mesh mesh = read_mesh(path);
  Content content;
  const auto place = [&](Index p) {
    Place x{};
    std::copy(mesh.point(p).begin(), mesh.point(p).end(), x.begin());
    return rounded(x);
  };
  for (const CellType type : mesh.types()) ++content.cells[shape(type).gmsh];
  for (Index p = 0; p < mesh.num_points(); ++p) content.points.insert(place(p));
  const auto& data = mesh.data();
  for (const auto& [name, cells] : data.cell_sets) {
    for (const Index c : cells) {
      for (const Index p : mesh.cell(c)) content.groups[{mesh.cell_dim(), name}].insert(place(p));
    }
  }
  for (const auto& [name, facets] : data.facet_sets) {
    for (const Facet facet : facets) {
      for (const Index p : facet_nodes(mesh, facet)) content.groups[{mesh.cell_dim() - 1, name}].insert(place(p));
    }
  }
  for (const auto& [name, points] : data.point_sets) {
    for (const Index p : points) content.groups[{0, name}].insert(place(p));
  }
  return content;
}

class MshBesideGmsh : public testing::Test {
 protected:
  void SetUp() override {
    gmsh::initialize(0, nullptr, false);
    gmsh::option::setNumber("General.Terminal", 0);
    gmsh::option::setNumber("Mesh.SecondOrderIncomplete", 0);
    gmsh::model::add("model");
  }
  void TearDown() override { gmsh::finalize(); }

  /// Writes the model in all four variants, and compares what we read with `expected`.
  static void compare(const Content& expected) {
    const auto path = std::filesystem::path(testing::TempDir()) / "cotan_reference.msh";
    for (const double version : {2.2, 4.1}) {
      for (const int binary : {0, 1}) {
        SCOPED_TRACE(std::to_string(version) + (binary ? " binary" : " text"));
        gmsh::option::setNumber("Mesh.MshFileVersion", version);
        gmsh::option::setNumber("Mesh.Binary", binary);
        gmsh::write(path.string());
        const Content found = our_content(path);
        EXPECT_EQ(found.cells, expected.cells);
        EXPECT_TRUE(found.points == expected.points);
        std::set<std::pair<int, std::string>> names, expected_names;
        for (const auto& [key, nodes] : found.groups) names.insert(key);
        for (const auto& [key, nodes] : expected.groups) {
          expected_names.insert(key);
          const auto same = found.groups.find(key);
          EXPECT_TRUE(same != found.groups.end() && same->second == nodes) << key.first << " " << key.second;
        }
        EXPECT_EQ(names, expected_names);
      }
    }
    std::filesystem::remove(path);
  }

  /// Two unit squares with an edge between them; groups that overlap and share numbers over dimensions.
  static void two_squares() {
    gmsh::model::occ::addRectangle(0, 0, 0, 1, 1);
    gmsh::model::occ::addRectangle(1, 0, 0, 1, 1);
    gmsh::vectorpair out;
    std::vector<gmsh::vectorpair> map;
    gmsh::model::occ::fragment({{2, 1}}, {{2, 2}}, out, map);
    gmsh::model::occ::synchronize();
    gmsh::model::addPhysicalGroup(2, {1}, 7);
    gmsh::model::setPhysicalName(2, 7, "left side");
    gmsh::model::addPhysicalGroup(2, {1, 2}, 8);
    gmsh::model::addPhysicalGroup(1, {1, 2}, 7);
    gmsh::model::addPhysicalGroup(1, {2}, 9);
    gmsh::model::setPhysicalName(1, 9, "middle \xc3\xa9t\xc3\xa9");
    gmsh::model::addPhysicalGroup(0, {1}, 7);
    gmsh::option::setNumber("Mesh.MeshSizeMax", 0.3);
    gmsh::model::mesh::generate(2);
  }

  /// A ball in a box: tetrahedra, an interior surface.
  static void ball_in_box() {
    gmsh::model::occ::addBox(0, 0, 0, 2, 2, 2);
    gmsh::model::occ::addSphere(1, 1, 1, 0.5);
    gmsh::vectorpair out;
    std::vector<gmsh::vectorpair> map;
    gmsh::model::occ::fragment({{3, 1}}, {{3, 2}}, out, map);
    gmsh::model::occ::synchronize();
    gmsh::vectorpair volumes, ball;
    gmsh::model::getEntities(volumes, 3);
    for (const auto& volume : volumes) gmsh::model::addPhysicalGroup(3, {volume.second});
    gmsh::model::getBoundary({volumes.front()}, ball, false, false);
    std::vector<int> surfaces;
    for (const auto& surface : ball) surfaces.push_back(surface.second);
    gmsh::model::addPhysicalGroup(2, surfaces, 1);
    gmsh::model::setPhysicalName(2, 1, "interface");
    gmsh::option::setNumber("Mesh.MeshSizeMax", 0.6);
    gmsh::model::mesh::generate(3);
  }

  /// A square extruded in layers: hexahedra where recombined, else prisms.
  static void layers(bool recombined) {
    gmsh::model::occ::addRectangle(0, 0, 0, 1, 1);
    gmsh::vectorpair out;
    gmsh::model::occ::extrude({{2, 1}}, 0, 0.2, 1, out, {2}, {}, true);
    gmsh::model::occ::synchronize();
    if (recombined) {
      gmsh::model::mesh::setTransfiniteSurface(1);
      gmsh::model::mesh::setRecombine(2, 1);
    }
    gmsh::model::addPhysicalGroup(3, {1}, 1);
    gmsh::model::addPhysicalGroup(2, {1, 3}, 2);
    gmsh::option::setNumber("Mesh.MeshSizeMax", 0.5);
    gmsh::model::mesh::generate(3);
  }
};

TEST_F(MshBesideGmsh, GroupsThatOverlap) {
  two_squares();
  compare(gmsh_content());
}

TEST_F(MshBesideGmsh, ParametricNodes) {
  two_squares();
  gmsh::option::setNumber("Mesh.SaveParametric", 1);
  compare(gmsh_content());
}

TEST_F(MshBesideGmsh, PartitionedPlane) {
  two_squares();
  const Content whole = gmsh_content();
  gmsh::model::mesh::partition(3);
  compare(whole);
}

TEST_F(MshBesideGmsh, PartitionedTetrahedraWithGhosts) {
  ball_in_box();
  const Content whole = gmsh_content();
  gmsh::option::setNumber("Mesh.PartitionCreateGhostCells", 1);
  gmsh::model::mesh::partition(4);
  compare(whole);
}

TEST_F(MshBesideGmsh, SecondOrderOfEveryShape) {
  two_squares();
  gmsh::model::mesh::setOrder(2);
  compare(gmsh_content());
}

TEST_F(MshBesideGmsh, SecondOrderTetrahedra) {
  ball_in_box();
  gmsh::model::mesh::setOrder(2);
  compare(gmsh_content());
}

TEST_F(MshBesideGmsh, HexahedraOfBothSecondOrders) {
  layers(true);
  compare(gmsh_content());
  gmsh::model::mesh::setOrder(2);
  const Content complete = gmsh_content();
  EXPECT_EQ(complete.cells.begin()->first, shape(CellType::hexa27).gmsh);
  compare(complete);
  gmsh::model::mesh::setOrder(1);
  gmsh::option::setNumber("Mesh.SecondOrderIncomplete", 1);
  gmsh::model::mesh::setOrder(2);
  const Content incomplete = gmsh_content();
  EXPECT_EQ(incomplete.cells.begin()->first, shape(CellType::hexa20).gmsh);
  compare(incomplete);
}

TEST_F(MshBesideGmsh, PrismsOfSecondOrder) {
  layers(false);
  gmsh::option::setNumber("Mesh.SecondOrderIncomplete", 1);
  gmsh::model::mesh::setOrder(2);
  const Content content = gmsh_content();
  EXPECT_EQ(content.cells.begin()->first, shape(CellType::wedge15).gmsh);
  compare(content);
}

// Gmsh says where the nodes of each of its elements stand: in VTK's order, those behind the corners stand in the middle
// of the edges, as CellShape lists them.
TEST_F(MshBesideGmsh, SecondOrderNodesStandInTheMiddleOfEdges) {
  for (int t = 0; t < kNumCellTypes; ++t) {
    const CellShape& s = shape(CellType(t));
    if (s.order != 2) continue;
    const auto type = msh::element_type(s.gmsh);
    ASSERT_TRUE(type && type->num_nodes == s.num_nodes) << s.name;
    std::string name;
    int dim, order, num_nodes, corners;
    std::vector<double> x;
    gmsh::model::mesh::getElementProperties(s.gmsh, name, dim, order, num_nodes, x, corners);
    const auto at = [&](int node, int k) {
      return x[std::size_t(dim * (type->order.empty() ? node : type->order[std::size_t(node)]) + k)];
    };
    for (std::size_t e = 0; e < s.edges.size(); ++e) {
      for (int k = 0; k < dim; ++k) {
        EXPECT_NEAR(at(s.num_corners + int(e), k), (at(s.edges[e][0], k) + at(s.edges[e][1], k)) / 2, 1e-14)
            << s.name << ", edge " << e;
      }
    }
  }
}

// Our numbers of nodes of the types that are cut down to their corners, against Gmsh's.
TEST_F(MshBesideGmsh, HigherOrdersHaveGmshsNumberOfNodes) {
  int checked = 0;
  for (int gmsh_type = 1; gmsh_type <= 124; ++gmsh_type) {
    const auto type = msh::element_type(gmsh_type);
    if (!type) continue;
    std::string name;
    int dim, order, num_nodes, corners;
    std::vector<double> x;
    try {
      gmsh::model::mesh::getElementProperties(gmsh_type, name, dim, order, num_nodes, x, corners);
    } catch (...) {
      continue;  // Gmsh has no face nodes for prisms of order three and more, and says so by a string
    }
    EXPECT_EQ(type->num_nodes, num_nodes) << name;
    EXPECT_EQ(shape(type->cell).dim, dim) << name;
    EXPECT_EQ(shape(type->cell).num_corners, corners) << name;
    ++checked;
  }
  EXPECT_GT(checked, 50);
}

TEST_F(MshBesideGmsh, ThirdOrderIsReadByItsCorners) {
  two_squares();
  const Content linear = gmsh_content();
  gmsh::model::mesh::setOrder(3);
  compare(linear);
}

// What we write, Gmsh reads.
TEST_F(MshBesideGmsh, GmshReadsWhatWeWrite) {
  for (const CellType type :
       {CellType::tetra, CellType::hexa20, CellType::hexa27, CellType::tetra10, CellType::wedge15}) {
    MeshData data = box(2, 1, 1, {1, 1, 1}, type).data();
    data.cell_sets = {{"some", {0}}, {"others", {0, 1}}};
    const Mesh mesh(std::move(data));
    const auto path = std::filesystem::path(testing::TempDir()) / "cotan_written.msh";
    for (const MshVersion version : {MshVersion::v22, MshVersion::v41}) {
      for (const bool binary : {false, true}) {
        SCOPED_TRACE(std::string(shape(type).name));
        write_msh(path, {mesh, {}, 0}, version, binary);
        gmsh::clear();
        gmsh::open(path.string());
        const Content theirs = gmsh_content(), ours = our_content(path);
        EXPECT_TRUE(theirs.points == ours.points);
        EXPECT_TRUE(theirs.groups == ours.groups);
      }
    }
    std::filesystem::remove(path);
  }
}

}  // namespace
}  // namespace cotan

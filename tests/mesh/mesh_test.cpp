#include "mesh/mesh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/random.h"
#include "mesh/ordering.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(MeshData data) {
  try {
    Mesh mesh(std::move(data));
  } catch (const InputError& e) {
    return e.what();
  }
  return "accepted";
}

MeshData two_triangles() {
  MeshData data;
  data.points = {0, 0, 1, 0, 1, 1, 0, 1};
  data.types = {CellType::triangle, CellType::triangle};
  data.cells.push_row(std::vector<Index>{0, 1, 2});
  data.cells.push_row(std::vector<Index>{0, 2, 3});
  return data;
}

template <class Change>
std::string refusal_after(Change change) {
  MeshData data = two_triangles();
  change(data);
  return refusal(std::move(data));
}

TEST(Mesh, AcceptsWhatIsSound) {
  EXPECT_EQ(refusal(two_triangles()), "accepted");
}

TEST(Mesh, RefusesArraysThatDoNotFit) {
  EXPECT_EQ(refusal_after([](MeshData& d) { d.dim = 4; }), "a mesh of dimension 4: expected 1, 2 or 3");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.points.push_back(0); }),
            "9 coordinates: expected a multiple of the dimension, 2");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.types.pop_back(); }), "1 cell types: expected 2, one a cell");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.cells.links.pop_back(); }),
            "cell offsets run from 0 to 6: expected 0 to 5, the number of cell nodes");
  EXPECT_THAT(refusal_after([](MeshData& d) { d.cells.offsets = {0, 9, 6}; }), HasSubstr("has 9 nodes: expected 3"));
  EXPECT_THAT(refusal_after([](MeshData& d) {
                d.cells.offsets = {0, -1, 6};
              }),
              HasSubstr("cell offset 1 is -1, below the one before, 0"));
  EXPECT_EQ(refusal_after([](MeshData& d) { d.types[1] = CellType::quad; }), "cell 1 (quad) has 3 nodes: expected 4");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.types[1] = static_cast<CellType>(99); }),
            "cell 1 has the unknown type 99");
}

TEST(Mesh, RefusesNodesOutOfRangeAndRepeated) {
  EXPECT_EQ(refusal_after([](MeshData& d) { d.cells.links[4] = 7; }),
            "cell 1 (triangle, nodes (0, 7, 3)) names point 7: there are 4, counted from 0");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.cells.links[0] = -1; }),
            "cell 0 (triangle, nodes (-1, 1, 2)) names point -1: there are 4, counted from 0");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.cells.links[4] = 3; }),
            "cell 1 (triangle, nodes (0, 3, 3)) names point 3 twice");
}

TEST(Mesh, RefusesBadPoints) {
  EXPECT_EQ(refusal_after([](MeshData& d) { d.points[5] = NAN; }),
            "point 2 is at (1, nan): coordinates must be finite");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.points[0] = INFINITY; }),
            "point 0 is at (inf, 0): coordinates must be finite");
  EXPECT_EQ(refusal_after([](MeshData& d) {
              d.points.insert(d.points.end(), {5, 6, 7, 8});
            }),
            "2 of 6 points belong to no cell; the first is point 4 at (5, 6)");
}

TEST(Mesh, RefusesCellsThatStandTwice) {
  const auto again = [](MeshData& d) {
    d.types.push_back(CellType::triangle);
    d.cells.push_row(std::vector<Index>{3, 0, 2});
  };
  EXPECT_EQ(refusal_after(again),
            "cell 2 (triangle, nodes (3, 0, 2)) has the same corners as cell 1: no cell may "
            "stand twice");
}

TEST(Mesh, RefusesInvertedAndDegenerateCells) {
  EXPECT_EQ(refusal_after([](MeshData& d) { std::swap(d.cells.links[0], d.cells.links[1]); }),
            "cell 0 (triangle, nodes (1, 0, 2)) at (1, 0) is inverted: its area is -0.5");
  EXPECT_THAT(refusal_after([](MeshData& d) { d.points[7] = 0, d.points[6] = 0.5, d.points[5] = 0; }),
              HasSubstr("is degenerate: its area is 0"));
  MeshData flat = two_triangles();
  flat.points[5] = 0, flat.points[7] = 0;
  EXPECT_NO_THROW(Mesh(flat, {.geometry = false}));
}

TEST(Mesh, RefusesCellsOfDifferentDimension) {
  const auto side = [](MeshData& d) {
    d.types.push_back(CellType::line);
    d.cells.push_row(std::vector<Index>{0, 1});
  };
  EXPECT_THAT(refusal_after(side), HasSubstr("cells of different dimension: cell 0 is a triangle, cell 2 a line"));
  MeshData solid = box(1, 1, 1).data();
  solid.dim = 2;
  solid.points.resize(16);
  EXPECT_THAT(refusal(solid), HasSubstr("has dimension 3 in a mesh whose points have 2 coordinates"));
}

TEST(Mesh, RefusesSetsOutOfRange) {
  EXPECT_EQ(refusal_after([](MeshData& d) {
              d.point_sets["pins"] = {1, 4};
            }),
            "point set 'pins' names point 4: there are 4, counted from 0");
  EXPECT_EQ(refusal_after([](MeshData& d) { d.cell_sets["iron"] = {-1}; }),
            "cell set 'iron' names cell -1: there are 2, counted from 0");
  EXPECT_EQ(refusal_after([](MeshData& d) {
              d.facet_sets["wall"] = {{2, 0}};
            }),
            "facet set 'wall' names cell 2: there are 2, counted from 0");
  EXPECT_EQ(refusal_after([](MeshData& d) {
              d.facet_sets["wall"] = {{1, 3}};
            }),
            "facet set 'wall' names side 3 of cell 1: a triangle has 3, counted from 0");
}

TEST(Mesh, SortsSetsAndTakesEachEntryOnce) {
  MeshData data = two_triangles();
  data.point_sets["pins"] = {3, 1, 3};
  data.facet_sets["wall"] = {{1, 1}, {0, 0}, {1, 1}};
  const Mesh mesh(std::move(data));
  EXPECT_THAT(mesh.points_of("pins"), ElementsAre(1, 3));
  EXPECT_THAT(mesh.facets_of("wall"), ElementsAre(Facet{0, 0}, Facet{1, 1}));
}

// Gmsh scripts name a corner and the side that ends there alike.
TEST(Mesh, SidesComeBeforePointsOfTheSameName) {
  MeshData data = two_triangles();
  data.facet_sets = {{"inlet", {{1, 2}}}};
  data.point_sets = {{"inlet", {0}}};
  EXPECT_THAT(Mesh(std::move(data)).points_of("inlet"), ElementsAre(0, 3));
}

TEST(Mesh, FindsSetsByNameAndNumber) {
  MeshData data = two_triangles();
  data.facet_sets = {{"inlet", {{1, 2}}}, {"physical_8", {{0, 1}}}};
  data.cell_sets = {{"fluid", {1}}, {"physical_5", {0}}};
  data.numbers = {{"inlet", 5}, {"physical_5", 5}, {"fluid", 6}};
  const Mesh mesh(std::move(data));
  EXPECT_THAT(mesh.points_of("inlet"), ElementsAre(0, 3));
  EXPECT_THAT(mesh.points_of("5"), ElementsAre(0, 3)) << "sides come before cells";
  EXPECT_THAT(mesh.points_of("8"), ElementsAre(1, 2));
  EXPECT_THAT(mesh.points_of("physical_6"), ElementsAre(0, 2, 3));
  EXPECT_THAT(mesh.facets_of("5"), ElementsAre(Facet{1, 2}));
  EXPECT_THAT(mesh.set_names(), ElementsAre("fluid", "inlet", "physical_5", "physical_8"));
  try {
    mesh.points_of("inlett");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(),
                 "unknown set 'inlett' (did you mean 'inlet'?); there are: fluid, inlet, physical_5, physical_8");
  }
  EXPECT_THROW(mesh.facets_of("fluid"), InputError);
  EXPECT_THROW(mesh.points_of("7"), InputError);
}

TEST(Mesh, WithPointsKeepsAllButCoordinates) {
  const Mesh mesh = rectangle(3, 3);
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  for (double& x : points) x *= 2;
  EXPECT_NEAR(mesh_quality(mesh.with_points(points)).total_volume, 4, 1e-14);
  EXPECT_EQ(mesh.with_points(points).data().facet_sets, mesh.data().facet_sets);
  for (std::size_t i = 0; i < points.size(); i += 2) points[i] *= -1;
  EXPECT_THROW(mesh.with_points(points), InputError);
  EXPECT_NO_THROW(mesh.with_points(points, {.geometry = false}));
  points.pop_back();
  EXPECT_THROW(mesh.with_points(points), Error);
}

TEST(RepairOrientation, UndoesRandomReflections) {
  for (const auto& [name, mesh] : meshes::all()) {
    if (mesh.cell_dim() < mesh.dim()) continue;
    MeshData data = mesh.data();
    const Random random(1, purpose::test);
    Index turned = 0;
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      if (random.below(2, c) == 0) continue;
      const CellShape& s = shape(mesh.type(c));
      for (int i = 0; i < s.num_nodes; ++i) data.cells.links[data.cells.offsets[c] + i] = mesh.cell(c)[s.mirror[i]];
      ++turned;
    }
    EXPECT_EQ(repair_orientation(data), turned) << name;
    EXPECT_EQ(data.cells.links, mesh.cells().links) << name;
    EXPECT_EQ(repair_orientation(data), 0) << name;
  }
}

// Turned over as a whole: what a facet set names must be the same points as before.
TEST(RepairOrientation, FacetSetsFollow) {
  for (const auto& [name, mesh] : meshes::all()) {
    if (mesh.cell_dim() < mesh.dim()) continue;
    MeshData data = mesh.data();
    for (Facet facet : boundary_facets(mesh)) data.facet_sets["all"].push_back(facet);
    const Mesh marked(data);
    for (std::size_t i = 0; i < data.points.size(); i += mesh.dim()) data.points[i] *= -1;
    EXPECT_EQ(repair_orientation(data), mesh.num_cells()) << name;
    const Mesh mirrored(std::move(data));
    const auto nodes = [](const Mesh& m) {
      std::vector<std::vector<Index>> out;
      for (const Facet& facet : m.facets_of("all")) {
        out.push_back(facet_nodes(m, facet));
        std::sort(out.back().begin(), out.back().end());
      }
      std::sort(out.begin(), out.end());
      return out;
    };
    EXPECT_EQ(nodes(mirrored), nodes(marked)) << name;
    EXPECT_EQ(boundary_facets(mirrored), mirrored.facets_of("all")) << name;
  }
}

TEST(RepairOrientation, RefusesNumbersOutOfRange) {
  MeshData data = two_triangles();
  data.cells.links[2] = 1000000;
  EXPECT_THROW(repair_orientation(data), InputError);
  EXPECT_THROW(drop_unused_points(data), InputError);
}

TEST(DropUnusedPoints, RenumbersCellsAndSets) {
  MeshData data = two_triangles();
  data.points.insert(data.points.begin(), {9, 9});
  data.points.insert(data.points.end(), {8, 8});
  for (Index& p : data.cells.links) ++p;
  data.point_sets = {{"pins", {0, 2, 4}}, {"geometry", {0, 5}}};
  EXPECT_THAT(drop_unused_points(data), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(data.points, two_triangles().points);
  EXPECT_EQ(data.cells.links, two_triangles().cells.links);
  EXPECT_THAT(data.point_sets.at("pins"), ElementsAre(1, 3));
  EXPECT_EQ(data.point_sets.count("geometry"), 0);
  EXPECT_EQ(refusal(data), "accepted");
}

TEST(Linearised, KeepsCornersSidesAndPlaces) {
  for (const auto& [name, mesh] : meshes::second_order()) {
    std::vector<Index> kept;
    const Mesh linear = linearised(mesh, &kept);
    ASSERT_EQ(kept.size(), linear.num_points());
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      const auto corners = mesh.corners(c), nodes = linear.cell(c);
      ASSERT_EQ(corners.size(), nodes.size());
      for (std::size_t i = 0; i < nodes.size(); ++i) EXPECT_EQ(kept[nodes[i]], corners[i]);
    }
    for (Index p = 0; p < linear.num_points(); ++p) EXPECT_EQ(linear.point(p)[0], mesh.point(kept[p])[0]);
    EXPECT_EQ(linear.data().facet_sets, mesh.data().facet_sets);
    EXPECT_EQ(boundary_facets(linear), boundary_facets(mesh)) << name;
  }
  const Mesh plain = rectangle(3, 2);
  EXPECT_EQ(linearised(second_order(plain)).data().points, plain.data().points);
}

}  // namespace
}  // namespace cotan

#include "mesh/cell.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/check.h"
#include "mesh/patch.h"
#include "mesh/roles.h"

namespace cotan {
namespace {

std::vector<CellType> all_types() {
  std::vector<CellType> types;
  for (int i = 0; i < kNumCellTypes; ++i) types.push_back(static_cast<CellType>(i));
  return types;
}

TEST(CellShape, IsFoundByEveryOneOfItsNumbers) {
  for (const CellType type : all_types()) {
    EXPECT_EQ(cell_type_from_vtk(shape(type).vtk), type);
    EXPECT_EQ(cell_type_from_gmsh(shape(type).gmsh), type);
    EXPECT_EQ(cell_type_from_name(shape(type).name), type);
  }
  EXPECT_FALSE(cell_type_from_vtk(7));    // VTK_POLYGON
  EXPECT_FALSE(cell_type_from_gmsh(21));  // triangle of third order
  EXPECT_FALSE(cell_type_from_name("tetrahedron"));
}

// Counts of the textbooks: Euler's formula for the surface of a solid and for a polygon.
TEST(CellShape, FulfilsEulersFormula) {
  for (const CellType type : all_types()) {
    const CellShape& s = shape(type);
    const int v = s.num_corners, e = static_cast<int>(s.edges.size()), f = static_cast<int>(s.facets.size());
    if (s.dim == 3) {
      EXPECT_EQ(v - e + f, 2) << s.name;
    } else if (s.dim == 2) {
      EXPECT_TRUE(v == e && v == f) << s.name;
    }
    EXPECT_EQ(shape(s.linear).num_nodes, s.num_corners);
    EXPECT_EQ(s.order == 1, s.num_nodes == s.num_corners);
  }
}

TEST(CellShape, FacesMeetInPairsWithOppositeDirection) {
  for (const CellType type : all_types()) {
    const CellShape& s = shape(type);
    if (s.dim != 3) continue;
    std::multiset<std::pair<int, int>> directed;
    for (const FacetShape& f : s.facets) {
      for (int i = 0; i < f.num_corners; ++i) directed.insert({f.corners[i], f.corners[(i + 1) % f.num_corners]});
    }
    EXPECT_EQ(directed.size(), 2 * s.edges.size());
    for (const auto& [a, b] : s.edges) {
      EXPECT_EQ(directed.count({a, b}), 1) << s.name;
      EXPECT_EQ(directed.count({b, a}), 1) << s.name;
    }
  }
}

TEST(CellShape, EveryNodeSitsAmongItsOwnCorners) {
  for (const CellType type : all_types()) {
    const CellShape& s = shape(type);
    const std::set<int> distinct(s.supports.begin(), s.supports.end());
    EXPECT_EQ(distinct.size(), s.num_nodes) << s.name;
    for (int i = 0; i < s.num_corners; ++i) EXPECT_EQ(s.supports[i], 1 << i);
    for (std::size_t e = 0; e < s.edges.size() && s.order == 2; ++e) {
      EXPECT_EQ(s.supports[s.num_corners + e], 1 << s.edges[e][0] | 1 << s.edges[e][1]) << s.name;
    }
  }
}

TEST(CellShape, MirroringTwiceIsTheIdentity) {
  for (const CellType type : all_types()) {
    const CellShape& s = shape(type);
    bool moved = false;
    for (int i = 0; i < s.num_nodes; ++i) {
      EXPECT_EQ(s.mirror[s.mirror[i]], i) << s.name;
      moved = moved || s.mirror[i] != i;
    }
    EXPECT_EQ(moved, s.dim > 0) << s.name;
  }
}

TEST(FacetNodes, AreTheNodesOfTheFacetsOwnType) {
  for (const CellType type : all_types()) {
    const CellShape& s = shape(type);
    for (int f = 0; f < static_cast<int>(s.facets.size()); ++f) {
      const auto nodes = facet_nodes(type, f);
      const CellShape& own = shape(facet_type(type, f));
      ASSERT_EQ(nodes.size(), own.num_nodes) << s.name;
      EXPECT_EQ(own.linear, s.facets[f].linear);
      // node i of the facet sits between the facet's corners that its own type says
      for (int i = 0; i < own.num_nodes; ++i) {
        unsigned expected = 0;
        for (int k = 0; k < own.num_corners; ++k)
          expected |= own.supports[i] >> k & 1 ? 1u << s.facets[f].corners[k] : 0;
        EXPECT_EQ(s.supports[nodes[i]], expected) << s.name << " facet " << f << " node " << i;
      }
    }
  }
}

// The order of VTK's triquadratic hexahedron, node by node from its documentation.
TEST(CellShape, Hexa27HasItsFaceNodesWhereVtkHasThem) {
  const auto s = shape(CellType::hexa27);
  const auto mask = [](std::initializer_list<int> corners) {
    int bits = 0;
    for (const int c : corners) bits |= 1 << c;
    return bits;
  };
  EXPECT_EQ(s.supports[20], mask({0, 4, 7, 3}));
  EXPECT_EQ(s.supports[21], mask({1, 2, 6, 5}));
  EXPECT_EQ(s.supports[22], mask({0, 1, 5, 4}));
  EXPECT_EQ(s.supports[23], mask({3, 7, 6, 2}));
  EXPECT_EQ(s.supports[24], mask({0, 1, 2, 3}));
  EXPECT_EQ(s.supports[25], mask({4, 5, 6, 7}));
  EXPECT_EQ(s.supports[26], 255);
  EXPECT_EQ(s.supports[16], mask({0, 4}));
}

TEST(PatchPoint, FunctionsAreOneAtTheirNodeAndSumToOne) {
  using enum CellType;
  const std::vector<std::pair<CellType, std::vector<std::array<double, 2>>>> nodes = {
      {line, {{0, 0}, {1, 0}}},
      {line3, {{0, 0}, {1, 0}, {0.5, 0}}},
      {triangle, {{0, 0}, {1, 0}, {0, 1}}},
      {triangle6, {{0, 0}, {1, 0}, {0, 1}, {0.5, 0}, {0.5, 0.5}, {0, 0.5}}},
      {quad, {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}},
      {quad8, {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {0, -1}, {1, 0}, {0, 1}, {-1, 0}}},
      {quad9, {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {0, -1}, {1, 0}, {0, 1}, {-1, 0}, {0, 0}}}};
  for (const auto& [type, places] : nodes) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const PatchPoint p = patch_point(type, places[i][0], places[i][1], 1);
      for (std::size_t j = 0; j < places.size(); ++j) EXPECT_NEAR(p.value[j], i == j, 1e-15) << shape(type).name;
    }
    double weights = 0;
    for (const PatchPoint& p : patch_rule(type)) {
      double sum = 0, du = 0, dv = 0;
      for (std::size_t i = 0; i < 9; ++i) sum += p.value[i], du += p.du[i], dv += p.dv[i];
      EXPECT_NEAR(sum, 1, 1e-14);
      EXPECT_NEAR(du, 0, 1e-14);
      EXPECT_NEAR(dv, 0, 1e-14);
      weights += p.weight;
    }
    const CellType linear = shape(type).linear;
    EXPECT_NEAR(weights, linear == line ? 1 : linear == triangle ? 0.5 : 4, 1e-14);
  }
}

TEST(PatchPoint, DerivativesAgreeWithDifferences) {
  using enum CellType;
  const double h = 1e-6;
  for (const CellType type : {line, line3, triangle, triangle6, quad, quad8, quad9}) {
    const auto value = [&](double u, double v) { return patch_point(type, u, v, 1).value; };
    const double u = 0.23, v = 0.41;
    const PatchPoint p = patch_point(type, u, v, 1);
    for (int i = 0; i < 9; ++i) {
      EXPECT_NEAR(p.du[i], (value(u + h, v)[i] - value(u - h, v)[i]) / (2 * h), 1e-8) << shape(type).name;
      EXPECT_NEAR(p.dv[i], (value(u, v + h)[i] - value(u, v - h)[i]) / (2 * h), 1e-8) << shape(type).name;
    }
  }
}

TEST(Roles, KeepTheNumbersOfTheArchives) {
  EXPECT_EQ(static_cast<int>(role_from("interior")), 0);
  EXPECT_EQ(static_cast<int>(role_from("inflow")), 4);
  EXPECT_EQ(static_cast<int>(role_from("wall")), 6);
  EXPECT_EQ(static_cast<int>(role_from("other")), 8);
  for (const std::string_view name : kRoleNames) EXPECT_EQ(to_string(role_from(name)), name);
  try {
    role_from("walls");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(),
                 "unknown role 'walls' (did you mean 'wall'?); there are: interior, obstacle, airfoil, handle, inflow, "
                 "outflow, wall, symmetry, other");
  }
}

}  // namespace
}  // namespace cotan

#include "mesh/mending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "mesh/generate.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

// Every cell has points of its own.
MeshData torn(const Mesh& mesh) {
  MeshData data;
  data.dim = mesh.dim();
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    std::vector<Index> cell;
    for (const Index p : mesh.cell(c)) {
      cell.push_back(Index(data.points.size() / std::size_t(mesh.dim())));
      data.points.insert(data.points.end(), mesh.point(p).begin(), mesh.point(p).end());
    }
    data.cells.push_row(cell);
    data.types.push_back(mesh.type(c));
  }
  return data;
}

double signed_volume(const Mesh& surface) {
  double total = 0;
  for (Index c = 0; c < surface.num_cells(); ++c) {
    const auto a = surface.point(surface.cell(c)[0]), b = surface.point(surface.cell(c)[1]),
               d = surface.point(surface.cell(c)[2]);
    total +=
        (a[0] * (b[1] * d[2] - b[2] * d[1]) - a[1] * (b[0] * d[2] - b[2] * d[0]) + a[2] * (b[0] * d[1] - b[1] * d[0])) /
        6;
  }
  return total;
}

TEST(Mending, TornMeshesBecomeWhole) {
  const Mesh whole = box(2, 3, 2);
  const Mesh parts(torn(whole));
  EXPECT_EQ(parts.num_points(), 4 * whole.num_cells());
  EXPECT_EQ(num_coincident(parts), parts.num_points() - whole.num_points());
  EXPECT_EQ(num_coincident(whole), 0);
  EXPECT_EQ(piece_sizes(parts).size(), std::size_t(whole.num_cells()));
  HostField x{{"x", 1, On::points, "m"}, {}}, place{{"place", 1, On::points, ""}, {}};
  for (Index p = 0; p < parts.num_points(); ++p) {
    x.values.push_back(parts.point(p)[0]);
    place.values.push_back(p);
  }
  std::vector<std::string> notes;
  const Snapshot merged = merge_points({parts, {x, place}, 2}, notes);
  EXPECT_EQ(merged.mesh.num_points(), whole.num_points());
  EXPECT_EQ(piece_sizes(merged.mesh), std::vector<Index>{whole.num_cells()});
  EXPECT_EQ(merged.time, 2);
  for (Index p = 0; p < merged.mesh.num_points(); ++p) EXPECT_EQ(merged.fields[0].values[p], merged.mesh.point(p)[0]);
  ASSERT_EQ(notes.size(), 2u);  // the count, and the field that is not the same at one place
  EXPECT_THAT(notes[0], testing::HasSubstr(std::to_string(num_coincident(parts)) + " points"));
  EXPECT_THAT(notes[1], testing::HasSubstr("field place differs"));
}

TEST(Mending, SetsFollowTheirPoints) {
  MeshData data = torn(rectangle(2, 1));
  data.point_sets["all"].resize(data.points.size() / 2);
  for (std::size_t i = 0; i < data.point_sets["all"].size(); ++i) data.point_sets["all"][i] = Index(i);
  std::vector<std::string> notes;
  EXPECT_EQ(merge_points({Mesh(data), {}, 0}, notes).mesh.data().point_sets.at("all").size(), 6u);
}

TEST(Mending, SurfacesGetOneSense) {
  const Mesh sphere = sphere_surface(2);
  MeshData data = sphere.data();
  for (Index c = 0; c < sphere.num_cells(); ++c) data.facet_sets["sides"].push_back({c, int(c % 3)});
  std::vector<bool> turned(data.types.size());
  const Random random(3, purpose::test);
  Index count = 0;
  for (std::size_t c = 0; c < turned.size(); ++c) count += turned[c] = random.uniform(c) < 0.3;
  const MeshData before = data;
  turn_cells(data, turned);
  EXPECT_LT(std::abs(signed_volume(Mesh(data))), 0.6 * std::abs(signed_volume(sphere)));
  bool one_sided = true;
  EXPECT_EQ(orient_surface(data, one_sided), count);
  EXPECT_FALSE(one_sided);
  EXPECT_NEAR(signed_volume(Mesh(data)), signed_volume(sphere), 1e-12);
  // The sides are the same ones by their points.
  for (std::size_t i = 0; i < before.facet_sets.at("sides").size(); ++i) {
    const auto a = facet_corners(Mesh(before), before.facet_sets.at("sides")[i]),
               b = facet_corners(Mesh(data), data.facet_sets.at("sides")[i]);
    EXPECT_THAT(a, testing::UnorderedElementsAreArray(b));
  }
  EXPECT_EQ(orient_surface(data, one_sided), 0);
}

TEST(Mending, AMoebiusStripHasOneSide) {
  MeshData data;
  data.dim = 3;
  const int n = 12;
  for (int i = 0; i < n; ++i) {
    const double turn = 2 * M_PI * i / n;
    for (const double w : {-0.3, 0.3}) {
      const double radius = 1 + w * std::cos(turn / 2);
      data.points.insert(data.points.end(), {radius * std::cos(turn), radius * std::sin(turn), w * std::sin(turn / 2)});
    }
  }
  for (Index i = 0; i < n; ++i) {
    const bool last = i + 1 == n;
    const Index a = 2 * i, b = 2 * i + 1, c = last ? 1 : 2 * i + 2, d = last ? 0 : 2 * i + 3;
    data.cells.push_row(std::vector<Index>{a, b, d, c});
    data.types.push_back(CellType::quad);
  }
  bool one_sided = false;
  EXPECT_EQ(orient_surface(data, one_sided), 0);
  EXPECT_TRUE(one_sided);
}

TEST(Mending, PiecesAreCounted) {
  MeshData data = rectangle(3, 2).data();
  const MeshData other = rectangle(1, 1).data();
  const Index shift = Index(data.points.size() / 2);
  for (const double x : other.points) data.points.push_back(x + 10);
  for (Index c = 0; c < other.cells.size(); ++c) {
    std::vector<Index> cell(other.cells[c].begin(), other.cells[c].end());
    for (Index& p : cell) p += shift;
    data.cells.push_row(cell);
    data.types.push_back(other.types[c]);
  }
  data.facet_sets.clear();
  EXPECT_EQ(piece_sizes(Mesh(data)), (std::vector<Index>{12, 2}));
}

}  // namespace
}  // namespace cotan

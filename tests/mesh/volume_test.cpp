#include "mesh/volume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "build_config.h"
#include "core/check.h"
#include "mesh/generate.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

using testing::HasSubstr;

[[maybe_unused]] double total_volume(const Mesh& mesh) {
  const auto volumes = cell_volumes(mesh);
  return std::accumulate(volumes.begin(), volumes.end(), 0.0);
}

// The boundary of a box as a mesh of triangles, with a cell set for each side.
[[maybe_unused]] MeshData box_surface(int n, double half) {
  const Mesh solid = box(n, n, n, {2 * half, 2 * half, 2 * half});
  MeshData data;
  data.dim = 3;
  data.points.assign(solid.points().begin(), solid.points().end());
  for (double& x : data.points) x -= half;
  for (const auto& [name, facets] : solid.data().facet_sets) {
    for (const Facet facet : facets) {
      data.cell_sets[name].push_back(Index(data.types.size()));
      data.cells.push_row(facet_corners(solid, facet));
      data.types.push_back(CellType::triangle);
    }
  }
  drop_unused_points(data);
  return data;
}

[[maybe_unused]] MeshData together(const MeshData& a, const MeshData& b) {
  MeshData out = a;
  const Index shift = Index(a.points.size() / 3);
  out.points.insert(out.points.end(), b.points.begin(), b.points.end());
  for (Index c = 0; c < b.cells.size(); ++c) {
    std::vector<Index> cell(b.cells[c].begin(), b.cells[c].end());
    for (Index& p : cell) p += shift;
    out.cells.push_row(cell);
    out.types.push_back(b.types[c]);
  }
  out.cell_sets.clear();
  return out;
}

template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

#if COTAN_HAS_GPL

TEST(Volume, FlatSidesAndSharpEdgesAreKept) {
  const Mesh mesh = mesh_volume(Mesh(box_surface(2, 1)), {.size = 0.5});
  EXPECT_NEAR(total_volume(mesh), 8, 1e-9);
  EXPECT_EQ(mesh.data().facet_sets.size(), 6u);
  std::size_t named = 0;
  for (const auto& [name, facets] : mesh.data().facet_sets) named += facets.size();
  EXPECT_EQ(named, boundary_facets(mesh).size());
  for (const Facet facet : mesh.facets_of("left")) {
    for (const Index p : facet_corners(mesh, facet)) EXPECT_NEAR(mesh.point(p)[0], -1, 1e-9);
  }
}

// Within the distance that is asked for, and so with the volume of the ball up to that of the shell.
TEST(Volume, ABallIsFilledToItsSurface) {
  const Mesh surface = sphere_surface(4);
  const VolumeOptions options{.size = 0.25, .distance = 0.01};
  const Mesh mesh = mesh_volume(surface, options);
  EXPECT_NEAR(total_volume(mesh), 4 * std::numbers::pi / 3, 0.01 * 4 * std::numbers::pi + 0.02);
  for (const Facet facet : mesh.facets_of("surface")) {
    for (const Index p : facet_corners(mesh, facet)) {
      const auto x = mesh.point(p);
      EXPECT_NEAR(std::hypot(x[0], x[1], x[2]), 1, 0.01);
    }
  }
  EXPECT_GT(mesh_volume(surface, {.size = 0.12, .distance = 0.01}).num_cells(), 3 * mesh.num_cells());
  const Mesh again = mesh_volume(surface, options);
  EXPECT_NEAR(again.num_points(), mesh.num_points(), 0.05 * mesh.num_points());  // not always the same points
  EXPECT_NEAR(total_volume(again), total_volume(mesh), 0.01);
}

TEST(Volume, InnerShellsBoundVoids) {
  const Mesh shells(together(box_surface(2, 1), box_surface(1, 0.5)));
  EXPECT_NEAR(total_volume(mesh_volume(shells, {.size = 0.4})), 7, 1e-9);
}

TEST(Volume, SaysWhyASurfaceCannotBeFilled) {
  EXPECT_THAT(message([] { mesh_volume(saddle_surface(4), {.size = 0.3}); }), HasSubstr("not closed: 16 edges"));
  EXPECT_THAT(message([] { mesh_volume(box(1, 1, 1), {.size = 0.3}); }), HasSubstr("cells of dimension 3"));
  MeshData moved = box_surface(1, 1);
  for (double& x : moved.points) x += 0.3;
  const Mesh crossing(together(box_surface(1, 1), moved));
  EXPECT_THAT(message([&] { mesh_volume(crossing, {.size = 0.3}); }), HasSubstr("cuts itself"));
  EXPECT_THAT(message([] { mesh_volume(sphere_surface(1), {.size = 1e-4}); }), HasSubstr("at most 5e+07"));
}

#else

TEST(Volume, SaysWhatToRebuildWith) {
  EXPECT_THAT(message([] { mesh_volume(sphere_surface(1), {}); }), HasSubstr("COTAN_GPL"));
}

#endif

}  // namespace
}  // namespace cotan

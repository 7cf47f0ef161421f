// MSH files that other programs wrote.
#include <gtest/gtest.h>

#include <cstdlib>

#include "io/mesh_io.h"
#include "source_dir.h"

namespace cotan {
namespace {

// Files of other programs: points, cells by type, members of the sets.
struct Counts {
  std::string file;
  Index points;
  std::map<std::string, int> cells;
  std::map<std::string, std::size_t> sets;
};

void expect_counts(const std::filesystem::path& folder, const Counts& expected) {
  SCOPED_TRACE(expected.file);
  const Mesh mesh = read_mesh(folder / expected.file);
  std::map<std::string, int> cells;
  for (const CellType type : mesh.types()) ++cells[std::string(shape(type).name)];
  EXPECT_EQ(mesh.num_points(), expected.points);
  EXPECT_EQ(cells, expected.cells);
  std::map<std::string, std::size_t> sets;
  for (const auto& [name, set] : mesh.data().facet_sets) sets[name] += set.size();
  for (const auto& [name, set] : mesh.data().cell_sets) sets[name] += set.size();
  for (const auto& [name, count] : expected.sets) EXPECT_EQ(sets[name], count) << name;
}

TEST(Msh, ReadsFilesOfOtherPrograms) {
  const auto folder = std::filesystem::path(COTAN_SOURCE_DIR) / "tests/data";
  expect_counts(
      folder,
      {"stokes_mixed_tri_quad.msh", 183, {{"triangle", 148}, {"quad", 81}}, {{"boundary", 54}, {"surface", 229}}});
  expect_counts(folder, {"pipe_elbow_wedge.msh",
                         180,
                         {{"wedge", 160}},
                         {{"outer", 96}, {"inner", 64}, {"bottom", 20}, {"opening", 20}, {"pipe", 160}}});
}

TEST(Msh, ReadsSharedData) {
  const char* variable = std::getenv("COTAN_SHARED_DATA");
  const auto folder =
      (variable ? std::filesystem::path(variable) : std::filesystem::path(COTAN_SOURCE_DIR) / "../shared/data") /
      "gmsh";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there (COTAN_SHARED_DATA names the data)";
  const std::map<std::string, std::size_t> lagoon = {
      {"physical_2", 3 + 110}, {"physical_5", 30}, {"physical_100", 250}};
  const Counts table[] = {
      {"north_sea_coast.msh", 6565, {{"triangle", 10920}}, {{"physical_100", 111}, {"physical_200", 2169}}},
      {"tidal_lagoon.msh", 3816, {{"triangle", 7342}}, lagoon},
      {"tidal_lagoon_bin22.msh", 3816, {{"triangle", 7342}}, lagoon},
      {"tidal_lagoon_bin41.msh", 3816, {{"triangle", 7342}}, lagoon},
      {"cylinder_channel_fine.msh", 10856, {{"triangle", 21158}}, {{"physical_1", 440}, {"physical_4", 32}}},
      {"cylinder_channel_dfg_tri6.msh", 1905, {{"triangle6", 900}}, {{"physical_5", 7}}},
      {"sphere_in_channel_tet.msh", 1986, {{"tetra", 8436}}, {{"Sphere", 390}, {"Inlet", 344}, {"Wall", 1566}}},
      {"wheel_tet10.msh", 1822, {{"tetra10", 895}}, {{"physical_4", 78}}},
      {"msre_lattice_quad.msh", 2115, {{"quad", 1960}}, {{"fuel", 392}, {"outer_wall", 14}}},
      {"geolayers_2d.msh", 1389, {{"triangle", 2520}}, {{"RockBed", 2075}, {"Top", 120}}},
      {"hollow_cylinder_hex.msh", 3780, {{"hexa", 1800}}, {{"physical_1", 1800}, {"physical_2", 90}}},
      {"embedded_faults_tet.msh", 1261, {{"tetra", 5238}}, {{"oval_fault", 105}, {"square_fault", 143}}},
      {"footing_tri.msh", 192, {{"triangle", 330}}, {{"physical_2", 12}}},
  };
  for (const Counts& counts : table) expect_counts(folder, counts);
}

}  // namespace
}  // namespace cotan

#include "mesh/cell_average.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesh/generate.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using testing::ElementsAre;

TEST(CellAverage, ConstantsStayWhatTheyAre) {
  for (const auto& [name, mesh] : meshes::all()) {
    const std::vector<double> cells(std::size_t(mesh.num_cells()) * 2, 3.5);
    const auto points = CellAverage(mesh).at_points(cells, 2);
    ASSERT_EQ(points.size(), std::size_t(mesh.num_points()) * 2) << name;
    for (const double value : points) EXPECT_NEAR(value, 3.5, 1e-12) << name;
  }
}

TEST(CellAverage, LargerCellsWeighMore) {
  MeshData data;
  data.dim = 1;
  data.points = {0, 1, 4};
  data.types = {CellType::line, CellType::line};
  data.cells.push_row(std::vector<Index>{0, 1});
  data.cells.push_row(std::vector<Index>{1, 2});
  const std::vector<double> cells = {8, 4};
  EXPECT_THAT(CellAverage(Mesh(data)).at_points(cells, 1), ElementsAre(8, 5, 4));  // (1 · 8 + 3 · 4) / 4
}

}  // namespace
}  // namespace cotan

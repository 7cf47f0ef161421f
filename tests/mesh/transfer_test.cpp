#include "mesh/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "mesh/quality.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

// Two linear functions of the coordinates.
HostField linear(const Mesh& mesh) {
  HostField field{{"u", 2, On::points, ""}, {}};
  for (Index p = 0; p < mesh.num_points(); ++p) {
    double a = 1, b = -2;
    for (int k = 0; k < mesh.dim(); ++k) a += (k + 2) * mesh.point(p)[k], b += mesh.point(p)[k] / (k + 1);
    field.values.insert(field.values.end(), {a, b});
  }
  return field;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance);
}

TEST(Transfer, IsExactOnLinearFunctions) {
  const auto check = [](const Mesh& source, const Mesh& target) {
    const Transfer transfer(source, target);
    EXPECT_EQ(transfer.num_outside(), 0);
    EXPECT_EQ(transfer.farthest(), 0);
    expect_near(transfer(linear(source)).values, linear(target).values, 1e-11);
  };
  check(rectangle(7, 5), rectangle(4, 9, {1, 1}, CellType::quad));
  check(mixed_rectangle(6, 5), jiggled(rectangle(8, 8), 0.3, 1));
  check(jiggled(box(4, 4, 4, {1, 1, 1}, CellType::hexa), 0.2, 1), box(3, 5, 2));
  check(box(3, 3, 3, {1, 1, 1}, CellType::tetra10), box(4, 2, 2, {1, 1, 1}, CellType::pyramid));
  check(interval(5), interval(13));
}

// A target cell in the left half has the value of the left half's cells, one in the right half that of the right.
TEST(Transfer, GivesCellsTheValueAtTheirCentre) {
  const auto halves = [](const Mesh& mesh) {
    HostField field{{"k", 1, On::cells, ""}, {}};
    const auto centres = cell_centres(mesh);
    for (Index c = 0; c < mesh.num_cells(); ++c) field.values.push_back(centres[2 * c] < 0.5 ? 3 : 7);
    return field;
  };
  const Mesh source = rectangle(4, 4), target = rectangle(10, 7, {1, 1}, CellType::quad);
  expect_near(Transfer(source, target)(halves(source)).values, halves(target).values, 0);
}

TEST(Transfer, TakesTheNearestPlaceOutside) {
  const Mesh source = rectangle(4, 4);
  std::vector<double> points(source.points().begin(), source.points().end());
  for (std::size_t i = 0; i < points.size(); i += 2) points[i] = 3 * points[i] - 1;  // x from -1 to 2
  const Mesh target = source.with_points(points);
  const Transfer transfer(source, target);
  EXPECT_EQ(transfer.num_outside(), 5 * 4);  // of five columns, the two beyond each side but not those between
  EXPECT_NEAR(transfer.farthest(), 1, 1e-12);
  HostField x{{"x", 1, On::points, ""}, {}};
  for (Index p = 0; p < source.num_points(); ++p) x.values.push_back(source.point(p)[0]);
  const auto found = transfer(x).values;
  for (Index p = 0; p < target.num_points(); ++p)
    EXPECT_NEAR(found[p], std::clamp(target.point(p)[0], 0.0, 1.0), 1e-12);
}

TEST(Transfer, TakesNearestPoints) {
  const Mesh source = rectangle(3, 3), target = jiggled(source, 0.2, 4);
  HostField number{{"n", 1, On::points, ""}, {}};
  for (Index p = 0; p < source.num_points(); ++p) number.values.push_back(p);
  EXPECT_EQ(Transfer(source, target, TransferBy::nearest)(number).values, number.values);
}

// What a point has no part in does not reach it: 0 times no number is no number.
TEST(Transfer, KeepsWhatIsNotFiniteToItsCells) {
  const Mesh mesh = rectangle(3, 3);
  HostField field{{"u", 1, On::points, ""}, std::vector<double>(std::size_t(mesh.num_points()), 1)};
  field.values[0] = std::numeric_limits<double>::quiet_NaN();
  const auto found = Transfer(mesh, mesh)(field).values;
  EXPECT_TRUE(std::isnan(found[0]));
  for (std::size_t p = 1; p < found.size(); ++p) EXPECT_EQ(found[p], 1);
}

TEST(Transfer, RefusesOtherSpacesAndLengths) {
  const Mesh plane = rectangle(2, 2);
  EXPECT_THROW(Transfer(plane, box(1, 1, 1)), InputError);
  EXPECT_THROW(Transfer(plane, plane)({{"u", 1, On::points, ""}, {1, 2}}), Error);
  EXPECT_THROW(Transfer(plane, plane)({{"u", 1, On::dofs, ""}, {1, 2}}), Error);
}

// Of linear functions over simplices the integrals are exact: volume times the value at the centre of mass.
TEST(Integrals, OfLinearFunctionsAreExact) {
  expect_near(integrals(rectangle(5, 3, {2, 1}), linear(rectangle(5, 3, {2, 1}))),
              {2 * (1 + 2 * 1 + 3 * 0.5), 2 * (-2 + 1 + 0.25)}, 1e-12);
  const Mesh solid = jiggled(box(3, 3, 3), 0.2, 2);
  expect_near(integrals(solid, linear(solid)), {1 + 1 + 1.5 + 2, -2 + 0.5 + 0.25 + 1.0 / 6}, 1e-12);
  HostField cells{{"k", 1, On::cells, ""}, cell_volumes(solid)};
  double squares = 0;
  for (const double volume : cells.values) squares += volume * volume;
  expect_near(integrals(solid, cells), {squares}, 1e-15);
}

}  // namespace
}  // namespace cotan

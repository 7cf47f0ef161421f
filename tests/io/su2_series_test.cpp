#include "io/su2_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// Rows of the four points of a square, as SU2 writes them: names in quotes, a comma at the end of each row.
std::string solution(int k, const std::string& tail = "") {
  std::string text = "\"PointID\",\"x\",\"y\",\"Density\",\"Velocity_x\",\"Velocity_y\",\"Heat_z\"\n";
  const double points[4][2] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  for (int i = 0; i < 4; ++i) {
    text += std::to_string(i) + ", " + std::to_string(points[i][0]) + ", " + std::to_string(points[i][1]) + ", " +
            std::to_string(10 * k + i) + ",1.5e+00," + std::to_string(-i) + ",7,\n";
  }
  return text + tail;
}

fs::path folder_with_series(const std::string& name) {
  const fs::path folder = fresh_folder(name);
  write_snapshot(folder / "mesh.su2", {rectangle(1, 1), {}, 0});
  for (const int k : {10, 9, 11}) write_file(folder / ("flow_" + std::to_string(k) + ".csv"), solution(k));
  return folder;
}

TEST(Su2Series, ColumnsAreFieldsAndNumbersTimes) {
  const fs::path folder = folder_with_series("series");
  for (const fs::path& path : {folder, folder / "flow_*.csv"}) {
    ASSERT_TRUE(is_archive(path)) << path;
    const auto trajectory = open_archive(path)->open(0);
    EXPECT_THAT(trajectory->times(), ElementsAre(9, 10, 11));
    EXPECT_TRUE(trajectory->has_static_mesh());
    std::vector<FieldSpec> specs;
    for (const auto& field : trajectory->fields()) specs.push_back(field.spec);
    EXPECT_THAT(specs, ElementsAre(FieldSpec{"Density", 1, On::points, ""}, FieldSpec{"Velocity", 2, On::points, ""},
                                   FieldSpec{"Heat_z", 1, On::points, ""}));
    EXPECT_THAT(as_doubles(trajectory->read("Density", 1, 3)), ElementsAre(100, 101, 102, 103, 110, 111, 112, 113));
    EXPECT_THAT(as_doubles(trajectory->read("Velocity", 0, 1)), ElementsAre(1.5, 0, 1.5, -1, 1.5, -2, 1.5, -3));
  }
}

TEST(Su2Series, WhatDoesNotFitTheMeshIsNamedWithItsLine) {
  const fs::path folder = folder_with_series("wrong");
  const auto message = [&](const std::string& text) {
    write_file(folder / "flow_9.csv", text);
    return error_of([&] { open_archive(folder)->open(0); });
  };
  EXPECT_THAT(message(solution(9, "\n  \n")), "no error");
  EXPECT_THAT(message(solution(9, solution(9).substr(60))), HasSubstr("more rows than the mesh has points (4)"));
  EXPECT_THAT(message(solution(9).substr(0, solution(9).size() - 40)), HasSubstr("flow_9.csv"));
  std::string moved = solution(9);
  moved.replace(moved.find("2, 0.000000, 1.000000"), 21, "2, 0.000000, 1.500000");
  EXPECT_THAT(message(moved), HasSubstr("flow_9.csv:4: point 2 is at 1.5"));
  std::string other = solution(9);
  other.replace(other.find("\n2, "), 4, "\n3, ");
  EXPECT_THAT(message(other), HasSubstr("expected the mesh's order"));
  std::string twice = solution(9);
  twice.replace(twice.find("Heat_z"), 6, "Density");
  EXPECT_THAT(message(twice), HasSubstr("column 'Density' stands twice"));
  std::string again = solution(9);
  again.replace(again.find("Velocity_y"), 10, "Velocity_x");
  EXPECT_THAT(message(again), HasSubstr("column 'Velocity_x' stands twice"));
  std::string many;  // each looked up among all: hours, were that a search
  for (int i = 0; i < 100'000; ++i) many += std::to_string(i) + "_x,";
  EXPECT_THAT(message(many + "\n"), HasSubstr("ends after 0 rows"));
  write_file(folder / "flow_9.csv", solution(9));
  const std::string mesh = read_file(folder / "mesh.su2");
  write_file(folder / "mesh.su2", "NDIME= 2\nNELEM= 0\nNPOIN= 0\n");
  EXPECT_THAT(error_of([&] { open_archive(folder)->open(0); }), HasSubstr("no points or no elements"));
  write_file(folder / "mesh.su2", mesh);
  write_snapshot(folder / "other.su2", {rectangle(1, 1), {}, 0});
  EXPECT_THAT(error_of([&] { open_archive(folder)->open(0); }), HasSubstr("2 .su2 files in the folder, expected one"));
}

}  // namespace
}  // namespace cotan

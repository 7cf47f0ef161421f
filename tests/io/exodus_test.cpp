#include "io/exodus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/files.h"
#include "io/exodus_elements.h"
#include "io/mesh_io.h"
#include "io/netcdf.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"
#include "tests/io/netcdf_bytes.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Exodus, MeshSetsAndFieldsOfEveryClassicVersion) {
  for (const int version : {1, 2, 5}) {
    const fs::path file = fresh_folder("versions") / "small.e";
    write_file(file, small_exodus(version));
    ASSERT_TRUE(is_archive(file)) << version;
    const auto trajectory = open_archive(file)->open(0);
    const Mesh mesh = trajectory->mesh();
    EXPECT_EQ(mesh.dim(), 2);
    EXPECT_EQ(mesh.num_points(), 7);
    EXPECT_THAT(mesh.types(), ElementsAre(CellType::quad, CellType::quad, CellType::triangle));
    EXPECT_THAT(mesh.data().cell_sets.at("plate"), ElementsAre(0, 1));
    EXPECT_THAT(mesh.data().cell_sets.at("physical_20"), ElementsAre(2));
    EXPECT_THAT(mesh.points_of("floor"), ElementsAre(1, 2, 6));  // the lower sides of the second quad and the triangle
    EXPECT_EQ(mesh.points_of("3"), mesh.points_of("floor"));
    EXPECT_THAT(mesh.points_of("physical_4"), ElementsAre(0, 6));
    EXPECT_THAT(trajectory->times(), ElementsAre(0, 0.5, 1));
    EXPECT_EQ(as_doubles(trajectory->read("h", 1, 3))[7 + 6], 26);
    EXPECT_EQ(trajectory->read("h_cell", 0, 1).dtype, DType::f32);
    const auto cells = as_doubles(trajectory->read("h_cell", 1, 3));
    EXPECT_THAT(std::vector(cells.begin() + 3, cells.begin() + 5), ElementsAre(200, 201));
    EXPECT_TRUE(std::isnan(cells[2]));  // the triangle's block has no such variable
    EXPECT_THAT(as_doubles(trajectory->read("g", 0, 3)), ElementsAre(7, 8, 9));
  }
}

TEST(Exodus, SeveralFilesAreTrajectoriesAndAMeshIsTheFirstFrame) {
  const fs::path folder = fresh_folder("several");
  for (const char* name : {"run_10.e", "run_9.e"}) write_file(folder / name, small_exodus());
  const auto runs = open_archive(folder / "run_*.e");
  ASSERT_EQ(runs->size(), 2);
  EXPECT_THAT(runs->open(0)->name(), HasSubstr("run_9.e"));
  EXPECT_EQ(open_archive(folder)->size(), 2);
  std::vector<std::string> notes;
  const Snapshot first = read_snapshot(folder / "run_9.e", &notes);
  EXPECT_EQ(first.fields.size(), 3);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("3 time steps")));
}

// Exodus' own numbering of second-order nodes: each lies in the middle of the corners that it belongs to.
TEST(Exodus, SecondOrderNodesLieWhereTheCellHasThem) {
  const struct {
    const char* type;
    std::vector<std::vector<int>> supports;  // of the nodes after the corners, by the Exodus II manual
  } elements[] = {
      {"HEX",
       {{0, 1},
        {1, 2},
        {2, 3},
        {3, 0},
        {0, 4},
        {1, 5},
        {2, 6},
        {3, 7},
        {4, 5},
        {5, 6},
        {6, 7},
        {7, 4},
        {0, 1, 2, 3, 4, 5, 6, 7},
        {0, 1, 2, 3},
        {4, 5, 6, 7},
        {0, 3, 4, 7},
        {1, 2, 5, 6},
        {0, 1, 4, 5},
        {2, 3, 6, 7}}},
      {"HEX", {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {1, 5}, {2, 6}, {3, 7}, {4, 5}, {5, 6}, {6, 7}, {7, 4}}},
      {"WEDGE", {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 4}, {2, 5}, {3, 4}, {4, 5}, {5, 3}}},
      {"PYRAMID", {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {1, 4}, {2, 4}, {3, 4}}},
      {"TETRA", {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}}},
      {"TRI", {{0, 1}, {1, 2}, {2, 0}}},
      {"QUAD", {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 1, 2, 3}}}};
  for (const auto& [type, supports] : elements) {
    const std::string name = type;
    const std::size_t corners = name == "HEX" ? 8 : name == "WEDGE" ? 6 : name == "PYRAMID" ? 5 : name == "TRI" ? 3 : 4;
    const auto element = exodus_element(name, std::int64_t(corners + supports.size()), 2);
    const CellShape& cell = shape(element.type);
    for (std::size_t i = corners; i < corners + supports.size(); ++i) {
      const std::size_t place = element.order.empty() ? i : std::size_t(element.order[i]);
      unsigned expected = 0;
      for (const int corner : supports[place - corners]) expected |= 1u << corner;
      EXPECT_EQ(unsigned(cell.supports[i]), expected) << cell.name << " node " << i;
    }
  }
}

TEST(Exodus, EverySideOfAnElementIsOneOfItsCell) {
  const struct {
    const char* type;
    int nodes;
  } elements[] = {{"BAR", 2}, {"TRI3", 3}, {"QUAD4", 4}, {"TETRA", 4}, {"PYRAMID", 5}, {"WEDGE", 6}, {"HEX8", 8}};
  for (const auto& [type, nodes] : elements) {
    const auto element = exodus_element(type, nodes, 2);
    std::vector<std::vector<int>> ours, theirs;
    for (const auto& facet : shape(element.type).facets)
      ours.emplace_back(facet.corners.begin(), facet.corners.begin() + facet.num_corners);
    for (const auto& side : element.sides)
      theirs.emplace_back(side.corners.begin(), side.corners.begin() + side.num_corners);
    for (auto* sides : {&ours, &theirs}) {
      for (auto& side : *sides) std::sort(side.begin(), side.end());
      std::sort(sides->begin(), sides->end());
    }
    EXPECT_EQ(ours, theirs) << type;
  }
}

TEST(Exodus, WhatIsWrongIsNamed) {
  const fs::path file = fresh_folder("wrong") / "a.e";
  const auto message = [&](std::string bytes) {
    write_file(file, bytes);
    return error_of([&] { read_snapshot(file); });
  };
  EXPECT_THAT(message(""), HasSubstr("a.e: the file is empty"));
  EXPECT_THAT(message("solid of another kind"), HasSubstr("neither as classic NetCDF nor as HDF5"));
  const std::string whole = small_exodus();
  EXPECT_THAT(message(whole.substr(0, whole.size() - 8)), HasSubstr("a.e: variable"));
  EXPECT_THAT(message(whole.substr(0, 300)), HasSubstr("goes beyond the file"));
  std::string other = whole;
  other.replace(other.find("QUAD4"), 5, "NSIDE");
  EXPECT_THAT(message(other), HasSubstr("block plate: elements 'NSIDE' of 4 nodes cannot be read"));
  other = whole;
  other.replace(other.find("coordx"), 6, "koordx");
  EXPECT_THAT(message(other), HasSubstr("no coordinates"));
  EXPECT_EQ(message(whole), "no error");
}

// Numbers of 64 bits that wrap where they are counted from 0 or kept in 32.
TEST(Exodus, NumbersBeyondTheirTypesAreRefusedOrLeftOut) {
  const fs::path file = fresh_folder("wide") / "a.e";
  std::vector<std::pair<std::string, int>> dimensions = {
      {"time_step", 0}, {"nodes", 3}, {"one", 1}, {"three", 3}, {"two", 2}};
  const double wide = 4294967299.0;  // 2^32 + 3
  std::vector<NcVariable> variables = {{"coordx", {1}, 6, {0, 1, 0}},
                                       {"coordy", {1}, 6, {0, 0, 1}},
                                       {"connect1", {2, 3}, 10, {1, 2, 3}, "", {{"elem_type", "TRI3"}}},
                                       {"connect2", {2, 4}, 10, {1, 2}, "", {{"elem_type", "BAR2"}}},
                                       {"eb_prop1", {4}, 10, {7, wide}}};
  write_file(file, netcdf_bytes(dimensions, variables, 0, 5));
  const MeshData data = read_snapshot(file).mesh.data();
  EXPECT_EQ(data.facet_sets.at("physical_4294967299").size(), 1);
  EXPECT_EQ(data.numbers, (std::map<std::string, int>{{"physical_7", 7}}));
  variables[2].values[1] = -9223372036854775808.0;
  write_file(file, netcdf_bytes(dimensions, variables, 0, 5));
  EXPECT_THAT(error_of([&] { read_snapshot(file); }), HasSubstr("variable connect1: node -9223372036854775808 of 3"));
}

TEST(Exodus, FieldsTimesBlocksAreBounded) {
  const int blocks = 5000, names = 5000;
  std::vector<double> numbers;
  for (int b = 0; b < blocks; ++b) numbers.push_back(b + 1);
  const fs::path file = fresh_folder("blocks") / "a.e";
  write_file(file, netcdf_bytes(
                       {{"time_step", 0}, {"nodes", 3}, {"one", 1}, {"three", 3}, {"blocks", blocks}, {"names", names}},
                       {{"coordx", {1}, 6, {0, 1, 0}},
                        {"coordy", {1}, 6, {0, 0, 1}},
                        {"connect1", {2, 3}, 4, {1, 2, 3}, "", {{"elem_type", "TRI3"}}},
                        {"eb_prop1", {4}, 4, numbers},
                        {"time_whole", {0}, 6, {0}},
                        {"name_elem_var", {5, 2}, 2, {}, std::string(names, 'a')}},
                       1, 2));
  EXPECT_THAT(error_of([&] { read_snapshot(file); }), HasSubstr("5000 names of fields in 5000 blocks"));
}

TEST(NetCdf, RecordsBeyondAnyFileAreRefused) {
  const fs::path file = fresh_folder("records") / "a.nc";
  // as many rows as wrap 64 bits
  const std::vector<std::pair<std::string, int>> dimensions = {{"time", 0}, {"a", 1 << 23}, {"b", 1 << 23}};
  std::vector<NcVariable> variables;
  for (int v = 0; v < 20000; ++v) variables.push_back({"v" + std::to_string(v), {0, 1, 2}, 6, {}});
  write_file(file, netcdf_bytes(dimensions, variables, 0, 5));
  EXPECT_THAT(error_of([&] { open_netcdf(file); }), HasSubstr("a record of more than"));
}

TEST(NetCdf, ARecordOfAnAbsentOrTextVariableIsRefused) {
  const fs::path file = fresh_folder("netcdf") / "a.nc";
  write_file(file, small_exodus(5));
  const auto netcdf = open_netcdf(file);
  EXPECT_THAT(netcdf->read_doubles("time_whole"), ElementsAre(0, 0.5, 1));
  EXPECT_THAT(netcdf->read_texts("eb_names"), ElementsAre("plate", ""));
  EXPECT_EQ(netcdf->text_attribute("connect1", "elem_type"), "QUAD4");
  EXPECT_THAT(error_of([&] { netcdf->read_doubles("none"); }), HasSubstr("no variable none"));
  EXPECT_THAT(error_of([&] { netcdf->read_doubles("eb_names"); }), HasSubstr("found text, expected numbers"));
  double value = 0;
  EXPECT_THAT(error_of([&] { netcdf->read_rows("time_whole", 3, 1, DType::f64, &value); }),
              HasSubstr("rows 3 to 4 of 3"));
}

}  // namespace
}  // namespace cotan

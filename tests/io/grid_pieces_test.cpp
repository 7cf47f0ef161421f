#include "io/grid_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "build_config.h"
#include "core/files.h"
#include "io/archive.h"
#include "io/mesh_io.h"
#include "io/vtk.h"
#include "mesh/generate.h"
#include "mesh/quality.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_io::error_of;
using testing_io::fresh_folder;
namespace fs = std::filesystem;

const Mesh& whole() {
  static const Mesh mesh = jiggled(mixed_rectangle(8, 4), 0.2, 1);
  return mesh;
}

double value_at(std::span<const double> x) {
  return 2 * x[0] - x[1] + 1;
}

/// Cells [first, last) of the mesh, those up to `ghosts` more on either side as ghosts whose points have wrong values.
GridContent piece(Index first, Index last, Index ghosts) {
  const Mesh& mesh = whole();
  const Index from = std::max<Index>(0, first - ghosts), to = std::min(mesh.num_cells(), last + ghosts);
  GridContent out;
  GridArray u{"u", 1, {}}, flags{"vtkGhostType", 1, {}}, number{"number", 1, {}}, of_cell{"vtkGhostType", 1, {}};
  std::vector<Index> local(std::size_t(mesh.num_points()), -1);
  std::vector<char> owned(std::size_t(mesh.num_points()), 0);
  for (Index c = first; c < last; ++c)
    for (const Index p : mesh.cell(c)) owned[std::size_t(p)] = 1;
  out.grid.offsets = {0};
  for (Index c = from; c < to; ++c) {
    for (const Index p : mesh.cell(c)) {
      if (local[std::size_t(p)] < 0) {
        local[std::size_t(p)] = Index(u.values.size());
        out.grid.points.insert(out.grid.points.end(), {mesh.point(p)[0], mesh.point(p)[1], 0});
        u.values.push_back(owned[std::size_t(p)] ? value_at(mesh.point(p)) : 1e9);
        flags.values.push_back(owned[std::size_t(p)] ? 0 : 1);
      }
      out.grid.connectivity.push_back(local[std::size_t(p)]);
    }
    out.grid.types.push_back(std::uint8_t(shape(mesh.type(c)).vtk));
    out.grid.offsets.push_back(std::ssize(out.grid.connectivity));
    number.values.push_back(c);
    of_cell.values.push_back(c < first || c >= last ? 1 : 0);
  }
  out.points = {u};
  out.cells = {number};
  if (ghosts > 0) {
    out.points.push_back(flags);
    out.cells.push_back(of_cell);
  }
  return out;
}

std::vector<GridContent> pieces(Index ghosts) {
  const Index n = whole().num_cells();
  return {piece(0, n / 3, ghosts), piece(n / 3, n / 2, ghosts), piece(n / 2, n, ghosts)};
}

TEST(GridPieces, TogetherAreTheWholeAgain) {
  for (const Index ghosts : {0, 3}) {
    std::vector<std::string> notes;
    MeshContent content = content_from_grid(join_grids(pieces(ghosts), &notes));
    const Mesh mesh = mend_and_build(std::move(content.mesh), &content.fields, &notes);
    EXPECT_EQ(mesh.num_points(), whole().num_points());
    EXPECT_EQ(mesh.num_cells(), whole().num_cells());
    EXPECT_EQ(boundary_facets(mesh).size(), boundary_facets(whole()).size());
    ASSERT_EQ(content.fields.size(), 2u);
    for (Index p = 0; p < mesh.num_points(); ++p)
      EXPECT_EQ(content.fields[0].values[std::size_t(p)], value_at(mesh.point(p)));
    for (Index c = 0; c < mesh.num_cells(); ++c) EXPECT_EQ(content.fields[1].values[std::size_t(c)], c);
    EXPECT_EQ(cell_volumes(mesh), cell_volumes(whole()));
    ASSERT_EQ(notes.size(), ghosts > 0 ? 2u : 1u);
    EXPECT_THAT(notes.back(), HasSubstr("merged"));
    EXPECT_EQ(notes.front() == "12 ghost cells left out", ghosts > 0);
  }
}

TEST(GridPieces, PointsTogetherInOnePieceStayApart) {
  // a slit: two triangles on two pairs of points at the same places
  GridContent slit;
  slit.grid = {{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0}, {5, 5}, {0, 3, 6}, {0, 1, 2, 3, 5, 4}};
  GridContent beside;
  beside.grid = {{1, 0, 0, 2, 0, 0, 0, 1, 0}, {5}, {0, 3}, {0, 1, 2}};
  const GridContent joined = join_grids({slit, beside}, nullptr);
  EXPECT_EQ(joined.grid.points.size() / 3, 7u);
  EXPECT_THAT(joined.grid.connectivity, ElementsAre(0, 1, 2, 3, 5, 4, 1, 6, 2));
}

TEST(GridPieces, WhatAPieceLacksIsLeftOutButForSets) {
  auto parts = pieces(0);
  parts[1].points[0].name = "v";
  parts[2].cells.push_back({"set:right", 1, std::vector<double>(parts[2].grid.types.size(), 1)});
  parts[0].whole.push_back({"facets:side", 2, {1, 0}});
  parts[1].whole.push_back({"facets:side", 2, {2, 1}});
  std::vector<std::string> notes;
  const MeshContent content = content_from_grid(join_grids(parts, &notes));
  EXPECT_THAT(notes.back(), HasSubstr("arrays that some pieces lack left out: u, v"));
  EXPECT_EQ(content.mesh.cell_sets.at("right").size(), parts[2].grid.types.size());
  const Index third = whole().num_cells() / 3;
  EXPECT_THAT(content.mesh.facet_sets.at("side"), ElementsAre(Facet{1, 0}, Facet{third + 2, 1}));
}

TEST(GridPieces, NumbersThatCannotBeAreRefused) {
  auto parts = pieces(3);
  parts[1].grid.connectivity[std::size_t(parts[1].grid.offsets[4])] = 1000;  // of a cell that is no ghost
  EXPECT_THAT(error_of([&] { join_grids(parts, nullptr); }), HasSubstr("has point 1000 of"));
  parts = pieces(3);
  parts[1].cells[1].values[0] = std::nan("");
  EXPECT_THAT(error_of([&] { join_grids(parts, nullptr); }), HasSubstr("array 'vtkGhostType': found nan"));
  parts = pieces(3);
  parts[1].points[0].values.pop_back();
  EXPECT_THAT(error_of([&] { join_grids(parts, nullptr); }), HasSubstr("array 'u'"));
}

#if COTAN_HAS_VTK
// The halves of a square, each a file, with the same field and sets of their own.
void write_halves(const fs::path& folder, double time) {
  for (const int half : {0, 1}) {
    MeshData data = rectangle(2, 4, {0.5, 1}, CellType::quad).data();
    for (std::size_t i = 0; i < data.points.size(); i += 2) data.points[i] += 0.5 * half;
    data.facet_sets.erase(half == 0 ? "right" : "left");
    const Mesh mesh(std::move(data));
    HostField u{{"u", 1, On::points, ""}, {}};
    for (Index p = 0; p < mesh.num_points(); ++p) u.values.push_back(value_at(mesh.point(p)) + time);
    write_vtu(folder / ("half_" + std::to_string(half) + "_" + std::to_string(int(time)) + ".vtu"), {mesh, {u}, time});
  }
}

std::string pvtu_text(const std::vector<std::string>& files) {
  std::string text = "<?xml version=\"1.0\"?>\n<VTKFile type=\"PUnstructuredGrid\">\n<PUnstructuredGrid>\n";
  for (const auto& file : files) text += "<Piece Source=\"" + file + "\"/>\n";
  return text + "</PUnstructuredGrid>\n</VTKFile>\n";
}

void expect_square(const Snapshot& found, double time) {
  EXPECT_EQ(found.mesh.num_points(), 25);
  EXPECT_EQ(found.mesh.num_cells(), 16);
  EXPECT_EQ(found.time, time);
  EXPECT_EQ(found.mesh.facets_of("left").size(), 4u);
  EXPECT_EQ(found.mesh.facets_of("right").size(), 4u);
  EXPECT_EQ(found.mesh.facets_of("top").size(), 4u);
  ASSERT_EQ(found.fields.size(), 1u);
  for (Index p = 0; p < found.mesh.num_points(); ++p)
    EXPECT_EQ(found.fields[0].values[std::size_t(p)], value_at(found.mesh.point(p)) + time);
}

TEST(Pvtu, PiecesAreReadAsOneMesh) {
  const fs::path folder = fresh_folder("pieces");
  write_halves(folder, 2);
  write_file(folder / "all.pvtu", pvtu_text({"half_0_2.vtu", "half_1_2.vtu"}));
  std::vector<std::string> notes;
  expect_square(read_snapshot(folder / "all.pvtu", &notes), 2);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("5 points at the seams of pieces merged")));
}

TEST(Pvtu, BadListsAreRefused) {
  const fs::path folder = fresh_folder("lists");
  write_halves(folder, 2);
  const auto said = [&](const std::string& text) {
    write_file(folder / "all.pvtu", text);
    return error_of([&] { read_snapshot(folder / "all.pvtu"); });
  };
  EXPECT_THAT(said(pvtu_text({"../half.vtu"})), HasSubstr("names the file '../half.vtu', expected one in the folder"));
  EXPECT_THAT(said(pvtu_text({"/half.vtu"})), HasSubstr("expected one in the folder"));
  EXPECT_THAT(said(pvtu_text({"half_0_2.vtu", "half_0_2.vtu"})),
              HasSubstr("all.pvtu:5: names 'half_0_2.vtu' a second"));
  EXPECT_THAT(said(pvtu_text({"all.pvtu"})), HasSubstr("pieces are .vtu files"));
  EXPECT_THAT(said(pvtu_text({"none.vtu"})), HasSubstr("none.vtu"));
  EXPECT_THAT(said(pvtu_text({})), HasSubstr("no <Piece>"));
  EXPECT_THAT(said(pvtu_text({"half_0_2.vtu"}).substr(0, 90)), HasSubstr("not whole XML"));
}

TEST(Pvd, PartsOfATimeAreOneFrame) {
  const fs::path folder = fresh_folder("parts");
  std::string text = "<VTKFile type=\"Collection\">\n<Collection>\n";
  for (const int part : {0, 1}) {
    for (const int time : {1, 2, 3}) {
      if (part == 0) write_halves(folder, time);
      text += "<DataSet timestep=\"" + std::to_string(time) + "\" part=\"" + std::to_string(part) + "\" file=\"half_" +
              std::to_string(part) + "_" + std::to_string(time) + ".vtu\"/>\n";
    }
  }
  write_file(folder / "all.pvd", text + "</Collection>\n</VTKFile>\n");
  const auto trajectory = open_archive(folder / "all.pvd")->open(0);
  EXPECT_THAT(trajectory->times(), ElementsAre(1, 2, 3));
  EXPECT_TRUE(trajectory->has_static_mesh());
  for (std::size_t k = 0; k < 3; ++k) {
    const Mesh mesh = trajectory->mesh(k);
    expect_square({mesh, {{trajectory->fields()[0].spec, as_doubles(trajectory->read("u", k, k + 1))}}, double(k + 1)},
                  double(k + 1));
  }
  fs::remove(folder / "half_1_2.vtu");
  EXPECT_THAT(error_of([&] { open_archive(folder / "all.pvd")->open(0); }),
              HasSubstr("half_1_2.vtu, which does not exist"));
}

// Two triangles, a quad and a poly-line of two segments along their bottom.
std::string vtp_text() {
  const auto array = [](const std::string& about, const std::string& values) {
    return "<DataArray " + about + " format=\"ascii\">" + values + "</DataArray>\n";
  };
  const std::string links = "type=\"Int64\" Name=\"connectivity\"", offsets = "type=\"Int64\" Name=\"offsets\"";
  return "<VTKFile type=\"PolyData\" version=\"0.1\">\n<PolyData>\n<Piece NumberOfPoints=\"6\" NumberOfVerts=\"0\" "
         "NumberOfLines=\"1\" NumberOfStrips=\"0\" NumberOfPolys=\"3\">\n<PointData>\n" +
         array("type=\"Float64\" Name=\"u\"", "1 2 3 4 5 6") + "</PointData>\n<CellData>\n" +
         array("type=\"Float64\" Name=\"k\"", "7 8 9 10") + "</CellData>\n<Points>\n" +
         array("type=\"Float64\" NumberOfComponents=\"3\"", "0 0 0 1 0 0 2 0 0 2 1 1 1 1 1 0 1 1") +
         "</Points>\n<Lines>\n" + array(links, "0 1 2") + array(offsets, "3") + "</Lines>\n<Polys>\n" +
         array(links, "0 1 4 0 4 5 1 2 3 4") + array(offsets, "3 6 10") +
         "</Polys>\n</Piece>\n</PolyData>\n</VTKFile>\n";
}

TEST(Vtp, SurfacesAndLinesAreRead) {
  const fs::path file = fresh_folder("surface") / "a.vtp";
  write_file(file, vtp_text());
  const Snapshot found = read_snapshot(file);
  EXPECT_EQ(found.mesh.dim(), 3);
  EXPECT_EQ(found.mesh.num_cells(), 3);
  EXPECT_EQ(found.mesh.type(2), CellType::quad);
  EXPECT_EQ(found.mesh.facets_of("sides").size(), 2u);
  const auto areas = cell_volumes(found.mesh);
  EXPECT_NEAR(std::accumulate(areas.begin(), areas.end(), 0.0), 2 * std::sqrt(2.0), 1e-14);
  ASSERT_EQ(found.fields.size(), 2u);
  EXPECT_THAT(found.fields[0].values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(found.fields[1].values, ElementsAre(8, 9, 10));
}

TEST(Vtp, BadFilesAreRefused) {
  const fs::path file = fresh_folder("bad") / "a.vtp";
  const auto said = [&](const std::string& from, const std::string& to) {
    std::string text = vtp_text();
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write_file(file, text.replace(at, from.size(), to));
    return error_of([&] { read_snapshot(file); });
  };
  EXPECT_EQ(said("Polys", "Polys"), "no error");
  EXPECT_THAT(said("NumberOfPolys=\"3\"", "NumberOfPolys=\"4\""),
              HasSubstr("a.vtp: array 'offsets': 3 values, expected 4"));
  EXPECT_THAT(said("NumberOfPolys=\"3\"", "NumberOfPolys=\"4000000000\""), HasSubstr("NumberOfPolys is 4000000000"));
  EXPECT_THAT(said("NumberOfStrips=\"0\"", "NumberOfStrips=\"1\""), HasSubstr("has no array 'connectivity'"));
  EXPECT_THAT(said("0 1 4 0 4 5", "0 1 9 0 4 5"), HasSubstr("has point 9 of 6"));
  EXPECT_THAT(said("3 6 10", "3 6 11"), HasSubstr("a.vtp: "));
  EXPECT_THAT(said("3 6 10", "3 2 10"), HasSubstr("a.vtp: "));
  EXPECT_THAT(said("3 6 10", "3 8 10"), HasSubstr("polygon"));
  EXPECT_THAT(said("1 2 3 4 5 6", "1 2 3 4 5"), HasSubstr("array 'u': 5 values, expected 6"));
  EXPECT_THAT(said("PolyData", "UnstructuredGrid"), HasSubstr("expected 'PolyData'"));
}
#endif

}  // namespace
}  // namespace cotan

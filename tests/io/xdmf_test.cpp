#include "io/xdmf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "build_config.h"
#include "core/files.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"

#if COTAN_HAS_HDF5
namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

HostField field_of(const std::string& name, On on, int components, std::int64_t rows, double shift) {
  HostField field{{name, components, on, ""}, {}};
  for (std::int64_t i = 0; i < rows * components; ++i) field.values.push_back(shift + 0.1 * static_cast<double>(i));
  return field;
}

std::vector<HostField> fields_at(const Mesh& mesh, int k) {
  return {field_of("u", On::points, 2, mesh.num_points(), k), field_of("p/q", On::cells, 1, mesh.num_cells(), 2 * k),
          field_of("drag", On::whole, 3, 1, -k), field_of("level", On::points, 1, mesh.num_points(), 7)};
}

std::vector<FieldSpec> specs_of(const std::vector<HostField>& fields) {
  std::vector<FieldSpec> specs;
  for (const auto& field : fields) specs.push_back(field.spec);
  return specs;
}

TEST(Xdmf, ASeriesComesBackWhole) {
  MeshData data = mixed_rectangle(4, 2).data();
  data.point_sets = {{"probe", {2}}};
  data.cell_sets = {{"part", {1}}};
  const Mesh mesh(std::move(data));
  const fs::path file = fresh_folder("series") / "a.xdmf";
  const auto writer = write_xdmf_series(file, mesh, specs_of(fields_at(mesh, 0)));
  for (int k = 0; k < 4; ++k) writer->append(0.25 * k, fields_at(mesh, k));
  EXPECT_FALSE(fs::exists(file));  // not before it is whole
  writer->finish();
  ASSERT_TRUE(is_archive(file));
  const auto trajectory = open_archive(file)->open(0);
  EXPECT_THAT(trajectory->times(), ElementsAre(0, 0.25, 0.5, 0.75));
  EXPECT_EQ(trajectory->mesh().data().points, mesh.data().points);
  EXPECT_EQ(trajectory->mesh().data().cells.links, mesh.data().cells.links);
  EXPECT_EQ(trajectory->mesh().data().facet_sets, mesh.data().facet_sets);
  EXPECT_EQ(trajectory->mesh().data().point_sets, mesh.data().point_sets);
  EXPECT_EQ(trajectory->mesh().data().cell_sets, mesh.data().cell_sets);
  ASSERT_EQ(trajectory->fields().size(), 4);
  for (const auto& field : trajectory->fields()) {
    EXPECT_EQ(field.is_static, field.spec.name == "level");
    const auto window = as_doubles(trajectory->read(field.spec.name, 1, 3));
    std::vector<double> expected;
    for (int k = 1; k < 3; ++k) {
      for (const auto& one : fields_at(mesh, k)) {
        if (one.spec == field.spec) expected.insert(expected.end(), one.values.begin(), one.values.end());
      }
    }
    EXPECT_EQ(window, expected) << field.spec.name;
  }
}

// Writes numbers as an HDF5 file by way of a mesh's own: /mesh/points (9, 2), /mesh/cells (4, 4), /fields/u/0 (9, 2)
fs::path small_companion(const fs::path& folder) {
  const Mesh mesh = rectangle(2, 2, {2, 2}, CellType::quad);
  write_xdmf(folder / "data.xdmf", {mesh, {field_of("u", On::points, 2, 9, 0)}, 0});
  return folder / "data.h5";
}

const std::string kGeometry =
    "<Geometry GeometryType=\"XY\"><DataItem Dimensions=\"9 2\" "
    "Format=\"HDF\">data.h5:/mesh/points</DataItem></Geometry>";
const std::string kTopology =
    "<Topology TopologyType=\"Quadrilateral\" NumberOfElements=\"4\"><DataItem Dimensions=\"4 4\" NumberType=\"Int\" "
    "Format=\"HDF\">data.h5:/mesh/cells</DataItem></Topology>";

std::string xdmf(const std::string& inside) {
  return "<?xml version=\"1.0\"?>\n<!DOCTYPE Xdmf SYSTEM \"Xdmf.dtd\" []>\n<Xdmf Version=\"3.0\" "
         "xmlns:xi=\"http://www.w3.org/2001/XInclude\"><Domain>" +
         inside + "</Domain></Xdmf>";
}

std::string attribute(const std::string& name, const std::string& item) {
  return "<Attribute Name=\"" + name + "\" Center=\"Node\">" + item + "</Attribute>";
}

TEST(Xdmf, BlocksIncludesAndTimesOfACollection) {
  const fs::path folder = fresh_folder("blocks");
  small_companion(folder);
  const std::string of_path =
      "<DataItem Dimensions=\"9\" Format=\"HDF\">data.h5:/fields/u/0|0 1:1 1:9 1:9 2</DataItem>";  // the second column
  const std::string of_item =
      "<DataItem ItemType=\"HyperSlab\" Dimensions=\"9 1\"><DataItem Dimensions=\"3 2\" NumberType=\"Int\" "
      "Format=\"XML\">0 0  1 1  9 1</DataItem><DataItem Dimensions=\"9 2\" "
      "Format=\"HDF\">data.h5:/fields/u/0</DataItem></DataItem>";
  write_file(folder / "a.xdmf",
             xdmf("<Grid Name=\"c\" GridType=\"Collection\" CollectionType=\"Temporal\"><Time TimeType=\"HyperSlab\">"
                  "<DataItem Dimensions=\"3\" Format=\"XML\">1 0.5 3</DataItem></Time>"
                  "<Grid Name=\"0\">" +
                  kTopology + kGeometry + attribute("v", of_path) +
                  "</Grid>"
                  "<Grid Name=\"1\"><xi:include xpointer=\"element(/1/1/1/2/1)\"/>"
                  "<xi:include xpointer=\"xpointer(/Xdmf/Domain/Grid/Grid[1]/Geometry)\"/>" +
                  attribute("v", of_item) +
                  "</Grid>"
                  "<Grid Name=\"2\"><Topology Reference=\"XML\">/Xdmf/Domain/Grid/Grid[1]/Topology</Topology>" +
                  kGeometry + attribute("v", "<DataItem Dimensions=\"9\" Format=\"XML\">1 2 3 4 5 6 7 8 9</DataItem>") +
                  "</Grid></Grid>"));
  const auto trajectory = open_archive(folder / "a.xdmf")->open(0);
  EXPECT_THAT(trajectory->times(), ElementsAre(1, 1.5, 2));
  EXPECT_TRUE(trajectory->has_static_mesh());
  for (std::size_t k = 0; k < 3; ++k) {
    const auto v = as_doubles(trajectory->read("v", k, k + 1));
    const std::vector<double> odd = {0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.7},
                              even = {0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6};
    if (k == 2) {
      EXPECT_THAT(v, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
    }
    for (std::size_t i = 0; i < 9 && k < 2; ++i) EXPECT_NEAR(v[i], (k == 0 ? odd : even)[i], 1e-12) << k;
  }
}

TEST(Xdmf, NumbersInTheXmlInRawFilesAndMixedCells) {
  const fs::path folder = fresh_folder("text");
  const float raw[] = {0, 9, 8, 7, 6, 5};  // after four bytes of another thing
  std::ofstream(folder / "u.bin", std::ios::binary).write(reinterpret_cast<const char*>(raw), sizeof raw);
  write_file(
      folder / "a.xdmf",
      xdmf("<Grid><Topology TopologyType=\"Mixed\"><DataItem Dimensions=\"13\" NumberType=\"Int\">5 0 1 2 3  4 1 4 2  "
           "2 2 0 1"
           "</DataItem></Topology><Geometry GeometryType=\"X_Y\"><DataItem Dimensions=\"5\">0 1 1 0 2</DataItem>"
           "<DataItem Dimensions=\"5\">0 0 1 1 0.5</DataItem></Geometry>" +
           attribute("u", "<DataItem Dimensions=\"5\" Format=\"Binary\" Seek=\"4\">u.bin</DataItem>") + "</Grid>"));
  EXPECT_FALSE(is_archive(folder / "a.xdmf"));
  const Snapshot found = read_snapshot(folder / "a.xdmf");
  EXPECT_THAT(found.mesh.types(), ElementsAre(CellType::quad, CellType::triangle));
  EXPECT_EQ(found.mesh.data().facet_sets.at("sides").size(), 1);
  EXPECT_THAT(found.fields[0].values, ElementsAre(9, 8, 7, 6, 5));
}

TEST(Xdmf, CollectionsSideBySideAreJoined) {
  const fs::path folder = fresh_folder("joined");
  small_companion(folder);
  const auto collection = [&](const std::string& name, const std::string& time) {
    return "<Grid GridType=\"Collection\" CollectionType=\"Temporal\"><Grid><Time Value=\"" + time + "\"/>" +
           kTopology + kGeometry +
           attribute(name, "<DataItem Dimensions=\"9 2\" Format=\"HDF\">data.h5:/fields/u/0</DataItem>") +
           "</Grid></Grid>";
  };
  write_file(folder / "a.xdmf", xdmf(collection("u", "3") + collection("v", "3")));
  EXPECT_EQ(open_archive(folder / "a.xdmf")->open(0)->fields().size(), 2);
  write_file(folder / "a.xdmf", xdmf(collection("u", "3") + collection("v", "4")));
  EXPECT_THAT(error_of([&] { read_snapshot(folder / "a.xdmf"); }), HasSubstr("another time or mesh"));
  write_file(folder / "a.xdmf", xdmf(collection("u", "3") + collection("u", "3")));
  EXPECT_THAT(error_of([&] { read_snapshot(folder / "a.xdmf"); }), HasSubstr("attribute 'u' stands twice"));
}

TEST(Xdmf, WhatCannotBeReadIsNamedWithItsLine) {
  const fs::path folder = fresh_folder("wrong");
  small_companion(folder);
  const auto message = [&](const std::string& text) {
    write_file(folder / "a.xdmf", text);
    return error_of([&] { read_snapshot(folder / "a.xdmf"); });
  };
  const auto with = [&](const std::string& item) {
    return message(xdmf("<Grid>" + kTopology + kGeometry + attribute("u", item) + "</Grid>"));
  };
  EXPECT_THAT(message(""), HasSubstr("a.xdmf: the file is empty"));
  EXPECT_THAT(message("<Xdmf><Domain>"), HasSubstr("not whole XML"));
  EXPECT_THAT(message("<VTKFile/>"), HasSubstr("expected <Xdmf>"));
  for (const char* file : {"../data.h5", "/etc/data.h5", "b/../../data.h5"}) {
    EXPECT_THAT(with("<DataItem Dimensions=\"9 2\" Format=\"HDF\">" + std::string(file) + ":/fields/u/0</DataItem>"),
                HasSubstr("a.xdmf:3: <DataItem>: names the file"));
  }
  EXPECT_THAT(with("<DataItem Dimensions=\"18 1000000000\" Format=\"HDF\">data.h5:/fields/u/0</DataItem>"),
              HasSubstr("18 values, but Dimensions say"));
  EXPECT_THAT(with("<DataItem Dimensions=\"9\" Format=\"HDF\">data.h5:/fields/u/0|0 1:1 1:9 2:9 2</DataItem>"),
              HasSubstr("Dimensions say 9 values, but the block has 18"));
  EXPECT_THAT(with("<DataItem Dimensions=\"9\" Format=\"HDF\">data.h5:/fields/u/0|1 1:1 1:9 1:9 2</DataItem>"),
              HasSubstr("9 rows from 1 by 1 of dimension 0, but there are 9"));
  EXPECT_THAT(with("<DataItem Dimensions=\"9 2\" Format=\"HDF\">data.h5:/none</DataItem>"), HasSubstr("none"));
  EXPECT_THAT(with("<DataItem Dimensions=\"9\" Format=\"XML\">1 2 3</DataItem>"),
              HasSubstr("3 values, but Dimensions say 9"));
  EXPECT_THAT(with("<DataItem ItemType=\"Function\" Dimensions=\"9\" Function=\"$0\"/>"),
              HasSubstr("ItemType 'function' cannot be read"));
  EXPECT_THAT(message(xdmf("<Grid><xi:include xpointer=\"xpointer(/Xdmf/Domain/Grid/include)\"/></Grid>")),
              HasSubstr("no such element"));
  EXPECT_THAT(message(xdmf("<Grid><xi:include href=\"../b.xdmf\"/></Grid>")), HasSubstr("names the file"));
  EXPECT_THAT(message(xdmf("<Grid><xi:include xpointer=\"xpointer(/Xdmf/Domain/Grid/*)\"/></Grid>")),
              HasSubstr("does it include itself?"));
  for (const char* slow : {"//Grid[*[*]]", "//Grid[/Xdmf/Domain]", "/Xdmf/descendant::Grid", "//Grid/../../Domain"}) {
    EXPECT_THAT(message(xdmf("<Grid><xi:include xpointer=\"xpointer(" + std::string(slow) + ")\"/></Grid>")),
                HasSubstr("expected a path from the root"));
  }
  EXPECT_THAT(message(xdmf("<Grid><xi:include xpointer=\"xpointer(/Xdmf/Domain/Grid/*[self::Topology or "
                           "self::Geometry])\"/></Grid>")),
              HasSubstr("no such element"));
  // a block of itself
  EXPECT_THAT(with("<DataItem ItemType=\"HyperSlab\" Name=\"a\"><DataItem Dimensions=\"3 2\">0 0 1 1 9 1</DataItem>"
                   "<xi:include xpointer=\"xpointer(//DataItem[@Name='a'])\"/></DataItem>"),
              HasSubstr("a HyperSlab inside a HyperSlab"));
  EXPECT_THAT(
      with("<DataItem ItemType=\"HyperSlab\"><DataItem Dimensions=\"3 2\">0 0 1 1 1e12 1e12</DataItem><DataItem "
           "Dimensions=\"9 2\" Format=\"HDF\">data.h5:/fields/u/0</DataItem></DataItem>"),
      HasSubstr("its count is out of range"));
  // ten layers of ten includes of the next layer
  std::string layers;
  for (int layer = 0; layer < 10; ++layer) {
    layers += "<L" + std::to_string(layer) + ">";
    for (int i = 0; i < 10; ++i)
      layers += "<xi:include xpointer=\"xpointer(/Xdmf/Domain/L" + std::to_string(layer + 1) + "/*)\"/>";
    layers += "</L" + std::to_string(layer) + ">";
  }
  EXPECT_THAT(
      message(xdmf("<Grid><xi:include xpointer=\"xpointer(/Xdmf/Domain/L0/*)\"/></Grid>" + layers + "<L10><a/></L10>")),
      HasSubstr("more than 1000000 elements are included"));
  EXPECT_THAT(
      message(xdmf("<Grid GridType=\"Collection\" CollectionType=\"Temporal\"><Time TimeType=\"List\"><DataItem "
                   "Dimensions=\"1\">nan</DataItem></Time><Grid>" +
                   kTopology + kGeometry + "</Grid></Grid>")),
      HasSubstr("the time of grid 0 is not finite"));
  EXPECT_THAT(message(xdmf("<Grid><Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"2 2 2\"/></Grid>")),
              HasSubstr("3dcorectmesh"));
  EXPECT_THAT(message(xdmf("<Grid GridType=\"Collection\" CollectionType=\"Spatial\"/>")),
              HasSubstr("CollectionType 'spatial' cannot be read"));
}

}  // namespace
}  // namespace cotan
#endif

#include "io/tfrecord_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <numeric>

#include "core/check.h"
#include "core/files.h"
#include "io/tfrecord.h"
#include "io/tfrecord_layout.h"
#include "mesh/quality.h"
#include "source_dir.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

// Made by tests/python/tfrecord.py; the values are the formulas there.
const fs::path kData = fs::path(COTAN_SOURCE_DIR) / "tests/data";

double area_of(const Mesh& mesh) {
  const auto volumes = cell_volumes(mesh);
  return std::accumulate(volumes.begin(), volumes.end(), 0.0);
}

template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

using Features = std::map<std::string, std::string>;

void write_file_of(const fs::path& path, const std::vector<Features>& records) {
  std::ofstream file(path, std::ios::binary);
  for (const auto& record : records) {
    std::vector<FeatureToWrite> all;
    for (const auto& [name, data] : record) {
      all.push_back({name, data.size(), [&data](const auto& sink) { sink(std::as_bytes(std::span(data))); }});
    }
    write_record(file, all);
  }
}

std::string about(const std::string& type, const std::string& shape, const std::string& dtype) {
  return "{\"type\": \"" + type + "\", \"shape\": " + shape + ", \"dtype\": \"" + dtype + "\"}";
}

/// meta.json of `length` frames, 0.5 s apart.
std::string meta_of(const std::map<std::string, std::string>& features, int length, const std::string& dt = "0.5") {
  std::string list;
  for (const auto& [name, text] : features) list += (list.empty() ? "" : ", ") + ("\"" + name + "\": ") + text;
  return "{\"dt\": " + dt + ", \"trajectory_length\": " + std::to_string(length) + ", \"features\": {" + list + "}}";
}

std::unique_ptr<Trajectory> opened(const fs::path& folder, const std::string& meta, const Features& record) {
  write_file(folder / "meta.json", meta);
  write_file_of(folder / "train.tfrecord", {record});
  return open_archive(folder)->open(0);
}

TEST(TfrecordArchive, SampleWrittenByPython) {
  const auto archive = open_archive(kData / "tfrecord");
  ASSERT_EQ(archive->size(), 3);
  EXPECT_THAT(archive->splits().at("train"), ElementsAre(0, 1));
  EXPECT_THAT(archive->splits().at("valid"), ElementsAre(2));
  const auto trajectory = archive->open(0);
  EXPECT_THAT(trajectory->times(), ElementsAre(0, 0.25, 0.5, 0.75));
  EXPECT_TRUE(trajectory->has_static_mesh());
  std::vector<std::string> names;
  for (const auto& field : trajectory->fields()) names.push_back(field.spec.name);
  EXPECT_THAT(names, ElementsAre("velocity", "pressure", "drag", "material"));  // in the order of field_names
  EXPECT_EQ(trajectory->fields()[2].spec.on, On::whole);
  EXPECT_EQ(trajectory->fields()[3].spec.on, On::cells);
  EXPECT_EQ(trajectory->fields()[3].dtype, DType::i32);
  EXPECT_TRUE(trajectory->fields()[3].is_static);
  const Mesh mesh = trajectory->mesh();
  EXPECT_EQ(mesh.num_points(), 9);
  EXPECT_EQ(mesh.num_cells(), 8);
  EXPECT_THAT(mesh.point(5), ElementsAre(0.5, 0.25));
  const auto roles = trajectory->roles();
  EXPECT_EQ(roles[0], Role::inflow);
  EXPECT_EQ(roles[1], Role::wall);
  EXPECT_EQ(roles[2], Role::outflow);
  EXPECT_EQ(roles[4], Role::interior);
}

TEST(TfrecordArchive, WindowsAreTheFormulas) {
  const auto trajectory = open_archive(kData / "tfrecord/valid.tfrecord")->open(0);
  const HostTensor velocity = trajectory->read("velocity", 1, 3);
  EXPECT_EQ(velocity.dtype, DType::f32);
  EXPECT_THAT(velocity.shape, ElementsAre(2, 15, 2));
  const auto v = as_doubles(velocity);
  for (std::size_t i = 0; i < v.size(); ++i) EXPECT_EQ(v[i], 1 + i / 30 + (i % 30 / 2) / 16.0 + 100.0 * (i % 2)) << i;
  EXPECT_THAT(as_doubles(trajectory->read("pressure", 3, 4)).back(), 3 - 14);
  EXPECT_THAT(as_doubles(trajectory->read("drag", 0, 4)), ElementsAre(0, 0.5, 1, 1.5));
  const HostTensor material = trajectory->read("material", 2, 4);  // static: repeated
  EXPECT_THAT(material.shape, ElementsAre(2, 16, 1));
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(as_doubles(material)[i], (i % 16) % 3);
  EXPECT_THAT(error_of([&] { trajectory->read("velocty", 0, 1); }), HasSubstr("did you mean 'velocity'"));
  EXPECT_THAT(error_of([&] { trajectory->read("velocity", 2, 5); }), HasSubstr("frames 2 to 5 of 4"));
}

TEST(TfrecordArchive, UnusedPointsAndTurnedCellsAreMended) {
  const auto trajectory = open_archive(kData / "tfrecord", {"train", {}})->open(1);
  const Mesh mesh = trajectory->mesh();
  ASSERT_EQ(mesh.num_points(), 16);  // the first of 17 is in no cell
  EXPECT_NEAR(area_of(mesh), 9 / 16.0, 1e-12);
  EXPECT_EQ(trajectory->roles()[0], Role::inflow);
  const HostTensor pressure = trajectory->read("pressure", 1, 3);
  EXPECT_THAT(pressure.shape, ElementsAre(2, 16, 1));
  for (int i = 0; i < 32; ++i) EXPECT_EQ(as_doubles(pressure)[i], 1 + i / 16 - (i % 16 + 1));
}

TEST(TfrecordArchive, SplitsAndSingleFiles) {
  EXPECT_EQ(open_archive(kData / "tfrecord", {"valid", {}})->size(), 1);
  EXPECT_TRUE(open_archive(kData / "tfrecord", {"valid", {}})->splits().empty());
  EXPECT_EQ(open_archive(kData / "tfrecord/train.tfrecord")->size(), 2);
  EXPECT_THAT(error_of([&] { open_archive(kData / "tfrecord", {"vaild", {}}); }), HasSubstr("did you mean 'valid'"));
  EXPECT_THAT(error_of([&] {
                open_archive(kData / "tfrecord/train.tfrecord", {"valid", {}});
              }),
              HasSubstr("is the split 'train', not 'valid'"));
  const fs::path folder = fresh_folder("order");
  fs::copy(kData / "tfrecord/meta.json", folder);
  for (const char* name : {"a", "test", "train", "valid"}) {
    fs::copy_file(kData / "tfrecord/valid.tfrecord", folder / (std::string(name) + ".tfrecord"));
  }
  const auto splits = open_archive(folder)->splits();
  EXPECT_THAT(splits.at("train"), ElementsAre(0));
  EXPECT_THAT(splits.at("valid"), ElementsAre(1));
  EXPECT_THAT(splits.at("test"), ElementsAre(2));
  EXPECT_THAT(splits.at("a"), ElementsAre(3));
  fs::remove(folder / "meta.json");
  EXPECT_THAT(error_of([&] { open_archive(folder); }), HasSubstr("meta.json: no such file"));
}

TEST(TfrecordArchive, RemeshedFramesHaveMeshesOfTheirOwn) {
  const auto trajectory = open_archive(kData / "tfrecord_remeshed")->open(0);
  EXPECT_FALSE(trajectory->has_static_mesh());
  EXPECT_EQ(trajectory->mesh(0).num_points(), 4);
  EXPECT_EQ(trajectory->mesh(1).num_points(), 6);
  EXPECT_EQ(trajectory->mesh(2).num_cells(), 4);
  EXPECT_THAT(trajectory->roles(), ElementsAre(Role::interior, Role::handle, Role::handle, Role::handle));
  ASSERT_EQ(trajectory->fields().size(), 2);  // node_type varies, so it is a field, too
  const auto world = as_doubles(trajectory->read("world_pos", 1, 3));
  ASSERT_EQ(world.size(), 36);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(world[3 * i], i % 6 % 3);
    EXPECT_EQ(world[3 * i + 2], 1 + i / 6);
  }
  EXPECT_THAT(as_doubles(trajectory->read("node_type", 1, 2)), ElementsAre(0, 3, 3, 3, 3, 3));
  EXPECT_THAT(error_of([&] { trajectory->read("world_pos", 0, 2); }), HasSubstr("frame 1 has 6 rows, frame 0 4"));
}

const std::vector<int> kTwoTetrahedra = {0, 1, 2, 3, 1, 2, 3, 4};
const std::vector<float> kCorners = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1};

// As deforming_plate: tetrahedra, dt 0, world_pos and stress as fields.
TEST(TfrecordArchive, TetrahedraWithoutTimes) {
  std::vector<float> world(2 * 15), stress = {0, 1, 2, 3, 4, 10, 11, 12, 13, 14};
  const auto trajectory = opened(fresh_folder("plate"),
                                 meta_of({{"cells", about("static", "[1, -1, 4]", "int32")},
                                          {"mesh_pos", about("static", "[1, -1, 3]", "float32")},
                                          {"node_type", about("static", "[1, -1, 1]", "int32")},
                                          {"world_pos", about("dynamic", "[2, -1, 3]", "float32")},
                                          {"stress", about("dynamic", "[-1, 5, 1]", "float32")}},
                                         2, "0"),
                                 {{"cells", raw(kTwoTetrahedra)},
                                  {"mesh_pos", raw(kCorners)},
                                  {"node_type", raw(std::vector{0, 1, 3, 6, 8})},
                                  {"world_pos", raw(world)},
                                  {"stress", raw(stress)}});
  EXPECT_THAT(trajectory->times(), ElementsAre(0, 1));  // step numbers
  EXPECT_TRUE(trajectory->has_static_mesh());
  const Mesh mesh = trajectory->mesh();
  EXPECT_THAT(mesh.types(), Each(CellType::tetra));
  EXPECT_NEAR(cell_volumes(mesh)[0], 1.0 / 6, 1e-12);
  EXPECT_GT(cell_volumes(mesh)[1], 0);
  EXPECT_THAT(trajectory->roles(), ElementsAre(Role::interior, Role::obstacle, Role::handle, Role::wall, Role::other));
  EXPECT_THAT(as_doubles(trajectory->read("stress", 1, 2)), ElementsAre(10, 11, 12, 13, 14));
}

TEST(TfrecordArchive, WithoutMeshPositionsTheMeshMovesWithTheWorld) {
  std::vector<float> world = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 2, 0, 1, 3};
  const auto trajectory = opened(fresh_folder("cloth"),
                                 meta_of({{"cells", about("dynamic", "[2, -1, 3]", "int64")},
                                          {"world_pos", about("dynamic", "[2, -1, 3]", "float32")},
                                          {"area", about("dynamic", "[2, 1, 1]", "<dtype: 'float64'>")}},
                                         2),
                                 {{"cells", raw(std::vector<std::int64_t>{0, 1, 2, 0, 1, 2})},
                                  {"world_pos", raw(world)},
                                  {"area", raw(std::vector<double>{0.5, 0.25})}});
  EXPECT_FALSE(trajectory->has_static_mesh());
  EXPECT_EQ(trajectory->mesh(1).cell_dim(), 2);
  EXPECT_THAT(trajectory->mesh(0).point(2), ElementsAre(0, 1, 0));
  EXPECT_THAT(trajectory->mesh(1).point(2), ElementsAre(0, 1, 3));
  EXPECT_TRUE(trajectory->roles().empty());
  ASSERT_EQ(trajectory->fields().size(), 1);
  EXPECT_EQ(trajectory->fields()[0].dtype, DType::f64);
}

/// A triangle over two frames, one feature of it replaced.
struct Triangle {
  std::map<std::string, std::string> meta = {{"cells", about("static", "[1, -1, 3]", "int32")},
                                             {"mesh_pos", about("static", "[1, -1, 2]", "float32")},
                                             {"node_type", about("static", "[1, -1, 1]", "int32")},
                                             {"u", about("dynamic", "[2, -1, 1]", "float32")}};
  Features record = {{"cells", raw(std::vector{0, 1, 2})},
                     {"mesh_pos", raw(std::vector<float>{0, 0, 1, 0, 0, 1})},
                     {"node_type", raw(std::vector{0, 4, 5})},
                     {"u", raw(std::vector<float>{1, 2, 3, 4, 5, 6})}};
  int length = 2;
  std::string refusal() const {
    return error_of([&] { opened(fresh_folder("triangle"), meta_of(meta, length), record); });
  }
};

TEST(TfrecordArchive, RecordsThatDisagreeWithTheirMetaAreRefused) {
  EXPECT_EQ(Triangle{}.refusal(), "no error");
  const auto with = [](auto change) {
    Triangle one;
    change(one);
    return one.refusal();
  };
  const std::string place = "train.tfrecord: record 0: ";
  EXPECT_THAT(with([](auto& t) { t.length = 3, t.meta["u"] = about("dynamic", "[3, -1, 1]", "float32"); }),
              HasSubstr(place + "feature 'u' has 2 rows in each of 3 frames, expected 3 (points), 1 (cells) or 1"));
  EXPECT_THAT(with([](auto& t) { t.length = 5, t.meta["u"] = about("dynamic", "[-1, -1, 1]", "float32"); }),
              HasSubstr("feature 'u': 24 bytes, expected a multiple of 20: 5 frames (trajectory_length) x any rows"));
  EXPECT_THAT(with([](auto& t) { t.meta["u"] = about("dynamic", "[2, 4, 1]", "float32"); }),
              HasSubstr("24 bytes, expected 32: 2 frames (trajectory_length) x 4 rows x 1 components x 4 bytes"));
  EXPECT_THAT(with([](auto& t) { t.length = 1'000'000, t.meta.erase("u"); }), HasSubstr("cannot hold 1000000 frames"));
  EXPECT_THAT(with([](auto& t) { t.record.erase("u"); }), HasSubstr(place + "unknown feature 'u'"));
  EXPECT_THAT(with([](auto& t) {
                t.record["node_type"] = raw(std::vector{0, 9, 1});
              }),
              HasSubstr("code 9 at point 1, expected 0 to 8"));
  EXPECT_THAT(with([](auto& t) { t.record["node_type"] = raw(std::vector{0, 9}); }), HasSubstr("expected 3 (points)"));
  EXPECT_THAT(with([](auto& t) {
                t.record["cells"] = raw(std::vector{0, 1, 3});
              }),
              HasSubstr("cell 0 names point 3, there are 3"));
  EXPECT_THAT(with([](auto& t) { t.record["cells"] = raw(std::vector{0, 1, -1}); }), HasSubstr("point -1"));
  EXPECT_THAT(with([](auto& t) { t.record["cells"] = raw(std::vector{0, 1, 1}); }), HasSubstr(place + "frame 0: "));
  EXPECT_THAT(with([](auto& t) { t.record["cells"] = ""; }), HasSubstr("no cells"));
  EXPECT_THAT(with([](auto& t) {
                t.record["mesh_pos"] = raw(std::vector<float>{0, 0, 1, 0, 0, NAN});
              }),
              HasSubstr(place + "frame 0: "));
  EXPECT_THAT(with([](auto& t) { t.meta.erase("cells"); }), HasSubstr("unknown feature 'cells'"));
  EXPECT_THAT(with([](auto& t) { t.meta.erase("mesh_pos"); }), HasSubstr("unknown feature 'world_pos'"));
}

TEST(TfrecordArchive, LengthsThatDisagreeAreRefused) {
  const auto refusal = [](const std::vector<int>& lengths, const std::string& columns, std::size_t rows) {
    Triangle one;
    one.meta["u"] = about("dynamic_varlen", "[-1, " + columns + "]", "float32");
    one.record["u"] = raw(std::vector<float>(rows));
    one.record["length_u"] = raw(lengths);
    return one.refusal();
  };
  EXPECT_EQ(refusal({3, 3}, "1", 6), "no error");
  EXPECT_THAT(refusal({3}, "1", 3), HasSubstr("length_u has 4 bytes, expected 8: 2 frames"));
  EXPECT_THAT(refusal({7, -1}, "1", 6), HasSubstr("length_u says -1 rows for frame 1"));
  EXPECT_THAT(refusal({3, 3}, "4", 18), HasSubstr("they are 3 components to a row (is the shape in meta.json wrong?)"));
  EXPECT_THAT(refusal({2147483647, 2147483647}, "1", 6), HasSubstr("24 bytes, expected 17179869176"));
  // 2^44 rows of 2^20 bytes: 2^64 bytes, which are none
  std::vector<int> wrapping(8192, 2147483647);
  wrapping.insert(wrapping.end(), {8192});
  TfrecordFeature wide{"u", TfrecordFeature::Kind::varlen, DType::f32, -1, 262144};
  const std::string lengths = raw(wrapping);
  const ByteSource bytes = ByteSource::memory(std::as_bytes(std::span(lengths)), "a");
  const std::map<std::string, ExampleFeature> found = {{"u", {1, {0, 0}}}, {"length_u", {1, {0, lengths.size()}}}};
  EXPECT_THAT(error_of([&] { FeatureFrames(bytes, found, wide, std::ssize(wrapping), "a"); }),
              HasSubstr("0 bytes, expected 17592186044416 rows, more than any file holds"));
}

TEST(TfrecordArchive, MetaIsNamedByKey) {
  const std::string good = meta_of(Triangle{}.meta, 2);
  const auto refusal = [&](const std::string& old, const std::string& now) {
    std::string text = good;
    text.replace(text.find(old), old.size(), now);
    return error_of([&] { opened(fresh_folder("meta"), text, Triangle{}.record); });
  };
  EXPECT_THAT(refusal("\"dt\"", "\"Dt\""), HasSubstr("meta.json: dt is missing; there are: \"Dt\""));
  EXPECT_THAT(refusal("0.5", "\"0.5\""), HasSubstr("meta.json: dt: found \"0.5\", expected a number"));
  EXPECT_THAT(refusal("0.5", "-1"), HasSubstr("dt: found -1"));
  EXPECT_THAT(refusal("0.5", "null"), HasSubstr("dt: found null"));
  EXPECT_THAT(refusal("h\": 2", "h\": 2.5"),
              HasSubstr("meta.json: trajectory_length: found 2.5, expected a whole number"));
  EXPECT_THAT(refusal("h\": 2", "h\": 0"), HasSubstr("trajectory_length: found 0"));
  EXPECT_THAT(refusal("h\": 2", "h\": 3"), HasSubstr("features.u.shape[0] is 2, expected 3 (trajectory_length)"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[2, -1, 3]"), HasSubstr("features.cells.shape[0] is 2, expected 1"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[1, -2, 3]"), HasSubstr("features.cells.shape[1]: found -2"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[1, 0, 3]"), HasSubstr("features.cells.shape[1]: found 0"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[1, -1, -1]"), HasSubstr("features.cells.shape[2]: found -1"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[1, -1, 9223372036854775808]"),
              HasSubstr("expected a whole number from 1 to 1000000"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[1, -1, 5]"), HasSubstr("multiple"));
  EXPECT_THAT(refusal("[1, -1, 3]", "[-1, 3]"),
              HasSubstr("features.cells.shape: found [-1,3], expected a list of three"));
  EXPECT_THAT(refusal("\"int32\"", "\"int23\""), HasSubstr("features.cells.dtype: unknown dtype"));
  EXPECT_THAT(refusal("\"dynamic\"", "\"dinamic\""), HasSubstr("did you mean"));
  EXPECT_THAT(refusal("\"shape\": [1, -1, 3], ", ""), HasSubstr("features.cells.shape is missing"));
  EXPECT_THAT(refusal("\"u\"", "\"cells\""), HasSubstr("key 'cells' stands twice"));
  EXPECT_THAT(refusal("\"features\"", "\"field_names\": [1], \"features\""), HasSubstr("field_names: found 1"));
  EXPECT_THAT(refusal("{", "[{"), HasSubstr("is no JSON"));
  for (std::size_t cut = 0; cut < good.size(); cut += 7) {
    EXPECT_THAT(error_of([&] { opened(fresh_folder("meta"), good.substr(0, cut), Triangle{}.record); }),
                HasSubstr("no JSON"));
  }
}

TEST(TfrecordArchive, ADamagedRecordIsNamedWhenItIsOpened) {
  const fs::path folder = fresh_folder("damaged");
  fs::copy(kData / "tfrecord/meta.json", folder);
  std::string bytes = read_file(kData / "tfrecord/train.tfrecord");
  bytes[bytes.size() - 100] ^= 1;
  write_file(folder / "train.tfrecord", bytes);
  const auto archive = open_archive(folder);
  EXPECT_EQ(archive->open(0)->times().size(), 4);
  EXPECT_THAT(error_of([&] { archive->open(1); }), HasSubstr("train.tfrecord: record 1: the checksum of its"));
  write_file(folder / "train.tfrecord", bytes.substr(0, bytes.size() - 100));
  EXPECT_THAT(error_of([&] { open_archive(folder); }), HasSubstr("train.tfrecord: record 1"));
  write_file(folder / "train.tfrecord", "");
  EXPECT_THAT(error_of([&] { open_archive(folder); }), HasSubstr("an empty file"));
}

TEST(TfrecordArchive, CylinderFlow) {
  const char* variable = std::getenv("COTAN_SHARED_DATA");
  const fs::path data =
      (variable ? fs::path(variable) : fs::path(COTAN_SOURCE_DIR) / "../shared/data") / "cylinder_flow";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const auto archive = open_archive(data);
  ASSERT_EQ(archive->size(), 18);
  EXPECT_THAT(archive->splits().at("valid"), ElementsAre(16, 17));
  const auto trajectory = archive->open(6);
  const Mesh mesh = trajectory->mesh();
  EXPECT_EQ(mesh.num_points(), 1734);
  EXPECT_EQ(mesh.num_cells(), 3224);
  EXPECT_NEAR(trajectory->times().back(), 149 * 0.02, 1e-12);
  EXPECT_NEAR(area_of(mesh), 1.6 * 0.41 - M_PI * 0.0679 * 0.0679, 1e-4);  // but for the cylinder's chords
  const auto roles = trajectory->roles();
  const auto v = as_doubles(trajectory->read("velocity", 149, 150));
  int walls = 0, inflow = 0;
  for (Index i = 0; i < mesh.num_points(); ++i) {
    const double y = mesh.point(i)[1];
    if (roles[i] == Role::wall) {
      EXPECT_EQ(std::hypot(v[2 * i], v[2 * i + 1]), 0);
      ++walls;
    } else if (roles[i] == Role::inflow) {
      EXPECT_NEAR(v[2 * i], 4 * 1.5076 * y * (0.41 - y) / (0.41 * 0.41), 1e-4);
      ++inflow;
    }
  }
  EXPECT_GT(walls, 50);
  EXPECT_GT(inflow, 5);
}

}  // namespace
}  // namespace cotan

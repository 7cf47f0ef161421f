#include "io/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "build_config.h"
#include "core/check.h"
#include "core/files.h"
#include "io/vtk.h"
#include "mesh/generate.h"
#include "source_dir.h"
#include "tests/io/io_support.h"

#if COTAN_HAS_HDF5 && COTAN_HAS_VTK
namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// Data of other programs, where the machine has them.
fs::path data_folder() {
  const char* variable = std::getenv("COTAN_SHARED_DATA");
  return variable ? fs::path(variable) : fs::path(COTAN_SOURCE_DIR) / "../shared/data";
}

void write_steps(const fs::path& file, const Mesh& mesh, int steps) {
  const std::vector<FieldSpec> specs = {{"u", 1, On::points, "K"}};
  const auto writer = write_trajectory(file, mesh, specs, {});
  for (int k = 0; k < steps; ++k) {
    const HostField u{specs[0], std::vector<double>(mesh.num_points(), k)};
    writer->append(k, std::span(&u, 1));
  }
  writer->finish();
}

// A series of one field, which is k at step k.
void write_series(const fs::path& stem, const Mesh& mesh, const std::string& field, int steps, double dt = 1) {
  VtkSeries series(stem, mesh);
  for (int k = 0; k < steps; ++k) {
    const HostField u{{field, 1, On::points, ""}, std::vector<double>(mesh.num_points(), k)};
    series.write(dt * k, std::span(&u, 1));
  }
}

TEST(Archive, IndexComesBackWhateverItsTextsHold) {
  const fs::path folder = fresh_folder("index");
  ArchiveIndex index;
  index.fields = {{"velocity", 2, On::points, "m/s"}, {"a: \"b\" # c", 1, On::cells, ""}, {"drag", 3, On::whole, "N"}};
  index.files = {"0000.vtkhdf", "0001.vtkhdf", "yes"};
  index.splits = {{"train", {0, 2}}, {"valid", {1}}};
  index.made_by = "mesh: a.msh\ntext: |\n  \ttab \\ \"quote\"\n\n";
  index.seed = ~std::uint64_t{0};
  index.failures = {{5, "step 3: blow-up\nat t = 0.1"}};
  write_archive_index(folder, index);
  const ArchiveIndex back = read_archive_index(folder);
  EXPECT_EQ(back.fields, index.fields);
  EXPECT_EQ(back.files, index.files);
  EXPECT_EQ(back.splits, index.splits);
  EXPECT_EQ(back.made_by, index.made_by);
  EXPECT_EQ(back.seed, index.seed);
  ASSERT_EQ(back.failures.size(), 1);
  EXPECT_EQ(back.failures[0].draw, 5);
  EXPECT_EQ(back.failures[0].reason, index.failures[0].reason);
}

TEST(Archive, AnIndexThatCouldNotBeReadIsNotWritten) {
  const fs::path folder = fresh_folder("long_index");
  ArchiveIndex index;
  for (int k = 0; k < 199990; ++k) index.files.push_back(std::to_string(k));
  write_archive_index(folder, index);
  EXPECT_EQ(read_archive_index(folder).files, index.files);
  for (std::size_t k = 0; k < 100; ++k) index.splits["train"].push_back(k);
  EXPECT_THAT(error_of([&] { write_archive_index(folder, index); }), HasSubstr("more than its index can list"));
}

TEST(Archive, IndexRefusesWhatItCannotMean) {
  const fs::path folder = fresh_folder("bad_index");
  const auto refusal = [&](const std::string& trajectories, const std::string& rest) {
    write_file(folder / "archive.yaml",
               "format: cotan archive 1\nseed: 1\nfields: []\ntrajectories: " + trajectories + "\n" + rest);
    return error_of([&] { read_archive_index(folder); });
  };
  EXPECT_EQ(refusal("[a.vtkhdf]", ""), "no error");
  EXPECT_THAT(refusal("[../a.vtkhdf]", ""), HasSubstr("expected the name of a file"));
  EXPECT_THAT(refusal("[a.vtkhdf, a.vtkhdf]", ""), HasSubstr("stands twice"));
  EXPECT_THAT(refusal("[a.vtkhdf]", "splits: {train: [1]}"), HasSubstr("trajectory 1 of 1"));
  EXPECT_THAT(refusal("[a.vtkhdf]", "spilts: {train: [0]}"), HasSubstr("did you mean 'splits'"));
  write_file(folder / "archive.yaml", "format: cotan archive 1\nseed: 1\nfields: []\ntrajectories: [a.vtkhdf]\n");
  EXPECT_THAT(error_of([&] { open_archive(folder); }), HasSubstr("a.vtkhdf, which is not in the folder"));
}

TEST(Archive, FoldersOpenByIndexOrByTheirFiles) {
  const fs::path folder = fresh_folder("folder");
  const Mesh mesh = rectangle(2, 2);
  for (const int k : {2, 10, 1}) write_steps(folder / ("run_" + std::to_string(k) + ".vtkhdf"), mesh, k);
  const auto by_files = open_archive(folder);
  ASSERT_EQ(by_files->size(), 3);
  EXPECT_EQ(by_files->open(2)->times().size(), 10);  // numbers by value, not by letters
  write_archive_index(folder,
                      {{{"u", 1, On::points, "K"}}, {"run_10.vtkhdf", "run_2.vtkhdf"}, {{"train", {1}}}, "", 0, {}});
  const auto by_index = open_archive(folder);
  ASSERT_EQ(by_index->size(), 2);
  EXPECT_EQ(by_index->open(0)->times().size(), 10);
  EXPECT_THAT(by_index->splits().at("train"), ElementsAre(1));
  const auto train = open_archive(folder, {.split = "train"});
  EXPECT_EQ(train->size(), 1);
  EXPECT_EQ(train->open(0)->times().size(), 2);
  EXPECT_THAT(error_of([&] { open_archive(folder, {.split = "trian"}); }), HasSubstr("did you mean 'train'"));
  EXPECT_THAT(error_of([&] { open_archive(folder, {"", {folder}}); }), HasSubstr("side by side"));
}

TEST(Archive, UnknownFilesListTheFormats) {
  const fs::path folder = fresh_folder("unknown");
  write_file(folder / "a.txt", "x");
  EXPECT_THAT(error_of([&] { open_archive(folder / "a.txt"); }), HasSubstr(".pvd collection"));
  EXPECT_THAT(error_of([&] { open_archive(folder / "none.pvd"); }), HasSubstr("no such file"));
  EXPECT_FALSE(is_archive(folder / "a.txt"));
  const std::string name(300, 'a');  // longer than a name can be: the system says so
  EXPECT_THAT(error_of([&] { open_archive(folder / (name + ".pvd")); }), HasSubstr("File name too long"));
  EXPECT_FALSE(is_archive(folder / name));
  write_file(folder / "b.pvd", "<VTKFile type=\"Collection\"><Collection><DataSet timestep=\"0\" file=\"" + name +
                                   ".vtu\"/></Collection></VTKFile>");
  EXPECT_THAT(error_of([&] { open_archive(folder / "b.pvd")->open(0); }), HasSubstr("which does not exist"));
  write_file(folder / "archive.yaml",
             "format: cotan archive 1\nseed: 1\nfields: []\ntrajectories: [" + name + ".vtkhdf]\n");
  EXPECT_THAT(error_of([&] { open_archive(folder); }), HasSubstr("which is not in the folder"));
}

TEST(Archive, DoublesOfEveryType) {
  const auto tensor = [](DType dtype, auto value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    return HostTensor{dtype, {1}, std::vector<std::byte>(bytes, bytes + sizeof(value))};
  };
  EXPECT_THAT(as_doubles(tensor(DType::f32, 0.5f)), ElementsAre(0.5));
  EXPECT_THAT(as_doubles(tensor(DType::i64, std::int64_t{-7})), ElementsAre(-7));
  EXPECT_THAT(as_doubles(tensor(DType::u8, std::uint8_t{200})), ElementsAre(200));
  EXPECT_THAT(as_doubles(tensor(DType::f16, std::uint16_t{0x3555})), ElementsAre(0.333251953125));
  EXPECT_THAT(as_doubles(tensor(DType::f16, std::uint16_t{0x0001})), ElementsAre(std::ldexp(1.0, -24)));
  EXPECT_THAT(as_doubles(tensor(DType::bf16, std::uint16_t{0xc040})), ElementsAre(-3.0));
  EXPECT_TRUE(std::isinf(as_doubles(tensor(DType::f16, std::uint16_t{0x7c00})).front()));
}

TEST(PvdArchive, CollectionsSideBySideAreJoinedByTime) {
  const fs::path folder = fresh_folder("beside");
  const Mesh mesh = rectangle(2, 2);
  write_series(folder / "u", mesh, "u", 4, 0.1);
  write_series(folder / "p", mesh, "p", 4, 0.1);
  const auto trajectory = open_archive(folder / "u.pvd", {"", {folder / "p.pvd"}})->open(0);
  EXPECT_TRUE(trajectory->has_static_mesh());
  for (const std::string name : {"u", "p"}) {
    const HostTensor window = trajectory->read(name, 1, 4);
    EXPECT_THAT(window.shape, ElementsAre(3, 9, 1));
    for (int k = 0; k < 27; ++k) EXPECT_EQ(as_doubles(window)[k], 1 + k / 9);
  }
  EXPECT_THAT(error_of([&] {
                open_archive(folder / "u.pvd", {"", {folder / "u.pvd"}})->open(0);
              }),
              HasSubstr("field u stands in another"));
  write_series(folder / "slow", mesh, "s", 4, 0.2);
  EXPECT_THAT(error_of([&] {
                open_archive(folder / "u.pvd", {"", {folder / "slow.pvd"}})->open(0);
              }),
              HasSubstr("slow.pvd: time 0.2 of entry 1"));
  write_series(folder / "short", mesh, "s", 3, 0.1);
  EXPECT_THAT(error_of([&] {
                open_archive(folder / "u.pvd", {"", {folder / "short.pvd"}})->open(0);
              }),
              HasSubstr("3 times"));
  write_series(folder / "other", rectangle(3, 2), "s", 4, 0.1);
  EXPECT_THAT(error_of([&] {
                open_archive(folder / "u.pvd", {"", {folder / "other.pvd"}})->open(0);
              }),
              HasSubstr("its mesh is not that of"));
}

// A series whose mesh is moved along y by shifts[k] at frame k.
void write_shifted(const fs::path& stem, const std::string& field, const std::vector<double>& shifts) {
  const Mesh mesh = rectangle(2, 2);
  write_series(stem, mesh, field, static_cast<int>(shifts.size()));
  for (std::size_t k = 0; k < shifts.size(); ++k) {
    const fs::path file = stem / ("000" + std::to_string(k) + ".vtu");
    Snapshot snapshot = read_vtu(file);
    std::vector<double> points(mesh.points().begin(), mesh.points().end());
    for (std::size_t i = 1; i < points.size(); i += 2) points[i] += shifts[k];
    write_vtu(file, {mesh.with_points(points), std::move(snapshot.fields), snapshot.time});
  }
}

TEST(PvdArchive, AMeshThatComesBackHasMovedNevertheless) {
  const fs::path folder = fresh_folder("flap");
  write_shifted(folder / "u", "u", {0, 1, 0, -1, 0});
  const auto flapping = open_archive(folder / "u.pvd")->open(0);
  EXPECT_FALSE(flapping->has_static_mesh());
  EXPECT_EQ(flapping->mesh(3).point(0)[1], -1);
  EXPECT_THAT(flapping->read("u", 0, 5).shape, ElementsAre(5, 9, 1));
  write_shifted(folder / "once", "u", {0, 0, 0, -1, 0});
  const auto once = open_archive(folder / "once.pvd")->open(0);
  EXPECT_THAT(error_of([&] { once->read("u", 2, 5); }), HasSubstr("0003.vtu: its mesh is not that of"));
  EXPECT_EQ(error_of([&] { once->read("u", 0, 3); }), "no error");
}

TEST(PvdArchive, ASheetThatBendsHasThreeDimensionsThroughout) {
  const fs::path folder = fresh_folder("sheet");
  write_series(folder / "u", rectangle(2, 2), "u", 3);
  MeshData data = rectangle(2, 2).data();
  std::vector<double> bent;
  for (std::size_t i = 0; i < data.points.size(); i += 2) {
    bent.insert(bent.end(), {data.points[i], data.points[i + 1], data.points[i] * data.points[i]});
  }
  data.dim = 3;
  data.points = bent;
  const Snapshot last = read_vtu(folder / "u" / "0002.vtu");
  write_vtu(folder / "u" / "0002.vtu", {Mesh(data), last.fields, last.time});
  const auto trajectory = open_archive(folder / "u.pvd")->open(0);
  EXPECT_EQ(trajectory->mesh(0).dim(), 3);
  EXPECT_EQ(trajectory->mesh(2).data().points, bent);
  EXPECT_THAT(trajectory->read("u", 0, 3).shape, ElementsAre(3, 9, 1));
}

TEST(PvdArchive, CollectionsSideBySideHaveOneMeshAtEveryTime) {
  const fs::path folder = fresh_folder("beside_moving");
  write_shifted(folder / "u", "u", {0, 1, 2});
  write_shifted(folder / "p", "p", {0, 1, 2});
  write_shifted(folder / "q", "q", {0, 1, 3});
  const auto together = open_archive(folder / "u.pvd", {"", {folder / "p.pvd", folder / "q.pvd"}})->open(0);
  EXPECT_THAT(together->read("p", 0, 3).shape, ElementsAre(3, 9, 1));
  EXPECT_THAT(error_of([&] { together->read("q", 0, 3); }), HasSubstr("0002.vtu: its mesh is not that of"));
}

TEST(PvdArchive, AFieldOnPointsAndOnCellsIsNamedAsSuch) {
  const fs::path folder = fresh_folder("twice");
  const Mesh mesh = rectangle(2, 2);
  VtkSeries series(folder / "u", mesh);
  const std::vector<HostField> fields = {{{"p", 1, On::points, ""}, std::vector<double>(mesh.num_points(), 1)},
                                         {{"p", 1, On::cells, ""}, std::vector<double>(mesh.num_cells(), 2)}};
  series.write(0, fields);
  EXPECT_THAT(error_of([&] { open_archive(folder / "u.pvd")->open(0); }),
              HasSubstr("field p stands on points and on cells"));
}

TEST(PvdArchive, MissingFilesAndTimesThatDoNotIncreaseAreNamed) {
  const fs::path folder = fresh_folder("pvd");
  write_series(folder / "u", rectangle(2, 2), "u", 3);
  std::string text = read_file(folder / "u.pvd");
  fs::remove(folder / "u" / "0001.vtu");
  const std::string missing = error_of([&] { open_archive(folder / "u.pvd")->open(0); });
  EXPECT_THAT(missing, HasSubstr("u.pvd: entry 1"));
  EXPECT_THAT(missing, HasSubstr("0001.vtu, which does not exist"));
  write_series(folder / "u", rectangle(2, 2), "u", 3);
  text.replace(text.find("timestep=\"2\""), 12, "timestep=\"1\"");
  write_file(folder / "u.pvd", text);
  EXPECT_THAT(error_of([&] { open_archive(folder / "u.pvd")->open(0); }), HasSubstr("expected increasing times"));
}

TEST(ForeignArchive, DolfinxAndCrashDynamics) {
  const fs::path data = data_folder() / "vtkhdf";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const auto u = open_archive(data / "point_data_3steps.vtkhdf")->open(0);
  EXPECT_THAT(u->times(), ElementsAre(0, 1, 2));
  EXPECT_EQ(u->mesh().num_cells(), 50);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(as_doubles(u->read("u", k, k + 1)).back(), 35);
  EXPECT_EQ(as_doubles(open_archive(data / "cell_data_3steps.vtkhdf")->open(0)->read("u", 2, 3)).back(), 149);
  const auto can = open_archive(data / "can_crush")->open(0);
  ASSERT_EQ(can->times().size(), 3);
  EXPECT_FALSE(can->has_static_mesh());
  // Points hold the deformed position: they differ by the displacement
  const auto displacement = as_doubles(can->read("DISPL", 0, 3));
  const Mesh start = can->mesh(0), end = can->mesh(2);
  const std::size_t n = start.points().size();
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(end.points()[i] - start.points()[i], displacement[2 * n + i] - displacement[i], 1e-5);
  }
}

TEST(ForeignArchive, CollectionsOfOtherPrograms) {
  const fs::path data = data_folder() / "pvd";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const auto flow =
      open_archive(data / "lshape_navier_stokes/velocity.pvd", {"", {data / "lshape_navier_stokes/pressure.pvd"}})
          ->open(0);
  EXPECT_EQ(flow->times().size(), 300);
  EXPECT_EQ(flow->mesh().dim(), 2);
  EXPECT_THAT(flow->read("f_13288", 298, 300).shape, ElementsAre(2, 137, 3));
  EXPECT_THAT(flow->read("f_13291", 0, 1).shape, ElementsAre(1, 137, 1));
  const auto heat = open_archive(data / "fracture_heat/2D_single_fracture_HT_2D_single_fracture.pvd")->open(0);
  EXPECT_EQ(heat->times().back(), 86400);
  EXPECT_EQ(heat->read("temperature", 1, 2).bytes, heat->read("temperature", 2, 3).bytes);  // entries repeat a file
  const auto block = open_archive(data / "block_loading/mesh.pvd")->open(0);
  EXPECT_THAT(block->read("sigma", 0, 5).shape, ElementsAre(5, 169, 4));
}

TEST(ForeignArchive, EveryEncodingOfVtuIsTheSameMesh) {
  const fs::path data = data_folder() / "vtk/encodings";
  if (!fs::exists(data)) GTEST_SKIP() << "no " << data;
  const Mesh expected = read_vtu(data / "quad_ascii.vtu").mesh;
  for (const auto& entry : fs::directory_iterator(data)) {
    const Mesh mesh = read_vtu(entry.path()).mesh;
    EXPECT_EQ(mesh.data().points, expected.data().points) << entry.path();
    EXPECT_EQ(mesh.cells().links, expected.cells().links) << entry.path();
  }
}

}  // namespace
}  // namespace cotan
#endif

#include "io/vtkhdf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "build_config.h"
#include "core/check.h"
#include "core/files.h"
#include "core/random.h"
#include "io/vtkhdf_file.h"
#include "io/vtkhdf_layout.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"

#if COTAN_HAS_HDF5
namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::pair<std::string, Mesh>> family() {
  std::vector<std::pair<std::string, Mesh>> meshes;
  meshes.emplace_back("interval", interval(5, 2.0));
  for (const auto type : {CellType::triangle, CellType::quad, CellType::triangle6, CellType::quad8, CellType::quad9}) {
    meshes.emplace_back(shape(type).name, rectangle(3, 2, {1, 0.5}, type));
  }
  for (const auto type : {CellType::tetra, CellType::hexa, CellType::wedge, CellType::pyramid, CellType::tetra10,
                          CellType::hexa20, CellType::hexa27}) {
    meshes.emplace_back(shape(type).name, box(2, 1, 2, {1, 1, 1}, type));
  }
  meshes.emplace_back("mixed", mixed_rectangle(4, 2));
  meshes.emplace_back("sphere", sphere_surface(1));
  meshes.emplace_back("jiggled", jiggled(rectangle(4, 4), 0.2, 1));
  return meshes;
}

const std::vector<FieldSpec> kSpecs = {{"velocity", 2, On::points, "m/s"},
                                       {"pressure", 1, On::points, "Pa"},
                                       {"stress", 3, On::cells, ""},
                                       {"material", 1, On::cells, ""},
                                       {"drag", 2, On::whole, "N"}};

std::int64_t rows_of(const Mesh& mesh, On on) {
  return on == On::points ? mesh.num_points() : on == On::cells ? mesh.num_cells() : 1;
}

// Values that floats do not hold exactly; "material" is the same at all times.
std::vector<HostField> frame(const Mesh& mesh, std::size_t k) {
  std::vector<HostField> fields;
  for (std::size_t f = 0; f < kSpecs.size(); ++f) {
    const Random random(3, purpose::test, f, kSpecs[f].name == "material" ? 0 : k);
    HostField field{kSpecs[f], {}};
    for (std::int64_t i = 0; i < rows_of(mesh, kSpecs[f].on) * kSpecs[f].components; ++i) {
      field.values.push_back(random.normal(i));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

double time_of(std::size_t k) {
  return 0.1 * static_cast<double>(k * k + 1);
}

void write_frames(const fs::path& file, const Mesh& mesh, std::size_t frames, const TrajectoryMeta& meta = {}) {
  const auto writer = write_trajectory(file, mesh, kSpecs, meta);
  for (std::size_t k = 0; k < frames; ++k) writer->append(time_of(k), frame(mesh, k));
  writer->finish();
}

TEST(VtkHdf, MeshesOfTheFamilyComeBackWithSetsAndNumbers) {
  const fs::path folder = fresh_folder("family");
  for (const auto& [name, mesh] : family()) {
    MeshData data = mesh.data();
    data.point_sets["a/b \"odd\" name"] = {0, 1};
    data.cell_sets["first"] = {0};
    data.numbers["first"] = 7;
    const Mesh tagged(data);
    const fs::path file = folder / (std::string(name) + ".vtkhdf");
    write_frames(file, tagged, 2);
    const Mesh back = open_vtkhdf(file)->mesh();
    EXPECT_EQ(back.dim(), mesh.dim()) << name;
    EXPECT_EQ(back.data().points, tagged.data().points) << name;
    EXPECT_EQ(back.data().types, tagged.data().types) << name;
    EXPECT_EQ(back.cells().links, tagged.cells().links) << name;
    EXPECT_EQ(back.data().point_sets, tagged.data().point_sets) << name;
    EXPECT_EQ(back.data().cell_sets, tagged.data().cell_sets) << name;
    EXPECT_EQ(back.data().facet_sets, tagged.data().facet_sets) << name;
    EXPECT_EQ(back.data().numbers, tagged.data().numbers) << name;
  }
}

TEST(VtkHdf, SetsOfAMirroredMeshKeepTheirPoints) {
  const fs::path file = fresh_folder("mirrored") / "0.vtkhdf";
  for (const auto& mesh : {rectangle(2, 2), box(2, 1, 1, {1, 1, 1}, CellType::wedge)}) {
    MeshData data = mesh.data();
    for (std::size_t i = 0; i < data.points.size(); i += data.dim) data.points[i] = 1 - data.points[i];
    write_frames(file, Mesh(data, MeshChecks{false}), 1);
    const Mesh back = open_vtkhdf(file)->mesh();
    for (const auto& [name, facets] : mesh.data().facet_sets) EXPECT_EQ(back.points_of(name), mesh.points_of(name));
  }
}

TEST(VtkHdf, ValuesAreTheNearestFloatsAndTimesExact) {
  const fs::path file = fresh_folder("values") / "0.vtkhdf";
  const Mesh mesh = rectangle(3, 3);
  write_frames(file, mesh, 4);
  const auto trajectory = open_vtkhdf(file);
  ASSERT_EQ(trajectory->times().size(), 4);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(trajectory->times()[k], time_of(k));
    for (const auto& field : frame(mesh, k)) {
      const HostTensor tensor = trajectory->read(field.spec.name, k, k + 1);
      EXPECT_EQ(tensor.dtype, DType::f32);
      EXPECT_THAT(tensor.shape, ElementsAre(1, rows_of(mesh, field.spec.on), field.spec.components));
      const std::vector<float> expected(field.values.begin(), field.values.end());
      EXPECT_EQ(as_doubles(tensor), std::vector<double>(expected.begin(), expected.end())) << field.spec.name;
    }
  }
}

TEST(VtkHdf, AnyWindowEqualsThatPartOfTheWhole) {
  const fs::path file = fresh_folder("windows") / "0.vtkhdf";
  const Mesh mesh = mixed_rectangle(4, 2);
  constexpr std::size_t frames = 6;
  write_frames(file, mesh, frames);
  const auto trajectory = open_vtkhdf(file);
  for (const auto& spec : kSpecs) {
    const auto whole = trajectory->read(spec.name, 0, frames).bytes;
    const std::size_t size = whole.size() / frames;
    for (std::size_t k0 = 0; k0 < frames; ++k0) {
      for (std::size_t k1 = k0 + 1; k1 <= frames; ++k1) {
        const std::vector<std::byte> part(whole.begin() + k0 * size, whole.begin() + k1 * size);
        EXPECT_EQ(trajectory->read(spec.name, k0, k1).bytes, part) << spec.name << " " << k0 << " " << k1;
      }
    }
  }
}

TEST(VtkHdf, FieldsThatNeverChangeAreStoredOnce) {
  const fs::path folder = fresh_folder("static");
  const Mesh mesh = rectangle(20, 20);
  write_frames(folder / "0.vtkhdf", mesh, 3);
  const auto trajectory = open_vtkhdf(folder / "0.vtkhdf");
  for (const auto& field : trajectory->fields()) {
    EXPECT_EQ(field.is_static, field.spec.name == "material") << field.spec.name;
  }
  const auto size_of_series = [&](std::size_t frames) {
    const std::vector<FieldSpec> one = {{"material", 1, On::cells, ""}};
    const auto writer = write_trajectory(folder / "s.vtkhdf", mesh, one, {});
    const std::vector<HostField> values = {{one[0], std::vector<double>(mesh.num_cells(), 0.5)}};
    for (std::size_t k = 0; k < frames; ++k) writer->append(time_of(k), values);
    writer->finish();
    return fs::file_size(folder / "s.vtkhdf");
  };
  EXPECT_LT(size_of_series(50), size_of_series(1) + 50 * 8 * 12);  // some integers a step, not 800 floats
}

// A blow-up beyond floats is said, not written as infinity; the frames before it are kept.
TEST(VtkHdf, ValuesBeyondFloatsAreRefusedWithFieldRowAndTime) {
  const fs::path file = fresh_folder("overflow") / "0.vtkhdf";
  const Mesh mesh = rectangle(2, 2);
  const auto writer = write_trajectory(file, mesh, kSpecs, {});
  writer->append(0, frame(mesh, 0));
  auto fields = frame(mesh, 1);
  fields[1].values[4] = 1e39;  // pressure, behind the velocity
  try {
    writer->append(0.5, fields);
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_THAT(error.what(), HasSubstr("field pressure, row 4, time 0.5: 1e+39"));
  }
  fields[1].values[4] = std::numeric_limits<double>::infinity();  // what is infinite stays so
  writer->append(1, fields);
  writer->finish();
  const auto back = open_vtkhdf(file);
  EXPECT_THAT(back->times(), ElementsAre(0, 1));
  for (const auto& spec : kSpecs) EXPECT_EQ(back->read(spec.name, 0, 2).shape[0], 2) << spec.name;
}

TEST(VtkHdf, UnitsRolesAndParametersComeBack) {
  const fs::path file = fresh_folder("meta") / "0.vtkhdf";
  const Mesh mesh = rectangle(2, 2);
  TrajectoryMeta meta;
  for (Index i = 0; i < mesh.num_points(); ++i) meta.roles.push_back(static_cast<Role>(i % kNumRoles));
  meta.parameters = {{"viscosity", 1e-3}, {"inlet/speed", 1.0 / 3}};
  meta.config = "case: {a: 1}\n";
  meta.prescribed[kSpecs[0].name].resize(mesh.num_points() * kSpecs[0].components);
  meta.prescribed[kSpecs[0].name][3] = 1;
  write_frames(file, mesh, 1, meta);
  const auto trajectory = open_vtkhdf(file);
  EXPECT_EQ(trajectory->roles(), meta.roles);
  EXPECT_EQ(trajectory->parameters(), meta.parameters);
  EXPECT_EQ(trajectory->prescribed(), meta.prescribed);
  for (const auto& field : trajectory->fields()) {
    const auto spec = std::find_if(kSpecs.begin(), kSpecs.end(), [&](auto& s) { return s.name == field.spec.name; });
    ASSERT_NE(spec, kSpecs.end());
    EXPECT_EQ(field.spec, *spec);
  }
}

// HDF5 counts times of objects in seconds.
TEST(VtkHdf, EqualRunsWriteEqualBytes) {
  const fs::path folder = fresh_folder("equal");
  MeshData data = rectangle(3, 2).data();
  data.cell_sets["first"] = {0};
  const Mesh mesh(data);
  const TrajectoryMeta meta{std::vector<Role>(mesh.num_points(), Role::wall), {{"speed", 2.5}}, "how: it was made"};
  write_frames(folder / "a.vtkhdf", mesh, 3, meta);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  write_frames(folder / "b.vtkhdf", mesh, 3, meta);
  EXPECT_EQ(read_file(folder / "a.vtkhdf"), read_file(folder / "b.vtkhdf"));
}

TEST(VtkHdf, NothingStandsUnderTheNameUntilFinished) {
  const fs::path folder = fresh_folder("unfinished");
  const Mesh mesh = rectangle(2, 2);
  {
    const auto writer = write_trajectory(folder / "0.vtkhdf", mesh, kSpecs, {});
    writer->append(0, frame(mesh, 0));
    EXPECT_FALSE(fs::exists(folder / "0.vtkhdf"));
  }
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(VtkHdf, ManyThreadsReadTheSame) {
  const fs::path file = fresh_folder("threads") / "0.vtkhdf";
  write_frames(file, rectangle(8, 8), 8);
  const auto trajectory = open_vtkhdf(file);
  const auto expected = trajectory->read("velocity", 0, 8).bytes;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 20; ++repeat) {
        wrong += trajectory->read("velocity", 0, 8).bytes != expected;
        wrong += open_vtkhdf(file)->mesh().num_points() != 81;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(VtkHdf, MessagesNameFileAndField) {
  const fs::path folder = fresh_folder("messages");
  write_frames(folder / "0.vtkhdf", rectangle(2, 2), 2);
  const auto trajectory = open_vtkhdf(folder / "0.vtkhdf");
  const std::string unknown = error_of([&] { trajectory->read("velocty", 0, 1); });
  EXPECT_THAT(unknown, HasSubstr("0.vtkhdf"));
  EXPECT_THAT(unknown, HasSubstr("did you mean 'velocity'"));
  EXPECT_THAT(error_of([&] { trajectory->read("velocity", 1, 3); }), HasSubstr("frames 1 to 3 of 2"));
  EXPECT_THAT(error_of([&] { open_vtkhdf(folder / "none.vtkhdf"); }), HasSubstr("no such file"));
  std::ofstream(folder / "empty.vtkhdf");
  EXPECT_THAT(error_of([&] { open_vtkhdf(folder / "empty.vtkhdf"); }), HasSubstr("cannot be opened as HDF5"));
}

void write_triangle(const h5::File& file) {
  const auto integers = [&](const std::string& name, const std::vector<std::int64_t>& values) {
    h5::write(file, "VTKHDF/" + name, DType::i64, {std::ssize(values)}, values.data());
  };
  const std::vector<double> points = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  h5::write(file, "VTKHDF/Points", DType::f64, {3, 3}, points.data());
  h5::set_attribute(file, "VTKHDF", "Version", std::vector<std::int64_t>{2, 0});
  h5::set_attribute(file, "VTKHDF", "Type", std::string("UnstructuredGrid"));
  const std::uint8_t type = 5;
  h5::write(file, "VTKHDF/Types", DType::u8, {1}, &type);
  integers("Connectivity", {0, 1, 2});
  integers("Offsets", {0, 3});
  integers("NumberOfPoints", {3});
  integers("NumberOfCells", {1});
  integers("NumberOfConnectivityIds", {3});
}

// One triangle at two times, and a field on the whole.
void write_small_file(const fs::path& path, const std::vector<std::int64_t>& field_shape,
                      const std::vector<std::int64_t>& sizes) {
  const auto lock = h5::hold();
  const h5::File file = h5::create_file(path);
  write_triangle(file);
  h5::make_group(file, "VTKHDF/Steps");
  const std::vector<double> times = {0, 1};
  h5::write(file, "VTKHDF/Steps/Values", DType::f64, {2}, times.data());
  h5::set_attribute(file, "VTKHDF/Steps", "NSteps", std::vector<std::int64_t>{2});
  const std::vector<double> values(16, 0.5);
  h5::write(file, "VTKHDF/FieldData/a", DType::f64, field_shape, values.data());
  if (!sizes.empty()) h5::write(file, "VTKHDF/Steps/FieldDataSizes/a", DType::i64, {2, 2}, sizes.data());
}

TEST(VtkHdf, ATimeThatIsNoNumberIsRefused) {
  const fs::path path = fresh_folder("nan") / "0.vtkhdf";
  {
    const auto lock = h5::hold();
    const h5::File file = h5::create_file(path);
    write_triangle(file);
    const double time = std::numeric_limits<double>::quiet_NaN();
    h5::write(file, "VTKHDF/FieldData/TimeValue", DType::f64, {1}, &time);
  }
  EXPECT_THAT(error_of([&] { open_vtkhdf(path); }), HasSubstr("0.vtkhdf: time nan, expected a finite one"));
}

// Numbers whose product wraps to one that would pass.
TEST(VtkHdf, SizesBeyondAnyFileAreRefused) {
  const fs::path file = fresh_folder("sizes") / "0.vtkhdf";
  write_small_file(file, {2, 8}, {8, 1, 8, 1});
  EXPECT_EQ(error_of([&] { open_vtkhdf(file)->read("a", 0, 2); }), "no error");
  const std::int64_t huge = std::int64_t{1} << 61;
  write_small_file(file, {2, 8}, {8, huge, 8, huge});
  EXPECT_THAT(error_of([&] { open_vtkhdf(file); }), HasSubstr("has 2305843009213693952 rows a step"));
  {
    const auto lock = h5::hold();
    const h5::File wide = h5::create_file(file);
    const std::int32_t point = 0;
    h5::write(wide, "cotan/point_sets/0", DType::i32, {1}, &point);
    h5::set_attribute(wide, "cotan/point_sets/0", "name", std::string("a"));
    h5::set_attribute(wide, "cotan/point_sets/0", "number", std::vector<std::int64_t>{(std::int64_t{1} << 32) + 3});
  }
  MeshData data;
  EXPECT_THAT(error_of([&] { read_sets(file, data); }),
              HasSubstr("cotan/point_sets/0@number: 4294967299 is out of range"));
  EXPECT_EQ((h5::Info{DType::f32, {0, std::int64_t{1} << 46, std::int64_t{1} << 46}}).columns(), std::int64_t{1} << 62);
  EXPECT_EQ((h5::Info{DType::f32, {5, 2, 3}}).columns(), 6);
}

// A file that is cut anywhere is refused, not read in part.
TEST(VtkHdf, EveryCutIsRefused) {
  const fs::path folder = fresh_folder("cut");
  write_frames(folder / "0.vtkhdf", rectangle(2, 2), 2);
  std::ifstream in(folder / "0.vtkhdf", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t size = 0; size < bytes.size(); size += 509) {
    std::ofstream(folder / "cut.vtkhdf", std::ios::binary) << bytes.substr(0, size);
    EXPECT_THAT(error_of([&] { open_vtkhdf(folder / "cut.vtkhdf")->read("velocity", 0, 2); }), HasSubstr("cut.vtkhdf"))
        << size;
  }
}

// Whatever one wrong bit does, it ends in the same values or in a message: data and metadata carry checksums.
TEST(VtkHdf, EveryFlippedBitIsFoundOrHarmless) {
  const fs::path folder = fresh_folder("flip");
  const Mesh mesh = rectangle(2, 2);
  write_frames(folder / "0.vtkhdf", mesh, 2);
  std::ifstream in(folder / "0.vtkhdf", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const auto expected = open_vtkhdf(folder / "0.vtkhdf")->read("velocity", 0, 2).bytes;
  const Random random(11, purpose::test);
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    std::string damaged = bytes;
    damaged[random.below(bytes.size(), 2 * i)] ^= static_cast<char>(1 << random.below(8, 2 * i + 1));
    std::ofstream(folder / "flip.vtkhdf", std::ios::binary) << damaged;
    try {
      const auto trajectory = open_vtkhdf(folder / "flip.vtkhdf");
      EXPECT_TRUE(trajectory->read("velocity", 0, 2).bytes == expected)
          << i << " at " << random.below(bytes.size(), 2 * i) << " of " << bytes.size();
      trajectory->mesh();
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr("flip.vtkhdf"));
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace cotan
#endif

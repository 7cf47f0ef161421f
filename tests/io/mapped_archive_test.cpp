#include "io/mapped_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "build_config.h"
#include "core/files.h"
#include "io/array_file.h"
#include "io/vtkhdf_file.h"
#include "io/xdmf.h"
#include "mesh/generate.h"
#include "tests/io/io_support.h"
#include "tests/io/npz_bytes.h"

#if COTAN_HAS_HDF5
#include <hdf5.h>

namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(MappedArchive, StoredAndDeflatedArraysOfNumPy) {
  for (const bool pack : {false, true}) {
    const fs::path folder = fresh_folder("npz");
    write_file(folder / "small.npz", small_npz(pack));
    write_file(folder / "small.yaml", kSmallMapping);
    ASSERT_TRUE(is_archive(folder / "small.yaml"));
    const auto trajectory = open_archive(folder / "small.yaml")->open(0);
    EXPECT_THAT(trajectory->times(), ElementsAre(0, 0.5, 1));
    EXPECT_EQ(trajectory->mesh().num_cells(), 2);
    EXPECT_THAT(trajectory->mesh().points_of("wall"), ElementsAre(0, 3));
    ASSERT_EQ(trajectory->fields().size(), 4);
    EXPECT_EQ(trajectory->fields()[0].spec, (FieldSpec{"velocity", 2, On::points, "m/s"}));
    EXPECT_EQ(trajectory->fields()[0].dtype, DType::f32);
    EXPECT_EQ(trajectory->fields()[1].spec.on, On::cells);
    EXPECT_TRUE(trajectory->fields()[3].is_static);
    const HostTensor u = trajectory->read("velocity", 1, 3);
    EXPECT_THAT(u.shape, ElementsAre(2, 4, 2));
    EXPECT_EQ(as_doubles(u).front(), 8);
    EXPECT_EQ(as_doubles(u).back(), 23);
    EXPECT_THAT(as_doubles(trajectory->read("k", 2, 3)), ElementsAre(5, 6));
    EXPECT_THAT(as_doubles(trajectory->read("g", 0, 3)), ElementsAre(7, 8, 9));
    EXPECT_THAT(as_doubles(trajectory->read("depth", 1, 3)), ElementsAre(4, 3, 2, 1, 4, 3, 2, 1));
  }
}

TEST(MappedArchive, DatasetsOfHdf5InsideATrainingConfiguration) {
  const fs::path folder = fresh_folder("hdf5");
  const Mesh mesh = rectangle(2, 2);
  const HostField u{{"u", 3, On::points, ""}, std::vector<double>(27, 2)};  // (9, 3) is a field of one time
  write_xdmf(folder / "data.xdmf", {mesh, {u}, 0});
  write_file(folder / "train.yaml",
             "archive:\n  arrays: data.h5\n  points: mesh/points\n  cells: {triangle: mesh/cells}\n  times: "
             "fields/u/0\n  fields: {u: {from: fields/u/0}}\nmodel: {}\n");
  EXPECT_THAT(error_of([&] { open_archive(folder / "train.yaml")->open(0); }),
              HasSubstr("expected finite and increasing"));
  const std::string text = read_file(folder / "train.yaml");
  write_file(folder / "train.yaml", std::string(text).replace(text.find("times: fields/u/0"), 17, "dt: 0.5"));
  EXPECT_THAT(error_of([&] { open_archive(folder / "train.yaml")->open(0); }), HasSubstr("how many frames"));
}

TEST(MappedArchive, WhatDoesNotFitIsNamedWithKeyAndShape) {
  const fs::path folder = fresh_folder("wrong");
  write_file(folder / "small.npz", small_npz(false));
  const auto message = [&](const std::string& from, const std::string& to) {
    std::string text = kSmallMapping;
    write_file(folder / "small.yaml", text.replace(text.find(from), from.size(), to));
    return error_of([&] { open_archive(folder / "small.yaml")->open(0); });
  };
  EXPECT_THAT(message("times: t", "times: tt"), HasSubstr("unknown array 'tt'"));
  EXPECT_THAT(message("from: u", "from: odd"),
              HasSubstr("small.yaml:7: fields.velocity: " + (folder / "small.npz").string() +
                        ": array odd has shape (5), expected (3 frames, 4 points or 2 cells"));
  EXPECT_THAT(message("cells: tri", "cells: points"), HasSubstr("names point 0 twice"));
  EXPECT_THAT(message("cells: tri", "cells: {quad: tri}"), HasSubstr("cells of 3 nodes, but a quad has 4"));
  EXPECT_THAT(message("times: t", "time: t"), HasSubstr("time"));
  EXPECT_THAT(message("unit: m/s", "units: m/s"), HasSubstr("units"));
  EXPECT_THAT(message("small.npz", "none.npz"), HasSubstr("none.npz"));
}

TEST(Npz, WhatIsWrongIsNamed) {
  const fs::path folder = fresh_folder("npz_wrong");
  write_file(folder / "small.yaml", kSmallMapping);
  const auto message = [&](const std::string& bytes) {
    write_file(folder / "small.npz", bytes);
    return error_of([&] { open_archive(folder / "small.yaml")->open(0); });
  };
  const std::string whole = small_npz(false);
  EXPECT_EQ(message(whole), "no error");
  EXPECT_THAT(message(""), HasSubstr("no directory at its end"));
  EXPECT_THAT(message(whole.substr(0, whole.size() / 2)), HasSubstr("no directory at its end"));
  std::string lying = whole;
  lying.replace(lying.find("(3, 4, 2)"), 9, "(9, 4, 2)");
  EXPECT_THAT(message(lying), HasSubstr("array u: shape (9, 4, 2) of type <f4, but 96 bytes"));
  EXPECT_THAT(message(npz_bytes({{"points", npy_bytes<double>("<f8", "(2, 2)", {0, 0, 1, 1}, "True")}}, false)),
              HasSubstr("in Fortran order"));
  // a header longer than the member says it is, and so many values that their bytes wrap to what is left
  const std::string array = "\x93NUMPY" + std::string("\x02\x00", 2) + little_endian(80, 4) +
                            "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }         \n";
  std::string packed = npz_bytes({{"points", array}}, true);
  const auto size = little_endian(array.size(), 4);
  for (auto at = packed.find("PK"); at != packed.npos; at = packed.find("PK", at + 1)) {
    const auto place = packed.find(size, at);
    if (place < at + 30) packed.replace(place, 4, little_endian(10, 4));
  }
  EXPECT_THAT(message(packed), HasSubstr("array points has a header of 80 bytes"));
}

TEST(Hdf5Arrays, GroupsThatLeadToThemselvesEnd) {
  const fs::path file = fresh_folder("groups") / "a.h5";
  {
    const auto lock = h5::hold();
    const h5::File groups = h5::create_file(file);
    h5::make_group(groups, "g");
    for (int i = 0; i < 40; ++i) {
      const std::string name = "g/" + std::to_string(i);
      ASSERT_GE(H5Lcreate_hard(groups.id.get(), "g", groups.id.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), 0);
    }
  }
  EXPECT_THAT(error_of([&] { open_hdf5_arrays(file); }), HasSubstr("more than 10000 groups"));
}

// The extents of an array without values are bounded by nothing.
TEST(Npz, ArraysOfNoValues) {
  EXPECT_EQ((ArrayFile::Variable{DType::f32, {0, std::int64_t{1} << 60, 8}}).columns(), std::int64_t{1} << 46);
  EXPECT_EQ((ArrayFile::Variable{DType::f32, {5, 2, 3}}).columns(), 6);
  const fs::path folder = fresh_folder("empty");
  write_file(folder / "a.npz", npz_bytes({{"points", npy_bytes<double>("<f8", "(3, 2)", {0, 0, 1, 0, 1, 1})},
                                          {"tri", npy_bytes<std::uint32_t>("<u4", "(1, 3)", {0, 1, 2})},
                                          {"u", npy_bytes<float>("<f4", "(4000000000000, 0)", {})}},
                                         false));
  write_file(folder / "a.yaml", "arrays: a.npz\npoints: points\ncells: tri\ndt: 1\nfields: {u: {}}\n");
  EXPECT_THAT(error_of([&] { open_archive(folder / "a.yaml")->open(0); }), HasSubstr("no field says how many frames"));
}

}  // namespace
}  // namespace cotan
#endif

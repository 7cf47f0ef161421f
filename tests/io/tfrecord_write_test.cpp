// What the writer of MeshGraphNets archives writes is read back as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/check.h"
#include "core/files.h"
#include "io/tfrecord_archive.h"
#include "io/tfrecord_meta.h"
#include "mesh/generate.h"
#include "source_dir.h"
#include "tests/io/io_support.h"

namespace cotan {
namespace {

using namespace testing_io;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kData = fs::path(COTAN_SOURCE_DIR) / "tests/data";

void expect_equal(const Trajectory& a, const Trajectory& b) {
  ASSERT_EQ(a.times(), b.times());
  EXPECT_EQ(a.has_static_mesh(), b.has_static_mesh());
  EXPECT_EQ(a.roles(), b.roles());
  ASSERT_EQ(a.fields().size(), b.fields().size());
  for (std::size_t k = 0; k < a.times().size(); ++k) {
    const Mesh one = a.mesh(k), other = b.mesh(k);
    EXPECT_EQ(one.data().points, other.data().points);
    EXPECT_EQ(one.cells().links, other.cells().links);
    for (std::size_t f = 0; f < a.fields().size(); ++f) {
      const auto& field = a.fields()[f];
      EXPECT_EQ(field.spec, b.fields()[f].spec);
      EXPECT_EQ(field.dtype, b.fields()[f].dtype);
      EXPECT_EQ(field.is_static, b.fields()[f].is_static);
      const HostTensor x = a.read(field.spec.name, k, k + 1), y = b.read(field.spec.name, k, k + 1);
      EXPECT_EQ(x.shape, y.shape);
      EXPECT_EQ(x.bytes, y.bytes);
    }
  }
}

void expect_back(const fs::path& source, const fs::path& file) {
  const auto before = open_archive(source);
  write_tfrecord_archive(file, *before);
  const auto after = open_archive(file);
  ASSERT_EQ(after->size(), before->size());
  for (std::size_t i = 0; i < before->size(); ++i) expect_equal(*before->open(i), *after->open(i));
}

TEST(TfrecordWrite, SamplesComeBack) {
  expect_back(kData / "tfrecord", fresh_folder("samples") / "all.tfrecord");  // with an unused point and a turned cell
  expect_back(kData / "tfrecord_remeshed", fresh_folder("remeshed") / "all.tfrecord");
}

TEST(TfrecordWrite, BytesAreThoseOfAnotherWriter) {
  const fs::path folder = fresh_folder("bytes");
  const auto archive = open_archive(kData / "tfrecord", {.split = "valid"});
  EXPECT_TRUE(write_tfrecord_archive(folder / "valid.tfrecord", *archive).empty());
  EXPECT_EQ(read_file(folder / "valid.tfrecord"), read_file(kData / "tfrecord/valid.tfrecord"));
  const auto meta = [](const fs::path& path) { return parse_tfrecord_meta(read_file(path), path.string()); };
  EXPECT_EQ(meta(folder / "meta.json"), meta(kData / "tfrecord/meta.json"));
}

/// A trajectory by formulas.
struct Made : Trajectory {
  std::string label = "made";
  std::vector<double> frames = {0, 0.5, 1};
  std::vector<ArchiveField> list = {{{"u", 1, On::points, "K"}, DType::f64, false}};
  Mesh shape = rectangle(2, 1);
  const std::string& name() const override { return label; }
  const std::vector<double>& times() const override { return frames; }
  Mesh mesh(std::size_t) const override { return shape; }
  const std::vector<ArchiveField>& fields() const override { return list; }
  HostTensor read(const std::string&, std::size_t k0, std::size_t k1) const override {
    HostTensor out{DType::f64, {std::int64_t(k1 - k0), shape.num_points(), 1}, {}};
    for (std::size_t k = k0; k < k1; ++k) {
      const std::vector<double> values(std::size_t(shape.num_points()), 0.1 * double(k));
      const auto bytes = std::as_bytes(std::span(values));
      out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
    }
    return out;
  }
  std::map<std::string, double> parameters() const override { return {{"viscosity", 1}}; }
};

struct MadeArchive : Archive {
  std::vector<Made> all = {{}, {}};
  std::size_t size() const override { return all.size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override { return std::make_unique<Made>(all[index]); }
};

TEST(TfrecordWrite, DoublesBecomeSinglePrecisionAndLossesAreNoted) {
  const fs::path file = fresh_folder("doubles") / "a.tfrecord";
  const auto notes = write_tfrecord_archive(file, MadeArchive{});
  EXPECT_THAT(notes, testing::IsSupersetOf({HasSubstr("parameters are left out"), HasSubstr("no node_type")}));
  const auto trajectory = open_archive(file)->open(1);
  EXPECT_THAT(trajectory->times(), ElementsAre(0, 0.5, 1));
  EXPECT_EQ(trajectory->fields()[0].dtype, DType::f32);
  EXPECT_EQ(as_doubles(trajectory->read("u", 2, 3)).front(), double(0.2f));
}

TEST(TfrecordWrite, WhatTheFormatCannotKeepIsRefusedAndLeavesNoFile) {
  const fs::path folder = fresh_folder("refused");
  const auto refusal = [&](const auto& change) {
    MadeArchive archive;
    change(archive.all[1]);
    const std::string error = error_of([&] { write_tfrecord_archive(folder / "a.tfrecord", archive); });
    EXPECT_TRUE(fs::is_empty(folder));
    return error;
  };
  EXPECT_THAT(refusal([](Made& t) {
                t.frames = {0, 0.5, 1.5};
              }),
              HasSubstr("frames 1 and 2 are 1 s apart, the first two 0.5 s"));
  EXPECT_THAT(refusal([](Made& t) { t.frames = {0, 0.5}; }), HasSubstr("2 frames, 0.5 s apart, the first has 3"));
  EXPECT_THAT(refusal([](Made& t) { t.frames = {0, 1, 2}; }), HasSubstr("3 frames, 1 s apart, the first has 3, 0.5 s"));
  EXPECT_THAT(refusal([](Made& t) { t.list[0].spec.name = "cells"; }), HasSubstr("a field named 'cells'"));
  EXPECT_THAT(refusal([](Made& t) { t.list[0].spec.name = "v"; }), HasSubstr("same number, step and features"));
  EXPECT_THAT(refusal([](Made& t) { t.shape = mixed_rectangle(4, 2); }), HasSubstr("cells of several types"));
}

TEST(TfrecordWrite, AMetaOfOthersIsKept) {
  const fs::path folder = fresh_folder("meta");
  const auto sample = open_archive(kData / "tfrecord", {.split = "train"});
  write_tfrecord_archive(folder / "train.tfrecord", *sample);
  const std::string before = read_file(folder / "meta.json");
  EXPECT_THAT(error_of([&] { write_tfrecord_archive(folder / "b.tfrecord", MadeArchive{}, true); }),
              HasSubstr("describes other features"));
  EXPECT_EQ(read_file(folder / "meta.json"), before);
  write_tfrecord_archive(folder / "valid.tfrecord", *open_archive(kData / "tfrecord", {.split = "valid"}));
  EXPECT_EQ(open_archive(folder)->size(), 3);
  fs::remove(folder / "valid.tfrecord");
  EXPECT_THAT(error_of([&] { write_tfrecord_archive(folder / "train.tfrecord", MadeArchive{}); }),
              HasSubstr("--overwrite"));
  write_tfrecord_archive(folder / "train.tfrecord", MadeArchive{}, true);
  EXPECT_EQ(open_archive(folder)->size(), 2);
}

}  // namespace
}  // namespace cotan

#include "apps/learned_data.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/check.h"
#include "tests/apps/small_trajectory.h"

namespace cotan {
namespace {

using namespace testing_apps;
using testing::HasSubstr;

/// A trajectory in memory: velocity (2 components) is 100 k + 10 i + c at frame k, point i, component c.
class CountingTrajectory : public Trajectory {
 public:
  CountingTrajectory(std::size_t number, std::size_t frames) : name_("trajectory " + std::to_string(number)) {
    for (std::size_t k = 0; k < frames; ++k) times_.push_back(0.5 * static_cast<double>(k));
  }
  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  Mesh mesh(std::size_t) const override { return one_triangle(); }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  HostTensor read(const std::string&, std::size_t k0, std::size_t k1) const override {
    std::vector<double> values;
    for (std::size_t k = k0; k < k1; ++k) {
      for (const double i : {0, 10, 20}) values.insert(values.end(), {100.0 * k + i, 100.0 * k + i + 1});
    }
    HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), 3, 2}, {}};
    const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
    out.bytes.assign(bytes, bytes + values.size() * sizeof(double));
    return out;
  }
  std::vector<Role> roles() const override { return {Role::inflow, Role::interior, Role::wall}; }

 private:
  std::string name_;
  std::vector<double> times_;
  std::vector<ArchiveField> fields_{{{"velocity", 2, On::points, "m/s"}, DType::f64, false}};
};

/// Trajectories of these lengths.
class CountingArchive : public Archive {
 public:
  explicit CountingArchive(std::vector<std::size_t> frames) : frames_(std::move(frames)) {}
  std::size_t size() const override { return frames_.size(); }
  std::unique_ptr<Trajectory> open(std::size_t i) const override {
    return std::make_unique<CountingTrajectory>(i, frames_[i]);
  }

 private:
  std::vector<std::size_t> frames_;
};

constexpr SplitPart kParts[] = {SplitPart::train, SplitPart::validation, SplitPart::test};

TEST(Parts, ByTrajectoryAreDisjointAndComplete) {
  for (std::size_t n = 3; n <= 40; ++n) {
    for (const auto& [validation, test] : {std::pair(0.1, 0.1), {0.0, 0.3}, {0.25, 0.0}, {0.0, 0.0}, {0.3, 0.3}}) {
      SCOPED_TRACE(testing::Message() << n << " trajectories, " << validation << ", " << test);
      const CountingArchive archive(std::vector<std::size_t>(n, 5));
      const SplitRule rule{true, false, validation, test};
      std::vector<std::size_t> joined, sizes;
      for (const SplitPart part : kParts) {
        const PartOfArchive found = part_of(archive, rule, part);
        EXPECT_EQ(found.first, 0);
        EXPECT_EQ(found.last, 1);
        joined.insert(joined.end(), found.trajectories.begin(), found.trajectories.end());
        sizes.push_back(found.trajectories.size());
      }
      EXPECT_EQ(joined, part_of(archive, rule, SplitPart::all).trajectories);  // each once, in order
      EXPECT_EQ(joined.size(), n);
      EXPECT_GT(sizes[0], 0u);
      EXPECT_EQ(sizes[1] > 0, validation > 0) << "a part that was asked for is there, however small";
      EXPECT_EQ(sizes[2] > 0, test > 0);
      EXPECT_LE(std::abs(static_cast<double>(sizes[1]) - validation * n), validation > 0 ? 1.0 : 0.0);
    }
  }
}

TEST(Parts, OfTooFewTrajectoriesAreRefused) {
  const CountingArchive two({5, 5});
  EXPECT_THROW(part_of(two, {true, false, 0.1, 0.1}, SplitPart::train), InputError);
  EXPECT_EQ(part_of(two, {true, false, 0.1, 0.1}, SplitPart::all).trajectories.size(), 2u);
  EXPECT_EQ(part_of(two, {true, false, 0.0, 0.1}, SplitPart::train).trajectories, (std::vector<std::size_t>{0}));
}

// Each trajectory is cut by itself: parts of its own frames follow each other without gap or overlap.
TEST(Parts, ByTimeAreDisjointAndCompleteInTrajectoriesOfAnyLength) {
  const CountingArchive archive({2, 3, 7, 10, 11, 50, 101, 600});
  for (const auto& [validation, test] : {std::pair(0.1, 0.1), {0.0, 0.2}, {0.2, 0.0}, {1.0 / 3, 1.0 / 3}, {0.0, 0.0}}) {
    const SplitRule rule{true, true, validation, test};
    for (std::size_t i = 0; i < archive.size(); ++i) {
      const std::size_t frames = archive.open(i)->times().size();
      SCOPED_TRACE(testing::Message() << frames << " frames, " << validation << ", " << test);
      std::int64_t next = 0;
      for (const SplitPart part : kParts) {
        const PartOfArchive found = part_of(archive, rule, part);
        EXPECT_EQ(found.trajectories.size(), archive.size());
        const auto [first, last] = frame_range(found, frames);
        EXPECT_EQ(first, next);
        EXPECT_LE(first, last);
        next = last;
      }
      EXPECT_EQ(next, static_cast<std::int64_t>(frames));
      EXPECT_EQ(frame_range(part_of(archive, rule, SplitPart::all), frames), std::pair(std::int64_t(0), next));
      const auto [first, last] = frame_range(part_of(archive, rule, SplitPart::test), frames);
      EXPECT_NEAR(static_cast<double>(last - first), test * static_cast<double>(frames), 1);
    }
  }
}

LearnedConfig second_component() {
  LearnedConfig config;
  SelectedField field;
  field.spec = {"v", 1};
  field.from = "velocity";
  field.components = {1};
  config.state = {field};
  config.prescribed = {{"v", {Role::wall}}};
  config.model = Config::parse_text("name: mesh_graph_net");
  return config;
}

Placement on_host() {
  return placement("cpu", "float64", {});
}

TEST(LoadTrajectories, SelectFramesAndComponents) {
  LearnedConfig config = second_component();
  config.stride = 3;
  const CountingArchive archive({4, 11});
  const auto loaded = load_trajectories(archive, {1, 0}, config, on_host());
  ASSERT_EQ(loaded.size(), 2u);
  EXPECT_EQ(loaded[0].source.name, "trajectory 1");
  EXPECT_EQ(loaded[0].source.times, (std::vector<double>{0, 1.5, 3, 4.5}));
  EXPECT_EQ(loaded[1].source.times, (std::vector<double>{0, 1.5}));
  const at::Tensor frames = loaded[0].source.read(1, 4).first;
  EXPECT_EQ(frames.sizes(), (at::IntArrayRef{3, 3, 1}));
  for (int k = 0; k < 3; ++k) {
    for (int i = 0; i < 3; ++i) {
      const auto point = loaded[0].global[i].item<std::int64_t>();
      EXPECT_EQ(frames[k][i][0].item<double>(), 300.0 * (k + 1) + 10.0 * point + 1);
      EXPECT_EQ(loaded[0].source.fixed[i][0].item<bool>(), point == 2);
    }
  }
  // A part of the frames counts from its own first.
  const TrajectorySource part = frames_of(loaded[0].source, 2, 4);
  EXPECT_EQ(part.times, (std::vector<double>{3, 4.5}));
  EXPECT_TRUE(at::equal(part.read(0, 2).first, loaded[0].source.read(2, 4).first));
}

std::string refusal(const LearnedConfig& config, const CountingArchive& archive) {
  try {
    std::vector<std::size_t> all(archive.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    load_trajectories(archive, all, config, on_host());
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(LoadTrajectories, NameWhatIsMissingAndWhatThereIs) {
  const CountingArchive archive({6, 6});
  EXPECT_EQ(refusal(second_component(), archive), "");
  LearnedConfig config = second_component();
  config.state[0].from = "speed";
  EXPECT_THAT(refusal(config, archive),
              testing::AllOf(HasSubstr("trajectory 0"), HasSubstr("'speed'"), HasSubstr("velocity")));
  config = second_component();
  config.state[0].components = {2};
  EXPECT_THAT(refusal(config, archive), testing::AllOf(HasSubstr("2 components"), HasSubstr("component 2")));
  config = second_component();
  config.parameters = {"viscosity"};
  EXPECT_THAT(refusal(config, archive), HasSubstr("'viscosity'"));
  config = second_component();
  config.stride = 6;
  EXPECT_THAT(refusal(config, archive), HasSubstr("at least two"));
}

}  // namespace
}  // namespace cotan

#include "gnn/augmentation.h"

#include <gmock/gmock.h>

#include "gnn/loss.h"
#include "gnn/trainer.h"
#include "mesh/isometry.h"
#include "tests/gnn/small_data.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;

const Mirror kInY{1, {1, -1}, {1}};

TEST(Mirrored, VectorsChangeTheirSignAlongTheAxis) {
  const std::vector<FieldSpec> fields = {{"velocity", 2}, {"pressure", 1}, {"species", 2}};
  EXPECT_THAT(mirror_signs(fields, {true, false, false}, 1), testing::ElementsAre(1, -1, 1, 1, 1));
  EXPECT_THAT(mirror_signs(fields, {true, false, true}, 0), testing::ElementsAre(-1, 1, 1, -1, 1));
  EXPECT_THROW(mirror_signs(fields, {true, true, false}, 1), InputError);
}

// What is to be learned from the mirrored sample is the mirror image of what was to be learned.
TEST(Mirrored, ChangesAreMirroredWithTheState) {
  const auto model = small_model();
  const Sample sample = windows({small_trajectory(8, 1)}, {})->get(3);
  const Sample other = mirrored(sample, kInY, std::make_shared<const Graph>(mirrored(*sample.graph, kInY.axis)));
  const at::Tensor sign = at::tensor({1.0, -1.0}, at::kDouble);
  EXPECT_TRUE(
      at::equal(target_of(*model, other, 0, other.frames[0]), sign * target_of(*model, sample, 0, sample.frames[0])));
  EXPECT_TRUE(at::equal(other.inputs, sample.inputs));
  EXPECT_TRUE(at::equal(other.fixed, sample.fixed));
  EXPECT_TRUE(at::equal(mirrored(other, kInY, sample.graph).frames, sample.frames));
}

// A wind that always blows up: half of what is seen blows down.
TEST(Mirrored, TrainingSeesBothSidesEquallyOften) {
  auto trajectory = small_trajectory(400, 1);
  trajectory.read = [](std::int64_t k0, std::int64_t k1) {
    const at::Tensor t = at::arange(k0, k1, at::kDouble).view({-1, 1, 1});
    return std::pair(at::tensor({0.1, 1.0}, at::kDouble) * t.expand({k1 - k0, 24, 1}),
                     at::zeros({k1 - k0, 24, 1}, at::kDouble));
  };
  const auto data = windows({trajectory}, {});
  const auto mean_target = [&](const Mirror& mirror) {
    const auto model = make_model("mesh_graph_net", Config::parse_text("width: 8\nblocks: 1"), small_shape(), 1);
    TrainOptions options;
    options.steps = 1;
    options.warmup = 300;
    options.reflection = mirror;
    TrainState state;
    train(*model, *data, {}, options, 1, state, {});
    for (const auto& buffer : model->buffers()) {
      if (buffer.name == "statistics.target.mean") return buffer.value.clone();
    }
    throw Error("no statistics");
  };
  EXPECT_TRUE(near(mean_target({}), at::tensor({0.1, 1.0}, at::kDouble), 1e-12));
  const at::Tensor both = mean_target(kInY);
  EXPECT_NEAR(both[0].item<double>(), 0.1, 1e-12);
  EXPECT_LT(std::abs(both[1].item<double>()), 3.5 / std::sqrt(300.0));  // coins, three and a half deviations
}

TEST(Mirrored, AResumedRunEndsOnTheSameBits) {
  const auto data = windows({small_trajectory(8, 1), small_trajectory(8, 2)}, {});
  const auto run = [&](std::int64_t stop_at) {
    const auto model = small_model();
    TrainOptions options;
    options.steps = 30;
    options.warmup = 5;
    options.reflection = kInY;
    TrainState state;
    const auto hook = [&](const TrainReport& report, const TrainState&) { return report.step != stop_at; };
    train(*model, *data, {}, options, 1, state, hook);
    if (stop_at > 0) train(*model, *data, {}, options, 1, state, {});
    std::vector<at::Tensor> values;
    for (const auto& parameter : model->parameters()) values.push_back(parameter.value.detach().clone());
    return values;
  };
  const auto whole = run(0), resumed = run(11);
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_TRUE(at::equal(whole[i], resumed[i]));
}

}  // namespace
}  // namespace cotan

#include "gnn/augmentation.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "gnn/loss.h"
#include "gnn/trainer.h"
#include "mesh/isometry.h"
#include "mesh/operators.h"
#include "tests/gnn/small_data.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;

const Mirror kInY{1, {1, -1}, {1}};
const Turn kAnyWay{180, {0}, {}};

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

TEST(Turned, ColumnsOfVectorsAreFound) {
  const std::vector<FieldSpec> fields = {{"pressure", 1}, {"velocity", 2}, {"species", 2}, {"force", 3}};
  EXPECT_THAT(vector_columns(fields, {false, true, false, true}), testing::ElementsAre(1, 5));
  EXPECT_THROW(vector_columns(fields, {true, false, false, false}), InputError);
}

// A quarter turn takes x to y and y to minus x, of the mesh and of vectors; scalars stay.
TEST(Turned, AQuarterTakesXToY) {
  const Sample sample = windows({small_trajectory(8, 1)}, {})->get(3);
  const Sample other = turned(sample, kAnyWay, std::numbers::pi / 2);
  const auto quarter = [](const at::Tensor& x) { return at::stack({-x.select(-1, 1), x.select(-1, 0)}, -1); };
  EXPECT_TRUE(near(other.frames, quarter(sample.frames), 1e-15));
  EXPECT_TRUE(near(other.graph->position, quarter(sample.graph->position), 1e-15));
  EXPECT_TRUE(near(other.graph->edges().offset, quarter(sample.graph->edges().offset), 1e-15));
  EXPECT_TRUE(at::equal(other.inputs, sample.inputs));
}

// The gradient of a field that turns with the mesh turns too, and what is to be learned.
TEST(Turned, OperatorsAndTargetsTurnWithTheMesh) {
  const auto model = small_model();
  const Sample sample = windows({small_trajectory(8, 1)}, {})->get(3);
  const double angle = 0.7;
  const Sample other = turned(sample, kAnyWay, angle);
  at::Tensor gradients = gradient(*sample.graph, sample.inputs[0]).reshape({24, 2}).clone();
  turn_columns(gradients, 0, angle);
  EXPECT_TRUE(near(gradient(*other.graph, other.inputs[0]).reshape({24, 2}), gradients, 1e-12));
  at::Tensor target = target_of(*model, sample, 0, sample.frames[0]).clone();
  turn_columns(target, 0, angle);
  EXPECT_TRUE(near(target_of(*model, other, 0, other.frames[0]), target, 1e-14));
  EXPECT_TRUE(near(turned(other, kAnyWay, -angle).frames, sample.frames, 1e-14));
}

TEST(Turned, AHalfPrescribedVectorIsRefused) {
  Sample sample = windows({small_trajectory(8, 1)}, {})->get(0);
  sample.fixed = sample.fixed.clone();
  sample.fixed[3][1] = !sample.fixed[3][0].item<bool>();
  try {
    turned(sample, kAnyWay, 0.1);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("trajectory 1: a vector of which one component is prescribed"));
  }
}

// The mean of what is to be learned where a wind, the same everywhere, gains (0.1, 1) a step.
at::Tensor mean_target(const Mirror& mirror, const Turn& turn) {
  auto trajectory = small_trajectory(400, 1);
  trajectory.read = [](std::int64_t k0, std::int64_t k1) {
    const at::Tensor t = at::arange(k0, k1, at::kDouble).view({-1, 1, 1});
    return std::pair(at::tensor({0.1, 1.0}, at::kDouble) * t.expand({k1 - k0, 24, 1}),
                     at::zeros({k1 - k0, 24, 1}, at::kDouble));
  };
  const auto data = windows({trajectory}, {});
  const auto model = make_model("mesh_graph_net", Config::parse_text("width: 8\nblocks: 1"), small_shape(), 1);
  TrainOptions options;
  options.steps = 1;
  options.warmup = 300;
  options.reflection = mirror;
  options.rotation = turn;
  TrainState state;
  train(*model, *data, {}, options, 1, state, {});
  for (const auto& buffer : model->buffers()) {
    if (buffer.name == "statistics.target.mean") return buffer.value.clone();
  }
  throw Error("no statistics");
}

TEST(Mirrored, TrainingSeesBothSidesEquallyOften) {
  EXPECT_TRUE(near(mean_target({}, {}), at::tensor({0.1, 1.0}, at::kDouble), 1e-12));
  const at::Tensor both = mean_target(kInY, {});
  EXPECT_NEAR(both[0].item<double>(), 0.1, 1e-12);
  EXPECT_LT(std::abs(both[1].item<double>()), 3.5 / std::sqrt(300.0));  // coins, three and a half deviations
}

TEST(Turned, TrainingSeesAllDirectionsWithinTheAngleEquallyOften) {
  const double length = std::hypot(0.1, 1.0);
  const at::Tensor all = mean_target({}, kAnyWay);
  EXPECT_LT(all.norm().item<double>(), 3.5 * length / std::sqrt(300.0));
  // Within an angle a the mean keeps sin(a)/a of its length, and its direction.
  const double most = std::numbers::pi / 3;
  const at::Tensor some = mean_target({}, {60, {0}, {}});
  const at::Tensor expected = at::tensor({0.1, 1.0}, at::kDouble) * (std::sin(most) / most);
  EXPECT_LT((some - expected).norm().item<double>(), 3.5 * length / std::sqrt(300.0) * 0.7);
  EXPECT_GT(some.norm().item<double>(), 0.7 * length);
}

TEST(MirroredAndTurned, AResumedRunEndsOnTheSameBits) {
  const auto data = windows({small_trajectory(8, 1), small_trajectory(8, 2)}, {});
  const auto run = [&](std::int64_t stop_at) {
    const auto model = small_model();
    TrainOptions options;
    options.steps = 30;
    options.warmup = 5;
    options.reflection = kInY;
    options.rotation = kAnyWay;
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

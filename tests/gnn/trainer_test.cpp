#include "gnn/trainer.h"

#include <gmock/gmock.h>

#include "gnn/checkpoint.h"
#include "gnn/loss.h"
#include "gnn/optimiser.h"
#include "tests/gnn/small_data.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;
using testing::HasSubstr;

std::shared_ptr<Model> fresh_model(const std::string& options = "") {
  return make_model("mesh_graph_net", Config::parse_text("width: 8\nblocks: 2\n" + options), small_shape(), 1);
}

DatasetPtr small_data(int future = 1, int history = 0) {
  WindowOptions options;
  options.future = future;
  options.history = history;
  return windows({small_trajectory(8, 1), small_trajectory(8, 2)}, options);
}

TrainOptions short_training() {
  TrainOptions options;
  options.steps = 60;
  options.batch = 2;
  options.noise = 0.1;
  options.warmup = 5;
  options.unroll = 2;
  return options;
}

TEST(SquaredError, CountsFreeComponentsOfTheNormalisedTarget) {
  const auto model = small_model();
  const Sample sample = small_data()->get(3);
  const at::Tensor predicted = model->forward(model_input(*model, sample, 0, sample.frames[0]));
  const at::Tensor target = model->normalise_target(sample.frames[1] - sample.frames[0]);
  double expected = 0;
  for (std::int64_t i = 0; i < 24; ++i) {
    for (std::int64_t c = 0; c < 2 && sample.graph->role[i].item<std::int64_t>() == 0; ++c) {
      expected += std::pow((predicted[i][c] - target[i][c]).item<double>(), 2);
    }
  }
  EXPECT_NEAR(squared_error(*model, sample, 1).item<double>(), expected, 1e-12 * expected);
}

TEST(SquaredError, UnrollsFromItsOwnPrediction) {
  for (const std::string predicts : {"increment", "rate"}) {
    const auto model = small_model("history: 1\npredicts: " + predicts);
    const double length = predicts == "rate" ? 0.1 : 1.0;
    const Sample sample = small_data(2, 1)->get(2);
    const at::Tensor first = model->forward(model_input(*model, sample, 1, sample.frames[1]));
    const at::Tensor next =
        at::where(sample.fixed, sample.frames[2], sample.frames[1] + length * model->physical(first));
    const at::Tensor second = model->forward(model_input(*model, sample, 2, next, sample.frames[1]));
    const at::Tensor error =
        at::where(sample.fixed, 0, second - model->normalise_target((sample.frames[3] - next) / length));
    const at::Tensor expected = squared_error(*model, sample, 1) + error.square().sum();
    EXPECT_TRUE(near(squared_error(*model, sample, 2), expected, 1e-13)) << predicts;
  }
}

TEST(SquaredError, ItsGradientThroughTheStepsMeetsDifferences) {
  const auto model = small_model("activation: silu");
  const Sample sample = small_data(3)->get(1);
  const auto in_noise = [&](const at::Tensor& noise) { return squared_error(*model, sample, 3, noise, 0.5); };
  EXPECT_TRUE(check_gradient(in_noise, 0.1 * random_tensor({24, 2}, 4), 1e-6));
}

TEST(SquaredError, ThePerfectAnswerToNoiseTakesItBack) {
  // With correction g the target is the clean increment minus g times the noise.
  const auto model = small_model();
  const Sample sample = small_data()->get(0);
  const at::Tensor noise = 0.3 * random_tensor({24, 2}, 5);
  for (const double g : {0.0, 0.3, 1.0}) {
    const at::Tensor found = target_of(*model, sample, 0, sample.frames[0] + noise, noise * (1 - g));
    EXPECT_TRUE(near(found, sample.frames[1] - sample.frames[0] - g * noise, 1e-13));
  }
}

std::vector<at::Tensor> tensors_of(const Model& model) {
  std::vector<at::Tensor> list;
  for (const auto& entry : model.parameters()) list.push_back(entry.value.detach().clone());
  for (const auto& entry : model.buffers()) list.push_back(entry.value.clone());
  return list;
}

bool same_bits(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const at::Tensor& x, const at::Tensor& y) { return at::equal(x, y); });
}

TEST(Train, ResumesOnTheSameBits) {
  const auto data = small_data(2);
  for (const auto& optimiser : kOptimisers) {
    SCOPED_TRACE(optimiser);
    TrainOptions options = short_training();
    options.optimiser = optimiser;
    const auto straight = fresh_model();
    TrainState straight_state;
    train(*straight, *data, {}, options, 7, straight_state, {});

    Checkpoint half{"mesh_graph_net", fresh_model(), 0.1, "", "", {}};
    const auto stop_at_half = [](const TrainReport& report, const TrainState&) { return report.step < 30; };
    train(*half.model, *data, {}, options, 7, half.state, stop_at_half);
    EXPECT_EQ(half.state.step, 30);
    EXPECT_FALSE(same_bits(tensors_of(*half.model), tensors_of(*straight)));
    Checkpoint resumed = unpack_checkpoint(pack_checkpoint(half, true), "memory");
    train(*resumed.model, *data, {}, options, 7, resumed.state, {});
    EXPECT_EQ(resumed.state.step, 60);
    EXPECT_TRUE(same_bits(tensors_of(*resumed.model), tensors_of(*straight)));

    options.optimiser = kOptimisers[optimiser == kOptimisers[0]];
    Checkpoint other = unpack_checkpoint(pack_checkpoint(half, true), "memory");
    EXPECT_THROW(train(*other.model, *data, {}, options, 7, other.state, {}), InputError);
  }
}

// What is validated is the average; the steps do not see it; a resumed run ends on the same one; what is kept without
// state is it.
TEST(Train, ValidatesAndKeepsTheAverage) {
  const auto data = small_data(2);
  TrainOptions options = short_training();
  options.validate_every = 10;
  const auto plain = fresh_model();
  TrainState plain_state;
  train(*plain, *data, {}, options, 7, plain_state, {});
  options.average = 0.9;
  const auto run = [&](Checkpoint& checkpoint, std::int64_t stop_at, std::vector<double>& seen) {
    const Validation first_number = [&](const Model& model) {
      seen.push_back(model.parameters().front().value.detach().flatten()[0].item<double>());
      return 1.0;
    };
    const auto hook = [&](const TrainReport& report, const TrainState&) { return report.step != stop_at; };
    train(*checkpoint.model, *data, first_number, options, 7, checkpoint.state, hook);
  };
  Checkpoint whole{"mesh_graph_net", fresh_model(), 0.1, "", "", {}},
      half{"mesh_graph_net", fresh_model(), 0.1, "", "", {}};
  std::vector<double> seen, resumed;
  run(whole, 0, seen);
  EXPECT_TRUE(same_bits(tensors_of(*whole.model), tensors_of(*plain)));
  run(half, 30, resumed);
  half = unpack_checkpoint(pack_checkpoint(half, true), "memory");
  run(half, 0, resumed);
  EXPECT_EQ(resumed, seen);
  const auto parameter = whole.model->parameters().front();
  const at::Tensor average = whole.state.optimiser.at(average_name(parameter.name));
  EXPECT_EQ(average.flatten()[0].item<double>(), seen.back());
  EXPECT_FALSE(at::equal(average, parameter.value));
  const Checkpoint kept = unpack_checkpoint(pack_checkpoint(whole, false), "memory");
  EXPECT_TRUE(at::equal(kept.model->parameters().front().value.detach(), average));
}

TEST(Train, AnotherSeedGivesOtherSamplesAndNoise) {
  const auto data = small_data(2);
  TrainOptions options = short_training();
  options.steps = 3;
  const auto a = fresh_model(), b = fresh_model();
  TrainState state_a, state_b;
  train(*a, *data, {}, options, 7, state_a, {});
  train(*b, *data, {}, options, 8, state_b, {});
  EXPECT_FALSE(same_bits(tensors_of(*a), tensors_of(*b)));
}

TEST(Train, LowersTheLossOfWhatItSees) {
  const auto data = windows({small_trajectory(3, 1)}, {});  // two samples: learnt by heart
  const auto model = make_model("mesh_graph_net", Config::parse_text("{width: 32, blocks: 2}"), small_shape(), 1);
  TrainOptions options;
  options.steps = 400;
  options.final_rate = 1e-4;
  TrainState state;
  double first = 0, last = 0;
  train(*model, *data, {}, options, 1, state, [&](const TrainReport& report, const TrainState&) {
    (report.step == 1 ? first : last) = report.loss;
    return true;
  });
  EXPECT_GT(first, 0.5);
  // Whoever sees no difference between the two can do no better than half of it.
  const Sample one = data->get(0), other = data->get(1);
  const at::Tensor blind = 0.5 * (model->normalise_target(one.frames[1] - one.frames[0]) -
                                  model->normalise_target(other.frames[1] - other.frames[0]));
  const double half = blind.masked_select(predicted_entries(one)).square().mean().sqrt().item<double>();
  EXPECT_LT(one_step_error(*model, *data, 2), 0.1 * half);
  EXPECT_LT(last, 0.01 * half * half);  // a mean of squares
}

TEST(Train, ABatchIsTheMeanOverItsSamples) {
  // One step of plain descent direction: the gradient of a batch of two is the mean of theirs.
  const auto data = small_data();
  const auto model = small_model();
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model->parameters()) leaves.push_back(parameter.value);
  TrainOptions options;
  options.steps = 1;
  options.batch = 2;
  options.clip_norm = 0;
  const auto order = epoch_order(data->size(), 3, 0);
  const Sample joined = batch({data->get(order[0]), data->get(order[1])});
  TrainState state;
  state.statistics_done = true;
  const double entries = predicted_entries(joined).sum().item<double>();
  const auto gradients = torch::autograd::grad({squared_error(*model, joined, 1) / entries}, leaves);
  train(*model, *data, {}, options, 3, state, {});
  for (std::size_t i = 0; i < leaves.size(); ++i) {  // Adam's first moment after one step is a tenth of the gradient
    EXPECT_TRUE(near(state.optimiser.at("exp_avg." + model->parameters()[i].name), 0.1 * gradients[i], 1e-9));
  }
}

TEST(Train, NoiseIsAShareOfTheFieldsSpread) {
  auto trajectory = small_trajectory(40, 1);
  const auto read = trajectory.read;
  trajectory.read = [read](std::int64_t k0, std::int64_t k1) {
    auto frames = read(k0, k1);
    frames.first = frames.first * at::tensor({3.0, 4.0}, at::kDouble);
    return frames;
  };
  const auto data = windows({trajectory}, {});
  const auto model = fresh_model();
  TrainOptions options;
  options.steps = 1;
  options.noise = 0.5;
  TrainState state;
  train(*model, *data, {}, options, 1, state, {});
  at::Tensor values = trajectory.read(0, 39).first.reshape({-1, 2});
  const double expected = 0.5 * (values - values.mean(0)).square().mean().sqrt().item<double>();
  EXPECT_TRUE(near(state.optimiser.at("noise_deviation"), at::full({2}, expected, at::kDouble), 1e-12));
  options.field_noise = {0.125};  // in the field's unit
  TrainState given;
  train(*fresh_model(), *data, {}, options, 1, given, {});
  EXPECT_TRUE(at::equal(given.optimiser.at("noise_deviation"), at::full({2}, 0.125, at::kDouble)));
}

TEST(Train, LeavesTheModelAsItWasWhereTheLossIsNotFinite) {
  auto trajectory = small_trajectory(8, 1);
  const auto read = trajectory.read;
  trajectory.read = [read](std::int64_t k0, std::int64_t k1) {
    auto frames = read(k0, k1);
    frames.first = frames.first.clone();
    if (k0 <= 5 && 5 < k1) frames.first[5 - k0][7][0] = NAN;
    return frames;
  };
  trajectory.first = 20;
  trajectory.stride = 2;
  const auto data = windows({trajectory}, {});
  const auto model = small_model();
  TrainState state;
  state.statistics_done = true;
  std::vector<at::Tensor> before;
  const auto remember = [&](const TrainReport&, const TrainState&) {
    before = tensors_of(*model);
    return true;
  };
  before = tensors_of(*model);
  try {
    train(*model, *data, {}, TrainOptions{}, 1, state, remember);
    FAIL();
  } catch (const NumericsError& error) {
    // Seven windows an epoch. Frame k of the data is frame 20 + 2 k of the archive, by which its owner knows it.
    EXPECT_THAT(error.what(), HasSubstr("training step " + std::to_string(state.step + 1) + " (epoch 1)"));
    EXPECT_THAT(error.what(), testing::AnyOf(HasSubstr("trajectory 1 frame 28"), HasSubstr("trajectory 1 frame 30")));
  }
  EXPECT_TRUE(same_bits(before, tensors_of(*model)));
}

TEST(Train, ValidatesAndAsksForCheckpointsOnTime) {
  const auto data = small_data();
  const auto model = fresh_model();
  TrainOptions options;
  options.steps = 10;
  options.validate_every = 4;
  options.checkpoint_every = 5;
  std::vector<std::int64_t> validated, saved, best;
  double error = 3;
  TrainState state;
  train(
      *model, *data, [&](const Model&) { return error > 1.5 ? error -= 1 : error + 1; }, options, 1, state,
      [&](const TrainReport& report, const TrainState&) {
        if (report.validation >= 0) validated.push_back(report.step);
        if (report.checkpoint) saved.push_back(report.step);
        if (report.is_best) best.push_back(report.step);
        return true;
      });
  EXPECT_EQ(validated, (std::vector<std::int64_t>{4, 8, 10}));
  EXPECT_EQ(saved, (std::vector<std::int64_t>{5, 10}));
  EXPECT_EQ(best, (std::vector<std::int64_t>{4, 8}));
  EXPECT_EQ(state.best, 1);
}

TEST(Train, EndsWhenItsPatienceIsUsedUp) {
  const auto data = small_data();
  TrainOptions options;
  options.steps = 100;
  options.validate_every = 2;
  options.patience = 3;
  const std::vector<double> errors = {5, 4, 4.5, 3, 3, 3.5, 6, 1};  // three in turn that are no better than 3
  std::size_t k = 0;
  TrainState state;
  bool told = false;
  train(
      *fresh_model(), *data, [&](const Model&) { return errors.at(k++); }, options, 1, state,
      [&](const TrainReport& report, const TrainState&) {
        told = report.is_out_of_patience;
        EXPECT_EQ(report.is_out_of_patience, report.step == 14);
        EXPECT_TRUE(report.checkpoint || !report.is_out_of_patience);
        return true;
      });
  EXPECT_TRUE(told);
  EXPECT_EQ(state.step, 14);
  EXPECT_EQ(state.stale, 3);
  EXPECT_EQ(state.best, 3);
}

// A rollout may blow up early in training: no best yet, also across a resume; the first finite error is the best so
// far.
TEST(Train, AValidationThatIsNotFiniteAtFirst) {
  TrainOptions options = short_training();
  options.validate_every = 10;
  const auto run = [&](std::int64_t stop_at, Checkpoint& checkpoint, std::vector<std::int64_t>& best) {
    const auto validation = [&](const Model&) {
      const double errors[] = {NAN, INFINITY, NAN, 3, 4, 2};
      return errors[checkpoint.state.step / 10 - 1];
    };
    train(*checkpoint.model, *small_data(2), validation, options, 7, checkpoint.state,
          [&](const TrainReport& report, const TrainState& state) {
            if (report.is_best) best.push_back(report.step);
            EXPECT_EQ(state.best, report.step < 40 ? -1 : report.step < 60 ? 3 : 2);
            return report.step < stop_at;
          });
  };
  std::vector<std::int64_t> best, best_in_parts;
  Checkpoint whole{"mesh_graph_net", fresh_model(), 0.1, "", "", {}}, part = whole;
  part.model = fresh_model();
  run(60, whole, best);
  run(20, part, best_in_parts);
  part = unpack_checkpoint(pack_checkpoint(part, true), "memory");
  run(60, part, best_in_parts);
  EXPECT_EQ(best, (std::vector<std::int64_t>{40, 60}));
  EXPECT_EQ(best, best_in_parts);
  EXPECT_TRUE(same_bits(tensors_of(*whole.model), tensors_of(*part.model)));
}

TEST(Train, EndsAfterItsMinutes) {
  const auto data = small_data();
  const auto model = fresh_model();
  TrainOptions options;
  options.steps = 1000000;
  options.minutes = 0.5 / 60;
  TrainState state;
  bool saved = false;
  train(*model, *data, {}, options, 1, state, [&](const TrainReport& report, const TrainState&) {
    saved = report.checkpoint;
    return true;
  });
  EXPECT_GT(state.step, 0);
  EXPECT_LT(state.step, 1000000);
  EXPECT_TRUE(saved);
}

TEST(Train, RefusesWindowsThatDoNotFit) {
  const auto data = small_data(1);
  TrainState state;
  TrainOptions options;
  options.unroll = 2;
  EXPECT_THROW(train(*fresh_model(), *data, {}, options, 1, state, {}), InputError);
  EXPECT_THROW(train(*fresh_model("history: 1"), *data, {}, TrainOptions{}, 1, state, {}), InputError);
}

TEST(Train, RefusesAStateWithoutTheScaleOfItsNoise) {
  TrainState state;
  state.statistics_done = true;
  state.step = 1;
  EXPECT_THROW(train(*fresh_model(), *small_data(2), {}, short_training(), 1, state, {}), InputError);
}

}  // namespace
}  // namespace cotan

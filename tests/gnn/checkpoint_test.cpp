#include "gnn/checkpoint.h"

#include <gmock/gmock.h>

#include <cstring>

#include "gnn/optimiser.h"
#include "tests/gnn/small_graph.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;
using testing::HasSubstr;

Checkpoint small_checkpoint() {
  Checkpoint checkpoint{
      "mesh_graph_net", small_model("history: 1\naggregation: mean"), 0.1, "train:\n  steps: 3\n", "digest: x1\n", {}};
  checkpoint.state.step = 12;
  checkpoint.state.statistics_done = true;
  checkpoint.state.best = 0.1;
  for (const auto& parameter : checkpoint.model->parameters()) {
    for (const auto& name : moment_names(parameter.name)) {
      checkpoint.state.optimiser[name] = random_tensor(parameter.value.sizes(), 7);
    }
  }
  checkpoint.state.optimiser[kNoiseDeviation] = random_tensor({2});
  return checkpoint;
}

TEST(Checkpoint, GivesBackTheSameModelAndState) {
  const Checkpoint saved = small_checkpoint();
  const Checkpoint found = unpack_checkpoint(pack_checkpoint(saved, true), "memory");
  EXPECT_EQ(found.model_name, saved.model_name);
  EXPECT_EQ(found.model->echo(), saved.model->echo());
  EXPECT_EQ(found.model->shape().state, saved.model->shape().state);
  EXPECT_EQ(found.model->shape().inputs, saved.model->shape().inputs);
  EXPECT_EQ(found.model->shape().parameters, saved.model->shape().parameters);
  EXPECT_EQ(found.dt, saved.dt);
  EXPECT_EQ(found.config, saved.config);
  EXPECT_EQ(found.trained_on, saved.trained_on);
  EXPECT_EQ(found.state.step, 12);
  EXPECT_TRUE(found.state.statistics_done);
  EXPECT_EQ(found.state.best, 0.1);
  ASSERT_EQ(found.state.optimiser.size(), saved.state.optimiser.size());
  for (const auto& [name, tensor] : saved.state.optimiser) {
    EXPECT_TRUE(at::equal(found.state.optimiser.at(name), tensor)) << name;
  }
  const Graph graph = grid_graph(7, 5);
  EXPECT_TRUE(at::equal(found.model->forward(small_input(graph)), saved.model->forward(small_input(graph))));
  EXPECT_EQ(unpack_checkpoint(pack_checkpoint(saved, false), "memory").state.step, 0);
}

TEST(Checkpoint, KeepsNamesThatYamlWouldMisread) {
  const ModelShape shape{{{"a: \"b\" #c", 2, On::points, "m/s \\ {x}"}}, {}, {"yes", "- 1"}, 3};
  Checkpoint checkpoint{"mesh_graph_net",
                        make_model("mesh_graph_net", Config::parse_text("{width: 4, blocks: 1}"), shape, 1),
                        0.5,
                        "",
                        "",
                        {}};
  const Checkpoint found = unpack_checkpoint(pack_checkpoint(checkpoint, false), "memory");
  EXPECT_EQ(found.model->shape().state, shape.state);
  EXPECT_EQ(found.model->shape().parameters, shape.parameters);
  EXPECT_EQ(found.model->shape().dim, 3);
}

TEST(HostTensor, KeepsTypeShapeAndBits) {
  for (const at::ScalarType type :
       {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kBool}) {
    const at::Tensor x = (random_tensor({4, 3}) * 10).to(type).t();  // not contiguous
    EXPECT_TRUE(at::equal(from_host(to_host(x)), x));
    EXPECT_EQ(from_host(to_host(x)).scalar_type(), type);
  }
  EXPECT_EQ(from_host(to_host(at::zeros({0, 3}))).sizes(), (at::IntArrayRef{0, 3}));
  EXPECT_EQ(from_host(to_host(at::zeros({}))).dim(), 0);
}

std::string failure(const std::function<void(TensorFile&)>& damage) {
  TensorFile file = pack_checkpoint(small_checkpoint(), true);
  file.metadata.erase("checksum");
  damage(file);
  try {
    unpack_checkpoint(file, "last.safetensors");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Checkpoint, NamesWhatDoesNotFit) {
  const std::string bias = "model.decoder.0.bias";
  EXPECT_EQ(failure([](TensorFile&) {}), "");
  EXPECT_THAT(failure([&](TensorFile& f) { f.tensors.erase(bias); }),
              testing::AllOf(HasSubstr("last.safetensors"), HasSubstr(bias)));
  EXPECT_THAT(failure([&](TensorFile& f) {
                f.tensors[bias].shape = {2, 4};
              }),
              testing::AllOf(HasSubstr(bias), HasSubstr("(2, 4)"), HasSubstr("(8)")));
  EXPECT_THAT(failure([&](TensorFile& f) {
                const double nan = NAN;
                std::memcpy(f.tensors[bias].bytes.data(), &nan, sizeof nan);
              }),
              testing::AllOf(HasSubstr(bias), HasSubstr("not finite")));
  EXPECT_THAT(failure([&](TensorFile& f) { f.tensors["model.decoder.9.bias"] = f.tensors[bias]; }),
              HasSubstr("model.decoder.9.bias"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["format"] = "cotan checkpoint 99"; }),
              testing::AllOf(HasSubstr("99"), HasSubstr("cotan checkpoint 1")));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["roles"] = "interior wall"; }), HasSubstr("interior wall"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata.erase("shape"); }), HasSubstr("'shape'"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["model"] = "transformer"; }), HasSubstr("mesh_graph_net"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["options"] += "depth: 3\n"; }), HasSubstr("depth"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["dt"] = "-1"; }), HasSubstr("dt"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["step"] = "many"; }), HasSubstr("many"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["step"] = "-12"; }), HasSubstr("-12"));
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["best"] = ".inf"; }), HasSubstr("best"));
}

TEST(Checkpoint, WantsTheWholeOptimiser) {
  const std::string mean = "optimiser.exp_avg.decoder.0.bias", square = "optimiser.exp_avg_sq.decoder.0.bias";
  for (const std::string& name : {mean, square}) {
    EXPECT_THAT(failure([&](TensorFile& f) { f.tensors.erase(name); }), HasSubstr(name));
  }
  EXPECT_THAT(failure([&](TensorFile& f) { f.tensors[mean].shape = {2, 4}; }), HasSubstr(mean));
  EXPECT_THAT(failure([&](TensorFile& f) { f.tensors["optimiser.momentum"] = f.tensors[mean]; }),
              HasSubstr("optimiser.momentum"));
  EXPECT_THAT(failure([&](TensorFile& f) { f.tensors["optimiser.noise_deviation"] = f.tensors[mean]; }),
              HasSubstr("optimiser.noise_deviation"));
}

TEST(Checkpoint, AsksForNoMoreMemoryThanTheFileHolds) {
  // 65536 wide and 1000 deep would be 10^14 bytes: refused before any is asked for.
  EXPECT_THAT(failure([](TensorFile& f) { f.metadata["options"] = "{width: 65536, blocks: 1000}"; }),
              testing::AllOf(HasSubstr("last.safetensors"), HasSubstr("parameters")));
}

TEST(CountParameters, IsWhatTheModelHas) {
  for (const std::string options : {"", "hidden: 1", "hidden: 4", "layer_norm: false", "history: 1", "prescribed: none",
                                    "prescribed: mask", "edge_sets: \"mesh, world\"", "blocks: 1"}) {
    const Config config = Config::parse_text("width: 8\n" + options);
    EXPECT_EQ(count_parameters("mesh_graph_net", config, small_shape()),
              make_model("mesh_graph_net", config, small_shape(), 1)->num_parameters())
        << options;
  }
}

TEST(Checkpoint, ItsChecksumTellsAnyChangedBit) {
  const TensorFile whole = pack_checkpoint(small_checkpoint(), true);
  const auto refused = [](const TensorFile& file) {
    try {
      unpack_checkpoint(file, "last.safetensors");
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("last.safetensors"), HasSubstr("damaged")));
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused(whole));
  for (const auto& [name, tensor] : whole.tensors) {  // the lowest bit of a number: nothing else could tell
    TensorFile file = whole;
    file.tensors[name].bytes.front() ^= std::byte{1};
    EXPECT_TRUE(refused(file)) << name;
  }
  for (const std::string key : {"config", "dt", "step", "best", "options", "checksum"}) {
    TensorFile file = whole;
    file.metadata[key].back() ^= 1;
    EXPECT_TRUE(refused(file)) << key;
  }
}

}  // namespace
}  // namespace cotan

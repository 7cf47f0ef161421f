#include "gnn/mesh_graph_net.h"

#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/gnn/small_graph.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;

TEST(MeshGraphNet, HasThePublishedNumberOfParameters) {
  // Velocity and nine roles in, three edge features, 15 blocks of width 128: the network for cylinder_flow.
  const ModelShape shape{{{"velocity", 2}}, {}, {}, 2};
  const auto model = make_model("mesh_graph_net", Config::parse_text("prescribed: none"), shape, 1);
  EXPECT_EQ(model->num_parameters(), 2332930);
  EXPECT_EQ(find(model->parameters(), "encoder.nodes.0.weight").size(1), 11);
  EXPECT_EQ(find(model->parameters(), "encoder.mesh.0.weight").size(1), 3);
}

// The network as it is published, with concatenations and scatters, from the named tensors alone.
at::Tensor plain_mlp(const std::vector<NamedTensor>& p, const std::string& name, at::Tensor x, int layers,
                     bool norm = true) {
  for (int i = 0; i < layers; ++i) {
    const std::string layer = name + "." + std::to_string(i);
    x = at::matmul(i ? at::relu(x) : x, find(p, layer + ".weight").t()) + find(p, layer + ".bias");
  }
  if (!norm) return x;
  const at::Tensor centred = x - x.mean(1, true);
  return centred / (centred.square().mean(1, true) + 1e-5).sqrt() * find(p, name + ".norm.weight") +
         find(p, name + ".norm.bias");
}

at::Tensor plain_normal(const std::vector<NamedTensor>& p, const std::string& name, const at::Tensor& x) {
  at::Tensor deviation = (find(p, name + ".m2") / find(p, name + ".count")).sqrt();
  deviation = at::where(deviation < 1e-9, 1.0, deviation);
  return (x - find(p, name + ".mean")) / deviation;
}

at::Tensor plain_network(const Model& model, const ModelInput& in, int blocks, bool after_residual, bool mean) {
  const auto p = model.parameters(), b = model.buffers();
  const EdgeSet& edges = in.graph.edges("mesh");
  const std::int64_t n = in.graph.num_nodes();
  const at::Tensor one_hot = (in.graph.role.unsqueeze(1) == at::arange(9)).to(at::kDouble);
  const at::Tensor mask = in.prescribed_mask.to(at::kDouble);
  const at::Tensor nodes = at::cat(
      {in.state, in.inputs, in.parameters.expand({n, 1}), one_hot, mask, (in.prescribed_next - in.state) * mask}, 1);
  const at::Tensor s = edges.sender(), r = edges.receiver, position = in.graph.position;
  const at::Tensor offset = position.index_select(0, r) - position.index_select(0, s);
  const at::Tensor links = at::cat({offset, offset.norm(2, 1, true)}, 1);
  at::Tensor v = plain_mlp(p, "encoder.nodes", plain_normal(b, "statistics.nodes", nodes), 3);
  at::Tensor e = plain_mlp(p, "encoder.mesh", plain_normal(b, "statistics.mesh", links), 3);
  for (int i = 0; i < blocks; ++i) {
    const std::string block = "block." + std::to_string(i);
    const at::Tensor seen = at::cat({v.index_select(0, s), v.index_select(0, r), e}, 1);
    const at::Tensor change = plain_mlp(p, block + ".mesh", seen, 3);
    at::Tensor sum = at::zeros_like(v).index_add(0, r, after_residual ? e + change : change);
    if (mean) sum = sum / at::bincount(r, {}, n).unsqueeze(1);
    v = v + plain_mlp(p, block + ".nodes", at::cat({v, sum}, 1), 3);
    e = e + change;
  }
  return plain_mlp(p, "decoder", v, 3, false);
}

TEST(MeshGraphNet, EqualsThePlainNetworkWithConcatenations) {
  const Graph graph = grid_graph(7, 5);
  const ModelInput input = small_input(graph);
  for (const bool after : {false, true}) {
    for (const bool mean : {false, true}) {
      const auto model = small_model(std::string("node_update: ") + (after ? "after_residual" : "before_residual") +
                                     "\naggregation: " + (mean ? "mean" : "sum"));
      EXPECT_TRUE(near(model->forward(input), plain_network(*model, input, 3, after, mean), 1e-13));
    }
  }
}

TEST(MeshGraphNet, IsInvariantToTranslation) {
  const auto model = small_model();
  const Graph graph = grid_graph(7, 5);
  Graph moved = graph;
  moved.position = graph.position + at::tensor({4.0, -2.0}, at::kDouble);
  EXPECT_TRUE(near(model->forward(small_input(moved)), model->forward(small_input(graph)), 1e-13));
}

TEST(MeshGraphNet, CommutesWithRenumbering) {
  const auto model = small_model("history: 1");
  const at::Tensor order = random_order(35, 2);
  const Graph graph = grid_graph(7, 5), renumbered = grid_graph(7, 5, order);
  const at::Tensor expected = model->forward(small_input(graph)).index_select(0, order);
  EXPECT_TRUE(near(model->forward(small_input(renumbered)), expected, 1e-12));
}

TEST(MeshGraphNet, SeesAsFarAsItHasBlocks) {
  const auto model = small_model();  // three blocks
  const Graph graph = grid_graph(9, 1);
  const ModelInput input = small_input(graph);
  ModelInput changed = input;
  changed.state = input.state.clone();
  changed.state[0] += 1;
  const at::Tensor change = (model->forward(changed) - model->forward(input)).abs().sum(1);
  EXPECT_GT(change[3].item<double>(), 1e-8);
  EXPECT_EQ(change.slice(0, 4).abs().max().item<double>(), 0);
}

TEST(MeshGraphNet, GradientsMeetDifferences) {
  const Graph graph = grid_graph(4, 3);
  ModelInput input = small_input(graph);
  for (const std::string activation : {"silu", "gelu", "tanh"}) {  // smooth ones
    const auto model = small_model("activation: " + activation + "\nhistory: 1");
    const auto in_state = [&](const at::Tensor& state) {
      ModelInput moved = input;
      moved.state = state;
      return model->forward(moved);
    };
    EXPECT_TRUE(check_gradient(in_state, input.state, 1e-6)) << activation;
  }
}

TEST(MeshGraphNet, GradientsInEveryParameterMeetDifferences) {
  const Graph graph = grid_graph(4, 3);
  const ModelInput input = small_input(graph);
  const auto model = small_model("activation: silu");
  const at::Tensor weight = random_tensor({12, 2}, 8);
  const auto objective = [&] { return (model->forward(input) * weight).sum(); };
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model->parameters()) leaves.push_back(parameter.value);
  const auto gradients = torch::autograd::grad({objective()}, leaves);
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < leaves.size(); ++i) {  // along a random direction in each tensor
    const at::Tensor direction = random_tensor(leaves[i].sizes(), i), start = leaves[i].clone();
    double ends[2];
    for (const int side : {0, 1}) {
      leaves[i].copy_(start + (side ? 1e-5 : -1e-5) * direction);
      ends[side] = objective().item<double>();
    }
    leaves[i].copy_(start);
    const double expected = (ends[1] - ends[0]) / 2e-5, found = (gradients[i] * direction).sum().item<double>();
    EXPECT_NEAR(found, expected, 1e-6 * (1 + std::abs(expected))) << model->parameters()[i].name;
  }
}

TEST(MeshGraphNet, EveryOptionChangesThePrediction) {
  const Graph graph = grid_graph(7, 5);
  const ModelInput input = small_input(graph);
  const at::Tensor base = small_model()->forward(input);
  for (const std::string option :
       {"activation: tanh", "aggregation: mean", "node_update: after_residual", "layer_norm: false", "history: 1",
        "prescribed: mask", "prescribed: none", "hidden: 1"}) {
    EXPECT_GT(relative_difference(small_model(option)->forward(input), base), 1e-3) << option;
  }
  EXPECT_GT(relative_difference(small_model("", 6)->forward(input), base), 1e-3) << "seed";
  EXPECT_EQ(relative_difference(small_model("", 5)->forward(input), base), 0);
}

TEST(MeshGraphNet, HasAnEdgeUpdateForEachSet) {
  Graph graph = grid_graph(7, 5);
  const at::Tensor far = at::tensor({0, 34, 3}, at::kLong);
  graph.edge_sets.push_back(edges_between("world", far, far.flip(0), graph.position));
  const auto model = make_model("mesh_graph_net", Config::parse_text("{width: 8, blocks: 2, edge_sets: 'mesh, world'}"),
                                small_shape(), 1);
  const ModelInput input = small_input(graph);
  model->accumulate(input, input.state);
  const at::Tensor with = model->forward(input);
  graph.edge_sets.back() = edges_between("world", far.slice(0, 0, 0), far.slice(0, 0, 0), graph.position);
  EXPECT_GT(relative_difference(model->forward(input), with), 1e-3);
}

std::string failure(const std::string& options, const ModelShape& shape = small_shape()) {
  try {
    make_model("mesh_graph_net", Config::parse_text(options, "run.yaml"), shape, 1);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(MeshGraphNet, RefusesBadOptions) {
  using testing::HasSubstr;
  EXPECT_THAT(failure("widht: 8"), testing::AllOf(HasSubstr("run.yaml:1"), HasSubstr("width")));
  EXPECT_THAT(failure("width: 0"), HasSubstr("out of range"));
  EXPECT_THAT(failure("activation: rleu"), testing::AllOf(HasSubstr("rleu"), HasSubstr("relu")));
  EXPECT_THAT(failure("edge_sets: ''"), HasSubstr("no edge set"));
  EXPECT_THAT(failure("edge_sets: mesh, mesh"), HasSubstr("twice"));
  EXPECT_THAT(failure("", {{{"p", 1, On::cells}}, {}, {}, 2}), HasSubstr("'p' is on cells"));
  EXPECT_THAT(failure("", {{}, {}, {}, 2}), HasSubstr("no state field"));
  EXPECT_THROW(make_model("mesh_graf_net", Config(), small_shape(), 1), InputError);
}

TEST(MeshGraphNet, RefusesInputsThatDoNotFit) {
  const auto model = small_model();
  const Graph graph = grid_graph(7, 5);
  ModelInput without = small_input(graph), narrow = small_input(graph);
  without.inputs = at::Tensor();
  EXPECT_THROW(model->forward(without), Error);
  narrow.state = narrow.state.slice(1, 0, 1);
  EXPECT_THROW(model->forward(narrow), Error);
}

// Single precision goes through kernels of our own, double through LibTorch's operations. The graph is small so that no
// hidden value is within round-off of ReLU's corner, where the gradients would differ.
TEST(MeshGraphNet, IsTheSameNetworkInSingleAndDoublePrecision) {
  for (const char* options :
       {"width: 32", "width: 32\nnode_update: after_residual\naggregation: mean", "width: 32\nrecompute: true"}) {
    const Graph graph = grid_graph(12, 9);
    const auto run = [&](at::ScalarType type, std::string text) {
      if (type == at::kDouble) text = text.substr(0, text.find("\nrecompute"));
      auto model = make_model("mesh_graph_net", Config::parse_text("blocks: 3\n" + text), small_shape(), 5);
      model->to(type);
      ModelInput input = small_input(graph);
      model->accumulate(input, 0.1 * random_tensor({graph.num_nodes(), 2}, 51));
      const at::Tensor out = model->forward(input);
      std::vector<at::Tensor> leaves;
      for (const auto& p : model->parameters()) leaves.push_back(p.value);
      auto all =
          torch::autograd::grad({(out * random_tensor(out.sizes(), 52).to(type)).sum()}, leaves, {}, {}, false, true);
      all.push_back(out);
      return all;
    };
    const auto single = run(at::kFloat, options), twice = run(at::kDouble, options);
    for (std::size_t i = 0; i < single.size(); ++i) {
      ASSERT_EQ(single[i].defined(), twice[i].defined());
      if (!single[i].defined()) continue;
      const double scale = twice[i].norm().item<double>();
      EXPECT_LT((single[i].to(at::kDouble) - twice[i]).norm().item<double>(), 1e-5 * scale) << i << " " << options;
    }
  }
}

TEST(MeshGraphNet, RecomputesOnlyWhereItHasKernels) {
  const auto model =
      make_model("mesh_graph_net", Config::parse_text("width: 8\nblocks: 1\nrecompute: true"), small_shape(), 5);
  const Graph graph = grid_graph(7, 5);
  EXPECT_THROW(model->forward(small_input(graph)), InputError);
}

}  // namespace
}  // namespace cotan

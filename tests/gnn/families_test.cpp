// The families of the MeshGraphNets paper by configuration: their inputs, outputs and integration against values that
// were computed by hand, and their numbers of parameters against the published layer sizes.
#include <gmock/gmock.h>

#include "gnn/loss.h"
#include "gnn/simulator.h"
#include "tests/given_model.h"
#include "tests/gnn/small_graph.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;

// Parameters of perceptrons with two hidden layers of 128.
std::int64_t mlp(std::int64_t in, std::int64_t out, bool norm) {
  return (in + 1) * 128 + 129 * 128 + 129 * out + (norm ? 2 * out : 0);
}

struct Family {
  const char* name;
  ModelShape shape;
  const char* options;
  std::int64_t node, mesh, world, out;  // columns
};

std::vector<Family> families() {
  const FieldUse value{0, Sees::nothing, false}, change{1, Sees::value, false}, swing{2, Sees::change, true},
      place{1, Sees::nothing, true};
  return {
      {"cylinder", {{{"velocity", 2}, {"pressure", 1}}, {}, {}, 2, {change, value}}, "prescribed: none", 11, 3, 0, 3},
      {"airfoil",
       {{{"velocity", 2}, {"density", 1}, {"pressure", 1}}, {}, {}, 2, {change, change, value}},
       "prescribed: none",
       12,
       3,
       0,
       4},
      {"flag", {{{"world_pos", 3}}, {}, {}, 2, {swing}}, "prescribed: none", 12, 7, 0, 3},
      {"plate",
       {{{"world_pos", 3}, {"stress", 1}}, {}, {}, 3, {place, value}},
       "prescribed: change\nedge_sets: \"mesh, world\"\nworld_radius: 0.03",
       12,
       8,
       4,
       4},
  };
}

TEST(Families, HaveThePublishedInputsAndOutputs) {
  for (const auto& f : families()) {
    const auto model = make_model("mesh_graph_net", Config::parse_text(f.options), f.shape, 1);
    const int sets = f.world > 0 ? 2 : 1;
    const std::int64_t block = sets * mlp(384, 128, true) + mlp(128 * (1 + sets), 128, true);
    EXPECT_EQ(model->num_parameters(), mlp(f.node, 128, true) + mlp(f.mesh, 128, true) +
                                           (f.world > 0 ? mlp(f.world, 128, true) : 0) + 15 * block +
                                           mlp(128, f.out, false))
        << f.name;
    EXPECT_EQ(model->num_parameters(), count_parameters("mesh_graph_net", Config::parse_text(f.options), f.shape));
    EXPECT_EQ(find(model->parameters(), "encoder.nodes.0.weight").size(1), f.node) << f.name;
    EXPECT_EQ(find(model->parameters(), "encoder.mesh.0.weight").size(1), f.mesh) << f.name;
    EXPECT_EQ(find(model->buffers(), "statistics.target.mean").numel(), f.out) << f.name;
    EXPECT_EQ(model->history(), std::string(f.name) == "flag" ? 1 : 0);
    EXPECT_THAT(model->edge_sets(), testing::ElementsAre("mesh"));
  }
}

// Three points of a triangle, mesh_pos (0,0), (1,0), (0,2); the second is of role obstacle.
Graph triangle(int dim) {
  Graph graph;
  graph.position = at::tensor({0.0, 0.0, 1.0, 0.0, 0.0, 2.0}, at::kDouble).view({3, 2});
  if (dim == 3) graph.position = at::cat({graph.position, at::zeros({3, 1}, at::kDouble)}, 1);
  graph.role = at::tensor({0, 1, 0}, at::kLong);
  graph.edge_sets = {
      edges_between("mesh", at::tensor({0, 1}, at::kLong), at::tensor({1, 2}, at::kLong), graph.position)};
  graph.graph_of_node = at::zeros({3}, at::kLong);
  graph.num_owned = 3;
  graph.owned = at::ones({3}, at::kBool);
  graph.global = at::arange(3);
  return graph;
}

// What the network was shown, as means over nodes or edges: those of its statistics after one sample.
std::vector<double> shown(const Model& model, const std::string& what) {
  const at::Tensor mean = find(model.buffers(), "statistics." + what + ".mean");
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

TEST(Families, ShowTheFlagItsVelocityAndBothLengths) {
  const Family flag = families()[2];
  const auto model =
      make_model("mesh_graph_net", Config::parse_text(std::string(flag.options) + "\nwidth: 16"), flag.shape, 1);
  const Graph graph = triangle(2);
  const HaloExchange alone;
  ModelInput input{graph, alone, 0.0, 0.1};
  input.previous = at::tensor({0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0}, at::kDouble).view({3, 3});
  input.state = at::tensor({0.0, 0.0, 3.0, 1.0, 0.0, 0.0, 0.0, 2.0, -6.0}, at::kDouble).view({3, 3});
  model->accumulate(input, at::zeros({3, 3}, at::kDouble));
  // x_t - x_(t-1) is (0,0,3), (0,0,0), (0,0,-6); two interior points of three, one obstacle.
  EXPECT_THAT(shown(*model, "nodes"), testing::Pointwise(testing::DoubleEq(), {0.0, 0.0, -1.0, 2.0 / 3, 1.0 / 3, 0.0,
                                                                               0.0, 0.0, 0.0, 0.0, 0.0, 0.0}));
  // Edges 0 -> 1 and 1 -> 2: world (1,0,-3) and (-1,2,-6), mesh (1,0) and (-1,2).
  const double world = (std::sqrt(10.0) + std::sqrt(41.0)) / 2, mesh = (1 + std::sqrt(5.0)) / 2;
  EXPECT_THAT(shown(*model, "mesh"),
              testing::Pointwise(testing::DoubleNear(1e-15), {0.0, 1.0, -4.5, world, 0.0, 1.0, mesh}));
  // The target is the acceleration, dt folded in: 3 - 2*3 + 0 = -3 for a point that stays where it is.
  Sample sample;
  sample.graph = std::make_shared<Graph>(graph);
  sample.times = {0, 0.1, 0.2};
  sample.present = 1;
  sample.frames = at::stack({input.previous, input.state, input.state});
  const at::Tensor target = target_of(*model, sample, 1, input.state);
  EXPECT_EQ(target[0][2].item<double>(), -3);
  EXPECT_EQ(target[2][2].item<double>(), 6);
  EXPECT_EQ(target[1].abs().sum().item<double>(), 0);
}

TEST(Families, ShowThePlateItsObstaclesMotionAndWhatIsNear) {
  const Family plate = families()[3];
  const auto model =
      make_model("mesh_graph_net",
                 Config::parse_text("prescribed: change\nedge_sets: \"mesh, world\"\nworld_radius: 2.5\nwidth: 16"),
                 plate.shape, 1);
  Graph graph = triangle(3);
  graph.edge_sets = {
      edges_between("mesh", at::tensor({0, 1, 1, 2}, at::kLong), at::tensor({1, 2, 0, 1}, at::kLong), graph.position)};
  const HaloExchange alone;
  ModelInput input{graph, alone, 0.0, 0.1};
  input.state = at::tensor({0.0, 0.0, 0.0, 7.0, 1.0, 0.0, 0.0, 7.0, 0.0, 2.0, 0.0, 7.0}, at::kDouble).view({3, 4});
  input.prescribed_mask = at::zeros({3, 4}, at::kBool);
  input.prescribed_mask.select(0, 1).narrow(0, 0, 3).fill_(true);
  input.prescribed_next = at::zeros({3, 4}, at::kDouble);
  input.prescribed_next[1].copy_(at::tensor({0.7, 0.0, 0.6, 0.0}, at::kDouble));
  model->accumulate(input, at::zeros({3, 4}, at::kDouble));
  // Neither positions nor stress; the obstacle's next displacement (-0.3, 0, 0.6), a third of it as a mean.
  const auto nodes = shown(*model, "nodes");
  ASSERT_EQ(nodes.size(), 12u);
  EXPECT_NEAR(nodes[0], 2.0 / 3, 1e-15);
  EXPECT_NEAR(nodes[1], 1.0 / 3, 1e-15);
  EXPECT_NEAR(nodes[9], -0.1, 1e-15);
  EXPECT_NEAR(nodes[11], 0.2, 1e-15);
  // The pair 0, 2 is 2 apart and no mesh edge; 0, 1 and 1, 2 are joined by the mesh.
  EXPECT_THAT(shown(*model, "world"), testing::Pointwise(testing::DoubleNear(1e-15), {0.0, 0.0, 0.0, 2.0}));
  EXPECT_EQ(find(model->buffers(), "statistics.world.count").item<double>(), 2);
  // Stress is predicted as it is, position as its change.
  Sample sample;
  sample.graph = std::make_shared<Graph>(graph);
  sample.times = {0, 0.1};
  sample.frames = at::stack({input.state, input.state + 0.25});
  EXPECT_TRUE(
      near(target_of(*model, sample, 0, input.state)[0], at::tensor({0.25, 0.25, 0.25, 7.25}, at::kDouble), 1e-15));
}

TEST(Families, IntegrateByTheOrderOfEachField) {
  const ModelShape shape{
      {{"x", 1}, {"v", 1}, {"p", 1}}, {}, {}, 2, {{2, Sees::change, false}, {}, {0, Sees::nothing, false}}};
  SimulatorInput input;
  input.graph = std::make_shared<Graph>(triangle(2));
  const auto same = [](const ModelInput&) { return at::tensor({1.0, 0.5, 9.0}, at::kDouble).expand({3, 3}); };
  const System system = make_simulator(std::make_shared<GivenModel>(shape, same, 1), input, 0.1);
  const auto frame = [&](double t, double x) {
    const auto all = [](double value) { return at::full({3, 1}, value, at::kDouble); };
    return Frame{t, Fields({{"x", On::points, all(x)}, {"v", On::points, all(2)}, {"p", On::points, all(-1)}})};
  };
  const std::vector<Frame> first{frame(0, 3), frame(0.1, 5)};
  State state = system.lift(first);
  const double x[] = {8, 12, 17}, v[] = {2.5, 3, 3.5};  // 2*5 - 3 + 1, 2*8 - 5 + 1, 2*12 - 8 + 1
  for (int k = 0; k < 3; ++k) {
    state = system.step(0.1 * (k + 1), 0.1, state);
    const Fields seen = system.view(state);
    EXPECT_EQ(seen["x"][0].item<double>(), x[k]);
    EXPECT_EQ(seen["v"][0].item<double>(), v[k]);
    EXPECT_EQ(seen["p"][0].item<double>(), 9);
  }
}

TEST(Families, RefuseWhatDoesNotFitTogether) {
  const ModelShape flag = families()[2].shape;
  const auto refused = [&](const std::string& options, const ModelShape& shape, const std::string& word) {
    try {
      make_model("mesh_graph_net", Config::parse_text(options), shape, 1);
      ADD_FAILURE() << options;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(word));
    }
  };
  refused("predicts: rate", flag, "order 2");
  refused("world_radius: 0.1", flag, "edge_sets");
  refused("world_radius: 0.1\nedge_sets: \"mesh, world\"", families()[0].shape, "position");
  const auto parse = [](const char* text) { return read_field_use(Config::parse_text(text)); };
  EXPECT_EQ(parse("order: 0"), (FieldUse{0, Sees::nothing, false}));
  EXPECT_EQ(parse("order: 2\nposition: true"), (FieldUse{2, Sees::change, true}));
  EXPECT_EQ(parse("position: true"), (FieldUse{1, Sees::nothing, true}));
  EXPECT_EQ(parse("order: 0\nsees: value"), (FieldUse{0, Sees::value, false}));
  EXPECT_THROW(parse("order: 3"), InputError);
  EXPECT_THROW(parse("sees: all"), InputError);
}

}  // namespace
}  // namespace cotan

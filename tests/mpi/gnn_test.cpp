// A network on a mesh that is shared between ranks gives what it gives on one: prediction, statistics, gradients, a
// rollout and the weights after 20 steps of training. Each rank also computes the whole by itself and compares.
#include "gnn/loss.h"
#include "gnn/optimiser.h"
#include "gnn/simulator.h"
#include "gnn/trainer.h"
#include "integrators/rollout.h"
#include "mesh/edge_sets.h"
#include "mesh/generate.h"
#include "mesh/laplacian.h"
#include "mesh/mirror_edges.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using namespace testing_checks;

constexpr std::int64_t kFrames = 6;

Mesh whole_mesh() {
  return jiggled(rectangle(8, 6), 0.3, 1);
}

std::vector<Role> roles_of(const Mesh& mesh) {
  std::vector<Role> roles(mesh.num_points(), Role::interior);
  for (const Facet& facet : boundary_facets(mesh)) {
    for (const Index i : facet_corners(mesh, facet))
      roles[i] = mesh.point(i)[0] > 1 - 1e-9 ? Role::outflow : Role::wall;
  }
  return roles;
}

/// Frames by global point number, so that every rank reads its rows of the same ones.
TrajectorySource trajectory(std::shared_ptr<const Graph> graph, const HaloExchange& halo, std::int64_t points) {
  TrajectorySource source;
  const at::Tensor frames = (0.1 * random_tensor({kFrames, points, 2}, 4).cumsum(0)).index_select(1, graph->global);
  const at::Tensor wind = random_tensor({kFrames, points, 1}, 5).index_select(1, graph->global);
  source.graph = graph;
  source.halo = halo;
  for (std::int64_t k = 0; k < kFrames; ++k) source.times.push_back(0.1 * static_cast<double>(k));
  source.read = [frames, wind](std::int64_t k0, std::int64_t k1) {
    return std::pair(frames.slice(0, k0, k1), wind.slice(0, k0, k1));
  };
  source.parameters = at::full({1, 1}, 0.3, at::kDouble);
  source.fixed = (graph->role == static_cast<std::int64_t>(Role::wall)).unsqueeze(1).expand({graph->num_nodes(), 2});
  source.name = "random";
  return source;
}

DatasetPtr samples(const TrajectorySource& source) {
  WindowOptions options;
  options.future = 2;
  return windows({source}, options);
}

/// Blocks of points, or the same with nothing for rank 0.
struct Shared {
  TrajectorySource whole_source, part_source;
  DatasetPtr whole, part;
  Comm comm = Comm::world();
  explicit Shared(bool empty_first) {
    const Mesh mesh = whole_mesh();
    const auto roles = roles_of(mesh);
    const Adjacency neighbours = point_neighbours(mesh);
    std::vector<int> owner = block_partitioner()(neighbours, comm.size());
    if (empty_first && comm.size() > 1) std::replace(owner.begin(), owner.end(), 0, comm.size() - 1);
    const Part mine = make_part(neighbours, owner, comm.rank());
    const auto graph = [&](Graph plain) {
      return std::make_shared<Graph>(
          with_edge_sets(std::move(plain), mesh, {}, std::vector<std::string>{kLaplacian, kMirror}));
    };
    whole_source = trajectory(graph(make_graph(mesh, roles)), {}, mesh.num_points());
    part_source = trajectory(graph(make_graph(mesh, mine, roles)), {mine.halo, comm}, mesh.num_points());
    whole = samples(whole_source);
    part = samples(part_source);
  }
  /// The owned rows of what the whole says.
  at::Tensor owned(const at::Tensor& of_whole) const {
    const Graph& graph = *part_source.graph;
    return of_whole.index_select(0, graph.global.slice(0, 0, graph.num_owned));
  }
};

/// Whether the first rank is left empty, and whether the field is where the points are, which see who is near: they
/// move at random, so who that is changes with each frame, and any two ranks may own them.
struct Case {
  std::string name;
  bool empty_first, moving;
  bool phympgn = false;
  friend std::ostream& operator<<(std::ostream& out, const Case& of) { return out << of.name; }
};

std::unique_ptr<Model> network(const Case& of, const std::string& options = "width: 8, activation: silu",
                               at::ScalarType type = at::kDouble) {
  ModelShape shape{{{"velocity", 2}}, {{"wind", 1}}, {}, 2};
  std::string edges;
  if (of.moving) {
    shape.uses = {{1, Sees::nothing, /*is_position=*/true}};
    edges = ", edge_sets: 'mesh, world', world_radius: 0.06";
  }
  if (of.phympgn) {
    shape.parameters = {"d"};
    const Config options_of = Config::parse_text(
        "{layers: 3, hidden: 2, laplace_width: 8, diffusion: 0.1 * d * d, sees_parameters: true, flux: '0.01 * "
        "is_outflow "
        "* (wind - velocity_x), 0.002 * is_outflow', " +
        options + "}");
    auto model = make_model("phympgn", options_of, shape, 3);
    model->to(type);
    return model;
  }
  auto model = make_model("mesh_graph_net", Config::parse_text("{blocks: 4, " + options + edges + "}"), shape, 3);
  model->to(type);
  return model;
}

void accumulate(Model& model, const Dataset& data) {
  for (std::int64_t k = 0; k < data.size(); ++k) {
    const Sample sample = data.get(k);
    const at::Tensor& state = sample.frames[0];
    model.accumulate(model_input(model, sample, 0, state), target_of(model, sample, 0, state));
  }
}

std::vector<at::Tensor> gradient(const Model& model, const Sample& sample, const Comm& comm) {  // of two steps
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model.parameters()) leaves.push_back(parameter.value);
  const at::Tensor error = squared_error(model, sample, 2);
  FlatGradients all = flatten(torch::autograd::grad({error}, leaves), model.parameters());
  sum_over_ranks(all, comm);
  return all.views;
}

class SharedMesh : public testing::TestWithParam<Case> {};

TEST_P(SharedMesh, StatisticsAndPredictionAreThoseOfTheWhole) {
  const Shared shared(GetParam().empty_first);
  const auto alone = network(GetParam()), together = network(GetParam());
  accumulate(*alone, *shared.whole);
  accumulate(*together, *shared.part);
  for (std::size_t i = 0; i < alone->buffers().size(); ++i) {
    EXPECT_TRUE(near(together->buffers()[i].value, alone->buffers()[i].value, 1e-12)) << alone->buffers()[i].name;
  }
  const Sample part = shared.part->get(1), whole = shared.whole->get(1);
  const at::Tensor found = together->forward(model_input(*together, part, 0, part.frames[0]));
  const at::Tensor expected = alone->forward(model_input(*alone, whole, 0, whole.frames[0]));
  const at::Tensor mine = shared.owned(expected), difference = found.slice(0, 0, mine.size(0)) - mine;
  EXPECT_LE(difference.abs().sum().item<double>(), 1e-12 * expected.abs().max().item<double>());
  if (GetParam().moving) {
    const auto buffers = alone->buffers();
    const auto count = std::find_if(buffers.begin(), buffers.end(),
                                    [](const NamedTensor& buffer) { return buffer.name == "statistics.world.count"; });
    ASSERT_NE(count, buffers.end());
    EXPECT_GT(count->value.item<double>(), 100) << "points meet";
  }
}

// In single precision the kernels by rows are in use, where the processor has them.
TEST_P(SharedMesh, InSinglePrecisionTooToRoundOff) {
  const Shared shared(GetParam().empty_first);
  for (const std::string options : {"width: 16", "width: 16, aggregation: mean"}) {
    const std::string more = GetParam().phympgn || options.size() < 10 ? "" : ", node_update: after_residual";
    const auto model = network(GetParam(), options + more, at::kFloat);
    accumulate(*model, *shared.whole);
    const Sample part = shared.part->get(1), whole = shared.whole->get(1);
    const at::Tensor expected = model->forward(model_input(*model, whole, 0, whole.frames[0]));
    const at::Tensor found = model->forward(model_input(*model, part, 0, part.frames[0]));
    const at::Tensor mine = shared.owned(expected), difference = found.slice(0, 0, mine.size(0)) - mine;
    EXPECT_LE(difference.abs().sum().item<double>(), 1e-5 * expected.abs().max().item<double>());
    const auto by_parts = gradient(*model, part, shared.comm), by_whole = gradient(*model, whole, {});
    for (std::size_t i = 0; i < by_parts.size(); ++i) {
      EXPECT_TRUE(near(by_parts[i], by_whole[i], 1e-3)) << model->parameters()[i].name;
    }
  }
}

TEST_P(SharedMesh, GradientsThroughTwoStepsAreThoseOfTheWhole) {
  const Shared shared(GetParam().empty_first);
  const auto model = network(GetParam());
  accumulate(*model, *shared.whole);
  const auto expected = gradient(*model, shared.whole->get(2), {});
  const auto found = gradient(*model, shared.part->get(2), shared.comm);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(near(found[i], expected[i], 1e-12)) << model->parameters()[i].name;
  }
}

TEST_P(SharedMesh, TwentyStepsOfTrainingEndWhereTheWholeEnds) {
  const Shared shared(GetParam().empty_first);
  TrainOptions options;
  options.steps = 20;
  options.noise = 0.1;
  const auto alone = network(GetParam()), together = network(GetParam());
  TrainState state_alone, state_together;
  double loss_alone = 0, loss_together = 0;
  train(*alone, *shared.whole, {}, options, 1, state_alone, [&](const TrainReport& report, const TrainState&) {
    loss_alone = report.loss;
    return true;
  });
  train(
      *together, *shared.part, {}, options, 1, state_together,
      [&](const TrainReport& report, const TrainState&) {
        loss_together = report.loss;
        return true;
      },
      shared.comm);
  EXPECT_NEAR(loss_together, loss_alone, 1e-12 * loss_alone);
  for (std::size_t i = 0; i < alone->parameters().size(); ++i) {
    EXPECT_TRUE(near(together->parameters()[i].value, alone->parameters()[i].value, 1e-12))
        << alone->parameters()[i].name;
  }
}

at::Tensor end_of_rollout(std::shared_ptr<const Model> model, const TrajectorySource& source,
                          const Stepping& stepping = {}) {
  SimulatorInput input;
  input.graph = source.graph;
  input.halo = source.halo;
  input.parameters = source.parameters;
  const auto wind = source.read(0, 1).second[0];
  input.inputs = [wind](double) { return wind; };
  input.prescribed.add("velocity", source.fixed, [&](double t) {
    const auto k = std::min<std::int64_t>(std::llround(t / 0.1), kFrames - 1);
    return source.read(k, k + 1).first[0];
  });
  const Frame first{0, Fields({{"velocity", On::points, source.read(0, 1).first[0]}})};
  std::vector<double> times;
  for (int k = 0; k <= 10; ++k) times.push_back(0.1 * k);
  const System system = make_simulator(std::move(model), input, 0.1, stepping);
  const RolloutResult result = rollout(system, {{first}}, times, {}, source.halo.comm());
  EXPECT_EQ(result.steps, 10);
  return system.view(result.state)["velocity"];
}

TEST_P(SharedMesh, ARolloutEndsWhereTheWholeEnds) {
  const Shared shared(GetParam().empty_first);
  const std::shared_ptr<Model> model = network(GetParam());
  accumulate(*model, *shared.whole);
  const at::Tensor expected = end_of_rollout(model, shared.whole_source);
  const at::Tensor found = end_of_rollout(model, shared.part_source), mine = shared.owned(expected);
  EXPECT_LE((found.slice(0, 0, mine.size(0)) - mine).abs().sum().item<double>(),
            1e-11 * expected.abs().max().item<double>());
  EXPECT_GT((expected - shared.whole_source.read(0, 1).first[0]).abs().max().item<double>(), 0.01) << "points move";
}

// Steps that a tolerance or a Newton iteration ends are the same on all ranks, or they would wait for each other.
TEST_P(SharedMesh, ARateIsIntegratedAlikeByToleranceAndImplicitly) {
  if (!GetParam().phympgn) GTEST_SKIP() << "predicts increments";
  const Shared shared(GetParam().empty_first);
  const std::shared_ptr<Model> model = network(GetParam());
  accumulate(*model, *shared.whole);
  const std::vector<Stepping> ways{{make_integrator("tsitouras"), 1, SolveOptions{1e-5, 1e-5}},
                                   {make_integrator("backward_euler"), 2}};
  for (const Stepping& stepping : ways) {
    const at::Tensor expected = end_of_rollout(model, shared.whole_source, stepping);
    const at::Tensor found = end_of_rollout(model, shared.part_source, stepping), mine = shared.owned(expected);
    EXPECT_LE((found.slice(0, 0, mine.size(0)) - mine).abs().sum().item<double>(),
              1e-7 * expected.abs().max().item<double>());
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, SharedMesh,
                         testing::Values(Case{"Blocks", false, false}, Case{"NothingOnRankZero", true, false},
                                         Case{"PhyMpgn", false, false, true},
                                         Case{"PhyMpgnNothingOnRankZero", true, false, true},
                                         Case{"MovingPoints", false, true},
                                         Case{"MovingPointsNothingOnRankZero", true, true}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace cotan

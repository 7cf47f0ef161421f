// A network on a mesh that is shared between ranks gives what it gives on one: prediction, statistics, gradients and
// the weights after 20 steps of training. Each rank also computes the whole by itself and compares.
#include "gnn/loss.h"
#include "gnn/optimiser.h"
#include "gnn/trainer.h"
#include "mesh/generate.h"
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
    for (const Index i : facet_corners(mesh, facet)) roles[i] = Role::wall;
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
  source.fixed = (graph->role != 0).unsqueeze(1).expand({graph->num_nodes(), 2});
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
  DatasetPtr whole, part;
  Comm comm = Comm::world();
  explicit Shared(bool empty_first) {
    const Mesh mesh = whole_mesh();
    const auto roles = roles_of(mesh);
    const Adjacency neighbours = point_neighbours(mesh);
    std::vector<int> owner = block_partitioner()(neighbours, comm.size());
    if (empty_first && comm.size() > 1) std::replace(owner.begin(), owner.end(), 0, comm.size() - 1);
    const Part mine = make_part(neighbours, owner, comm.rank());
    whole = samples(trajectory(std::make_shared<Graph>(make_graph(mesh, roles)), {}, mesh.num_points()));
    part = samples(
        trajectory(std::make_shared<Graph>(make_graph(mesh, mine, roles)), {mine.halo, comm}, mesh.num_points()));
  }
};

std::unique_ptr<Model> network() {
  const ModelShape shape{{{"velocity", 2}}, {{"wind", 1}}, {}, 2};
  auto model = make_model("mesh_graph_net", Config::parse_text("{width: 8, blocks: 4, activation: silu}"), shape, 3);
  model->to(at::kDouble);
  return model;
}

void accumulate(Model& model, const Dataset& data) {
  for (std::int64_t k = 0; k < data.size(); ++k) {
    const Sample sample = data.get(k);
    const at::Tensor& state = sample.frames[0];
    model.accumulate(model_input(model, sample, 0, state), target_of(model, sample, 0, state));
  }
}

class SharedMesh : public testing::TestWithParam<bool> {};

TEST_P(SharedMesh, StatisticsAndPredictionAreThoseOfTheWhole) {
  const Shared shared(GetParam());
  const auto alone = network(), together = network();
  accumulate(*alone, *shared.whole);
  accumulate(*together, *shared.part);
  for (std::size_t i = 0; i < alone->buffers().size(); ++i) {
    EXPECT_TRUE(near(together->buffers()[i].value, alone->buffers()[i].value, 1e-12)) << alone->buffers()[i].name;
  }
  const Sample part = shared.part->get(1), whole = shared.whole->get(1);
  const at::Tensor found = together->forward(model_input(*together, part, 0, part.frames[0]));
  const at::Tensor expected = alone->forward(model_input(*alone, whole, 0, whole.frames[0]));
  const std::int64_t owned = part.graph->num_owned;
  const at::Tensor mine = expected.index_select(0, part.graph->global.slice(0, 0, owned));
  EXPECT_LE((found.slice(0, 0, owned) - mine).abs().sum().item<double>(), 1e-12 * expected.abs().max().item<double>());
}

std::vector<at::Tensor> gradient(const Model& model, const Sample& sample, const Comm& comm) {
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model.parameters()) leaves.push_back(parameter.value);
  const at::Tensor error = squared_error(model, sample, 2);
  FlatGradients all = flatten(torch::autograd::grad({error}, leaves), model.parameters());
  sum_over_ranks(all, comm);
  return all.views;
}

TEST_P(SharedMesh, GradientsThroughTwoStepsAreThoseOfTheWhole) {
  const Shared shared(GetParam());
  const auto model = network();
  accumulate(*model, *shared.whole);
  const auto expected = gradient(*model, shared.whole->get(2), {});
  const auto found = gradient(*model, shared.part->get(2), shared.comm);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(near(found[i], expected[i], 1e-12)) << model->parameters()[i].name;
  }
}

TEST_P(SharedMesh, TwentyStepsOfTrainingEndWhereTheWholeEnds) {
  const Shared shared(GetParam());
  TrainOptions options;
  options.steps = 20;
  options.noise = 0.1;
  const auto alone = network(), together = network();
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

INSTANTIATE_TEST_SUITE_P(Parts, SharedMesh, testing::Bool(),
                         [](const auto& test) { return std::string(test.param ? "NothingOnRankZero" : "Blocks"); });

}  // namespace
}  // namespace cotan

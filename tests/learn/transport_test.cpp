// A small network learns to transport and spread blobs on one mesh and is rolled out on another.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "gnn/simulator.h"
#include "gnn/trainer.h"
#include "integrators/rollout.h"
#include "mesh/generate.h"
#include "mesh/metrics.h"

namespace cotan {
namespace {

constexpr double kStep = 0.05;
constexpr std::int64_t kFrames = 21;

/// The unit square, 11 by 11 points, inner ones moved; its border has the role wall.
std::shared_ptr<const Graph> moved_square(std::uint64_t seed) {
  const Mesh mesh = jiggled(rectangle(10, 10), 0.3, seed);
  std::vector<Role> roles(mesh.num_points(), Role::interior);
  for (const Facet& facet : boundary_facets(mesh)) {
    for (const Index i : facet_corners(mesh, facet)) roles[i] = Role::wall;
  }
  return std::make_shared<Graph>(make_graph(mesh, roles));
}

/// Upwind transport by (1, 0.5) and diffusion over the edges, 0 on the border: what there is to learn.
System transport(std::shared_ptr<const Graph> graph) {
  const EdgeSet& edges = graph->edges();
  const at::Tensor length2 = edges.offset.square().sum(1, true);
  const at::Tensor along = at::matmul(edges.offset, at::tensor({1.0, 0.5}, at::kDouble)).unsqueeze(1);
  const at::Tensor weight = (along.clamp_min(0) + 0.01) / length2 / 3;
  Prescribed border;
  border.add("u", (graph->role != 0).unsqueeze(1), [n = graph->num_nodes()](double) {
    return at::zeros({n, 1}, at::kDouble);
  });
  const Rhs rhs = [graph, weight](double, const State& state) {
    const Segments& links = graph->edges().links;
    const at::Tensor& u = state["u"];
    return State({{"u", On::points, segment_sum(weight * (gather(u, links) - segment_spread(u, links)), links)}});
  };
  const System fine = method_of_lines(make_integrator("rk4"), rhs, border);
  System system = fine;
  system.step = [fine](double t, double dt, const State& state) {
    State now = state;
    for (int k = 0; k < 5; ++k) now = fine.step(t + k * dt / 5, dt / 5, now);
    return now;
  };
  return system;
}

/// Two blobs at random places, (N, 1).
at::Tensor blobs(const Graph& graph, std::uint64_t seed) {
  const Random random(seed, purpose::initial);
  at::Tensor u = at::zeros({graph.num_nodes(), 1}, at::kDouble);
  for (std::uint64_t k = 0; k < 2; ++k) {
    const at::Tensor centre =
        at::tensor({0.2 + 0.5 * random.uniform(3 * k), 0.2 + 0.6 * random.uniform(3 * k + 1)}, at::kDouble);
    u = u + (0.5 + random.uniform(3 * k + 2)) * (-40 * (graph.position - centre).square().sum(1, true)).exp();
  }
  return at::where((graph.role != 0).unsqueeze(1), 0.0, u);
}

std::vector<double> frame_times() {
  std::vector<double> times;
  for (std::int64_t k = 0; k < kFrames; ++k) times.push_back(kStep * static_cast<double>(k));
  return times;
}

/// All frames of a rollout, (kFrames, N, 1).
at::Tensor frames_of(const System& system, const at::Tensor& start) {
  std::vector<at::Tensor> frames;
  const std::vector<Frame> first{{0, Fields({{"u", On::points, start}})}};
  const Observer keep = [&](std::int64_t, double, const Fields& fields) {
    frames.push_back(fields["u"]);
    return true;
  };
  rollout(system, first, frame_times(), std::span(&keep, 1));
  return at::stack(frames);
}

TrajectorySource trajectory(std::shared_ptr<const Graph> graph, std::uint64_t seed) {
  TrajectorySource source;
  const at::Tensor frames = frames_of(transport(graph), blobs(*graph, seed));
  source.graph = graph;
  source.times = frame_times();
  source.read = [frames](std::int64_t k0, std::int64_t k1) { return std::pair(frames.slice(0, k0, k1), at::Tensor()); };
  source.fixed = (graph->role != 0).unsqueeze(1);
  source.name = "blobs " + std::to_string(seed);
  return source;
}

std::span<const double> values(const at::Tensor& x) {
  return {x.const_data_ptr<double>(), std::size_t(x.numel())};
}

std::shared_ptr<Model> trained() {
  std::vector<TrajectorySource> sources;
  for (std::uint64_t k = 0; k < 6; ++k) sources.push_back(trajectory(moved_square(k % 2), k));
  const auto data = windows(std::move(sources), {});
  const Config options = Config::parse_text("{width: 24, blocks: 2, hidden: 1}");
  const std::shared_ptr<Model> model = make_model("mesh_graph_net", options, {{{"u", 1}}, {}, {}, 2}, 1);
  TrainOptions training;
  training.steps = 2500;
  training.learning_rate = 5e-3;
  training.noise = 0.003;
  TrainState state;
  train(*model, *data, {}, training, 1, state, {});
  return model;
}

TEST(Learn, TransportOnAnUnseenMesh) {
  const auto model = trained();
  double error = 0, best_trivial = 0;
  for (const std::uint64_t seed : {100, 101}) {  // start and mesh are new
    const auto graph = moved_square(seed);
    const at::Tensor truth = frames_of(transport(graph), blobs(*graph, seed)).contiguous();
    SimulatorInput input;
    input.graph = graph;
    input.prescribed.add("u", (graph->role != 0).unsqueeze(1), [&](double) { return at::zeros_like(truth[0]); });
    const at::Tensor found = frames_of(make_simulator(model, input, kStep), truth[0]).contiguous();
    ASSERT_EQ(found.size(0), kFrames);
    const std::size_t rows = graph->num_nodes();
    error += relative_l2(values(found), values(truth), kFrames, rows, 1) / 2;
    double best = INFINITY;
    for (const Trivial which : {Trivial::nothing_changes, Trivial::last_change_goes_on, Trivial::mean_over_time}) {
      const auto guess = trivial_prediction(which, values(truth), kFrames, rows, 1);
      best = std::min(best, relative_l2(guess, values(truth), kFrames, rows, 1));
    }
    best_trivial += best / 2;
  }
  RecordProperty("relative_l2", std::to_string(error));
  RecordProperty("best_trivial", std::to_string(best_trivial));
  EXPECT_LT(error, 0.12);
  EXPECT_LT(error, best_trivial / 4);
}

}  // namespace
}  // namespace cotan

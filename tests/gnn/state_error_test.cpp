// The loss on the states of a rollout: what it compares, and where its gradient stops.
#include "gnn/loss.h"
#include "gnn/simulator.h"
#include "gnn/trainer.h"
#include "tests/gnn/channel.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;
using at::Tensor;

// Five frames on the channel, sides given.
Sample window(const Graph& graph) {
  Sample sample;
  sample.graph = std::make_shared<Graph>(graph);
  sample.frames = (0.1 * random_tensor({5, graph.num_nodes(), 2}, 6)).cumsum(0);
  for (int k = 0; k < 5; ++k) sample.times.push_back(0.1 * k);
  sample.parameters = at::tensor({2.0, 0.25, 0.01}, at::kDouble).unsqueeze(0);
  sample.fixed = (graph.role != 0).unsqueeze(1).expand({graph.num_nodes(), 2});
  return sample;
}

StateLoss loss_of(std::int64_t unroll, bool ends_only, std::int64_t detach) {
  return {unroll, ends_only, detach, at::tensor({0.5, 2.0}, at::kDouble), {make_integrator("heun")}};
}

TEST(StateError, ComparesTheStatesOfTheRollout) {
  const std::shared_ptr<Model> model = network(kSmall + "length_scale: radius");
  const Graph graph = channel();
  const Sample sample = window(graph);
  SimulatorInput input;
  input.graph = sample.graph;
  input.parameters = sample.parameters;
  input.prescribed.add("velocity", sample.fixed, values_from_frames(sample.times, sample.frames));
  const System system = make_simulator(model, input, 0.1, {make_integrator("heun")});
  const std::vector<Frame> first{{0, Fields({{"velocity", On::points, sample.frames[0]}})}};
  State state = system.lift(first);
  std::vector<double> errors;
  for (int k = 0; k < 4; ++k) {
    state = system.step(0.1 * k, 0.1, state);
    const Tensor error = (system.view(state)["velocity"] - sample.frames[k + 1]) / at::tensor({0.5, 2.0}, at::kDouble);
    EXPECT_EQ(at::where(sample.fixed, error, 0).abs().max().item<double>(), 0) << "given values are exact";
    errors.push_back(error.square().sum().item<double>());
  }
  EXPECT_NEAR(state_error(*model, sample, loss_of(4, false, 0)).item<double>(),
              errors[0] + errors[1] + errors[2] + errors[3], 1e-12 * errors[3]);
  EXPECT_NEAR(state_error(*model, sample, loss_of(4, true, 1)).item<double>(), errors[0] + errors[3],
              1e-12 * errors[3]);
  EXPECT_NEAR(state_error(*model, sample, loss_of(1, true, 0)).item<double>(), errors[0], 1e-12 * errors[0]);
}

// The gradient in the start, by its noise: through all steps, or cut after the first, where it is the first state's
// own.
TEST(StateError, ItsGradientStopsWhereItIsToldTo) {
  const std::shared_ptr<Model> model = network(kSmall + "length_scale: radius");
  const Graph graph = channel();
  const Sample sample = window(graph);
  const auto of = [&](const StateLoss& loss) {
    return [&model, &sample, loss](const Tensor& noise) { return state_error(*model, sample, loss, noise); };
  };
  const Tensor noise = at::where(sample.fixed, 0, 0.1 * random_tensor({graph.num_nodes(), 2}, 7));
  EXPECT_TRUE(check_gradient(of(loss_of(3, false, 0)), noise, 1e-6));
  EXPECT_TRUE(check_gradient(of(loss_of(3, true, 0)), noise, 1e-6));
  const auto gradient = [&](const StateLoss& loss) {
    const Tensor x = noise.clone().requires_grad_(true);
    return torch::autograd::grad({of(loss)(x)}, {x})[0];
  };
  const Tensor first = gradient(loss_of(1, true, 0));
  EXPECT_GT(first.abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(near(gradient(loss_of(3, true, 1)), first, 1e-13)) << "the last frame's loss does not reach the start";
  EXPECT_FALSE(near(gradient(loss_of(3, true, 0)), first, 1e-3));
}

TEST(StateError, TrainingByItLearnsAKnownDiffusion) {
  // du/dt = 0.5 Lap u - u, of which the diffusion is known: the network learns the decay.
  const Mesh mesh = jiggled(rectangle(6, 6), 0.2, 2);
  TrajectorySource source;
  source.graph = std::make_shared<Graph>(with_edge_sets(make_graph(mesh), mesh, {}, kSets));
  const EdgeSet& edges = source.graph->edges(kLaplacian);
  std::vector<Tensor> frames{random_tensor({mesh.num_points(), 1}, 3)};
  source.times.push_back(0);
  const System truth = method_of_lines(make_integrator("heun"), Rhs([&](double, const State& u) {
                                         return State({{"u", On::points, 0.002 * laplacian(edges, u["u"]) - u["u"]}});
                                       }));
  State u({{"u", On::points, frames[0]}});
  for (int k = 0; k < 40; ++k) {
    u = truth.step(0, 0.05, u);
    frames.push_back(u["u"]);
    source.times.push_back(0.05 * (k + 1));
  }
  const Tensor all = at::stack(frames);
  source.read = [all](std::int64_t k0, std::int64_t k1) { return std::pair(all.slice(0, k0, k1), Tensor()); };
  source.parameters = at::full({1, 1}, 0.002, at::kDouble);
  source.fixed = at::zeros({mesh.num_points(), 1}, at::kBool);
  const auto model =
      network("width: 16\nlayers: 1\nhidden: 1\nencoder: \"8\"\ndecoder: \"\"\nlaplace: mesh\ndiffusion: d",
              {{{"u", 1}}, {}, {"d"}, 2});
  WindowOptions windows_of;
  windows_of.future = 4;
  TrainOptions options;
  options.steps = 300;
  options.unroll = 4;
  options.loss = "end_states";
  options.detach = 1;
  options.learning_rate = 3e-3;
  options.stepping.method = make_integrator("heun");
  TrainState state;
  double first = 0, last = 0;  // of twenty steps together: samples differ
  train(*model, *windows({source}, windows_of), {}, options, 1, state,
        [&](const TrainReport& report, const TrainState&) {
          if (report.step <= 20) first += report.loss;
          if (report.step > 280) last += report.loss;
          return true;
        });
  EXPECT_LT(last, 0.1 * first);
}

StateLoss regularised(bool stiffness, double weight, std::int64_t only) {
  StateLoss loss = loss_of(3, false, 0);
  loss.stepping.method = make_integrator("tsitouras");
  loss.stepping.tolerances = SolveOptions{};
  loss.stepping.tolerances->relative = loss.stepping.tolerances->absolute = 1;
  loss.stepping.tolerances->first_step = loss.stepping.tolerances->largest_step = 0.05;  // chosen alike in all tests
  loss.regularisation = {stiffness, weight, only};
  return loss;
}

// The term is the mean over the rollout's steps of what a solver beside says, as often as there are errors.
TEST(StateError, ARegularisationAddsWhatTheStepsSay) {
  const std::shared_ptr<Model> model = network(kSmall + "length_scale: radius");
  const Graph graph = channel();
  const Sample sample = window(graph);
  const double entries = predicted_entries(sample).sum().item<double>(),
               plain = state_error(*model, sample, regularised(false, 0, -1)).item<double>();
  for (const bool stiffness : {false, true}) {
    const auto term = [&](double weight, std::int64_t only) {
      return (state_error(*model, sample, regularised(stiffness, weight, only)).item<double>() - plain) / (3 * entries);
    };
    const double weight = stiffness ? 10 : 1e8, all = term(weight, -1);
    EXPECT_GT(all, 0);
    EXPECT_NEAR(term(weight / 2, -1), all / 2, 1e-6 * all);
    double first = 0;
    for (std::int64_t k = 0; k < 3; ++k) first += term(weight, k) / 3;
    EXPECT_GT(first, 0.2 * all);
    EXPECT_LT(first, 0.8 * all) << "one of two steps in each";
  }
}

TEST(StateError, GradientsGoThroughTheRegularisation) {
  const std::shared_ptr<Model> model = network(kSmall + "length_scale: radius");
  const Graph graph = channel();
  const Sample sample = window(graph);
  const Tensor noise = at::where(sample.fixed, 0, 0.1 * random_tensor({graph.num_nodes(), 2}, 7));
  for (const std::int64_t only : {-1, 1}) {
    const auto of = [&](const Tensor& x) {
      return state_error(*model, sample, regularised(true, 3, only), x) -
             state_error(*model, sample, regularised(true, 0, only), x);
    };
    EXPECT_TRUE(check_gradient([&](const Tensor& s) { return of(s * noise); }, at::ones({1}, at::kDouble), 1e-6))
        << only;
  }
}

}  // namespace
}  // namespace cotan

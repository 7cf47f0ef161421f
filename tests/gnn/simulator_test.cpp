#include "gnn/simulator.h"

#include "integrators/rollout.h"
#include "mesh/isometry.h"
#include "tests/gnn/small_graph.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;

constexpr double kStep = 0.1;

SimulatorInput on_grid() {
  SimulatorInput input;
  input.graph = std::make_shared<Graph>(grid_graph(7, 5));
  input.inputs = [](double t) { return at::full({35, 1}, std::sin(t), at::kDouble); };
  input.parameters = at::full({1, 1}, 0.3, at::kDouble);
  const at::Tensor mask = (input.graph->role != 0).unsqueeze(1).expand({35, 2});
  input.prescribed.add("velocity", mask, [](double t) { return at::full({35, 2}, 2 * t, at::kDouble); });
  return input;
}

Frame frame(double t, const at::Tensor& velocity) {
  return {t, Fields({{"velocity", On::points, velocity}})};
}

// What the network says by itself, inputs put together by hand, in a step that ends at `end`.
at::Tensor change(const Model& model, const SimulatorInput& input, double t, double end, const at::Tensor& u,
                  const at::Tensor& previous = {}) {
  ModelInput seen{*input.graph, input.halo, t, kStep};
  seen.state = u;
  seen.previous = previous;
  seen.inputs = input.inputs(t);
  seen.parameters = input.parameters;
  seen.prescribed_mask = (input.graph->role != 0).unsqueeze(1).expand({35, 2});
  seen.prescribed_next = at::full({35, 2}, 2 * end, at::kDouble) * seen.prescribed_mask;
  return model.physical(model.forward(seen));
}

at::Tensor impose(const SimulatorInput& input, double t, const at::Tensor& u) {
  return input.prescribed.impose("velocity", t, u);
}

TEST(Simulator, RollsAnIncrementModelOut) {
  const std::shared_ptr<Model> model = small_model("history: 1");
  const SimulatorInput input = on_grid();
  const System system = make_simulator(model, input, kStep);
  EXPECT_EQ(system.frames, 2);
  const std::vector<Frame> first{frame(0.4, random_tensor({35, 2}, 1)), frame(0.5, random_tensor({35, 2}, 2))};
  const std::vector<double> times{0.5, 0.6, 0.7};
  const RolloutResult result = rollout(system, first, times);
  at::Tensor previous = first[0].fields["velocity"], u = impose(input, 0.5, first[1].fields["velocity"]);
  for (const double t : {0.5, 0.6}) {
    const at::Tensor next = impose(input, t + kStep, u + change(*model, input, t, t + kStep, u, previous));
    previous = u;
    u = next;
  }
  EXPECT_EQ(result.end, RolloutEnd::done);
  EXPECT_TRUE(near(system.view(result.state)["velocity"], u, 1e-12));
}

TEST(Simulator, IntegratesARateModelByAnyMethod) {
  const std::shared_ptr<Model> model = small_model("predicts: rate");
  const SimulatorInput input = on_grid();
  const at::Tensor start = impose(input, 0.5, random_tensor({35, 2}, 2));
  const std::vector<Frame> first{frame(0.5, start)};
  const at::Tensor k1 = change(*model, input, 0.5, 0.6, start);
  const System euler = make_simulator(model, input, kStep);
  EXPECT_TRUE(near(euler.view(euler.step(0.5, kStep, euler.lift(first)))["velocity"],
                   impose(input, 0.6, start + kStep * k1), 1e-13));
  const System heun = make_simulator(model, input, kStep, {make_integrator("heun")});
  const at::Tensor k2 = change(*model, input, 0.6, 0.6, impose(input, 0.6, start + kStep * k1));
  EXPECT_TRUE(near(heun.view(heun.step(0.5, kStep, heun.lift(first)))["velocity"],
                   impose(input, 0.6, start + kStep / 2 * (k1 + k2)), 1e-13));
}

TEST(Simulator, TakesSubstepsOrKeepsToATolerance) {
  const std::shared_ptr<Model> model = small_model("predicts: rate");
  const SimulatorInput input = on_grid();
  const std::vector<Frame> first{frame(0.5, impose(input, 0.5, random_tensor({35, 2}, 2)))};
  const auto end = [&](const Stepping& stepping, double step) {
    const System system = make_simulator(model, input, kStep, stepping);
    State state = system.lift(first);
    for (int k = 0; k < std::lround(kStep / step); ++k) state = system.step(0.5 + k * step, step, state);
    return system.view(state)["velocity"];
  };
  // Four substeps are four steps, but that the values shown as next are those at the end of the whole.
  ModelInput seen{*input.graph, input.halo, 0.5, kStep};
  const auto f = [&](double t, const at::Tensor& u) { return change(*model, input, t, 0.6, impose(input, t, u)); };
  at::Tensor u = first[0].fields["velocity"];
  for (int k = 0; k < 4; ++k) {
    const double t = 0.5 + kStep / 4 * k;
    u = impose(input, t + kStep / 4, u + kStep / 4 * f(t, u));
  }
  EXPECT_TRUE(near(end({make_integrator("euler"), 4}, kStep), u, 1e-13));
  const at::Tensor fine = end({make_integrator("rk4"), 400}, kStep);
  const at::Tensor kept = end({make_integrator("dormand_prince"), 1, SolveOptions{1e-8, 1e-8}}, kStep);
  EXPECT_TRUE(near(kept, fine, 1e-6));
}

TEST(Simulator, SplitsItsStateIntoFields) {
  const ModelShape shape{{{"velocity", 2}, {"pressure", 1}}, {}, {}, 2};
  const std::shared_ptr<Model> model =
      make_model("mesh_graph_net", Config::parse_text("{width: 4, blocks: 1}"), shape, 1);
  SimulatorInput input;
  input.graph = std::make_shared<Graph>(grid_graph(7, 5));
  const System system = make_simulator(model, input, kStep);
  const at::Tensor velocity = random_tensor({35, 2}, 1), pressure = random_tensor({35, 1}, 2);
  const std::vector<Frame> first{{0, Fields({{"pressure", On::points, pressure}, {"velocity", On::points, velocity}})}};
  const Fields seen = system.view(system.lift(first));
  EXPECT_TRUE(at::equal(seen["pressure"], pressure));
  EXPECT_TRUE(at::equal(seen["velocity"], velocity));
  EXPECT_EQ(system.view(system.step(0, kStep, system.lift(first)))["pressure"].scalar_type(), at::kDouble);
}

// With the symmetry the mirrored start has the mirrored rollout, to round-off; the network alone knows no mirror.
TEST(Simulator, IsSymmetricWhereAskedTo) {
  const Mirror in_y{1, {1, -1}, {1}};
  const std::shared_ptr<Model> model = small_model("history: 1");
  const auto last = [&](bool symmetric, bool image) {
    SimulatorInput input = on_grid();
    if (symmetric) input.symmetry = in_y;
    if (image) input.graph = std::make_shared<Graph>(mirrored(*input.graph, 1));
    Prescribed prescribed;
    prescribed.add("velocity", (input.graph->role != 0).unsqueeze(1).expand({35, 2}), [image](double t) {
      return at::tensor({2 * t, (image ? -1 : 1) * 3 * t}, at::kDouble).expand({35, 2});
    });
    input.prescribed = prescribed;
    std::vector<Frame> first;
    for (int k = 0; k < 2; ++k) {
      const at::Tensor u = random_tensor({35, 2}, k + 1);
      first.push_back(frame(0.1 * k, image ? mirrored(u, in_y.state) : u));
    }
    const std::vector<double> times{0.1, 0.2, 0.3};
    return rollout(make_simulator(model, input, kStep), first, times).state["velocity"];
  };
  EXPECT_TRUE(near(last(true, true), mirrored(last(true, false), in_y.state), 1e-12));
  EXPECT_FALSE(near(last(false, true), mirrored(last(false, false), in_y.state), 1e-3));
}

TEST(Simulator, RefusesWhatItWasNotTrainedFor) {
  const std::shared_ptr<Model> model = small_model();
  const System system = make_simulator(model, on_grid(), kStep);
  const std::vector<Frame> first{frame(0, random_tensor({35, 2}, 2))};
  EXPECT_THROW(system.step(0, 0.2, system.lift(first)), InputError);
  EXPECT_THROW(make_simulator(model, on_grid(), kStep, {make_integrator("heun")}), InputError);
  SimulatorInput without = on_grid();
  without.inputs = {};
  EXPECT_THROW(make_simulator(model, without, kStep), InputError);
  const System two = make_simulator(small_model("history: 1"), on_grid(), kStep);
  EXPECT_THROW(two.lift(first), InputError);
}

}  // namespace
}  // namespace cotan

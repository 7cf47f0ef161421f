// PhyMPGN against its formulas, written out plainly, and what follows from them: units, padding, stable steps.
#include <gmock/gmock.h>

#include "gnn/simulator.h"
#include "mesh/periodic.h"
#include "mesh/stencil.h"
#include "tests/gnn/channel.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;
using at::Tensor;
using testing::HasSubstr;

const HaloExchange kAlone;

const std::string kCylinder =
    "width: 128\nlayers: 5\nencoder: \"32, 64\"\ndecoder: \"64, 32\"\ncoordinates: true\nedges: mesh_maximum\n"
    "diffusion: viscosity\nstate_scale: speed\nrate_scale: speed^2 / (2 * radius)\nlength_scale: 2 * radius";
const std::string kPlain = "width: 8\nlayers: 2\nencoder: \"5\"\ndecoder: \"\"\nlaplace: none\n";

ModelInput seen_on(const Graph& graph, std::uint64_t seed = 1) {
  ModelInput input{graph, kAlone, 0.0, 0.1};
  input.state = random_tensor({graph.num_nodes(), 2}, seed).index_select(0, graph.global);
  input.parameters = at::tensor({2.0, 0.25, 0.01}, at::kDouble).expand({graph.num_graphs, 3});
  input.prescribed_mask = (graph.role != 0).unsqueeze(1).expand({graph.num_nodes(), 2});
  input.prescribed_next = input.state * input.prescribed_mask;
  return input;
}

TEST(PhyMpgn, HasThePublishedNumberOfParameters) {
  const auto cylinder = make_model("phympgn", Config::parse_text(kCylinder), flow(), 1);
  EXPECT_EQ(cylinder->num_parameters(), 950228);
  for (const std::string& options : {kCylinder, kSmall, kSmall + "laplace: none\nsees_parameters: true"}) {
    const Config config = Config::parse_text(options);
    EXPECT_EQ(count_parameters("phympgn", config, flow()), make_model("phympgn", config, flow(), 1)->num_parameters());
  }
  const auto echoed = make_model("phympgn", Config::parse_text(cylinder->echo()), flow(), 1);
  EXPECT_EQ(echoed->echo(), cylinder->echo());
}

// A perceptron as the paper writes it.
Tensor plain(const Model& model, const std::string& name, Tensor x, int layers) {
  const auto list = model.parameters();
  for (int i = 0; i < layers; ++i) {
    const std::string layer = name + "." + std::to_string(i);
    x = at::linear(x, find(list, layer + ".weight"), find(list, layer + ".bias"));
    if (i + 1 < layers) x = at::elu(x);
  }
  return x;
}

// The paper's right-hand side, edge by edge, with the scales of the released code.
Tensor published_rate(const Model& model, const ModelInput& input, double speed, double diameter) {
  const Graph& graph = input.graph;
  const EdgeSet& edges = graph.edges();
  const Tensor u = input.state / speed, r = edges.receiver, s = edges.sender();
  const auto at_ends = [](const Tensor& x, const Tensor& rows) { return x.index_select(0, rows); };
  const Tensor to = at_ends(graph.position, s) - at_ends(graph.position, r), length = to.norm(2, 1, true);
  const Tensor attributes = at::cat({length / length.max(), to / (2 * to.abs().max()) + 0.5}, 1);
  const Tensor slot = at::where(graph.role == 4, 2, graph.role);  // interior, obstacle, inflow, outflow
  const Tensor start = plain(model, "encoder.nodes",
                             at::cat({u, graph.position / diameter, at::one_hot(slot, 4).to(at::kDouble)}, 1), 3);
  const Tensor e = plain(model, "encoder.edges", at::cat({at_ends(u, s) - at_ends(u, r), attributes}, 1), 3);
  Tensor h = start;
  for (int l = 0; l < 3; ++l) {
    const std::string layer = "layer." + std::to_string(l);
    const Tensor hi = at_ends(h, r), m = plain(model, layer + ".message", at::cat({hi, at_ends(h, s) - hi, e}, 1), 4);
    Tensor mean = at::zeros_like(h);
    for (std::int64_t i = 0; i < h.size(0); ++i) mean[i] = m.index({(r == i)}).mean(0);
    const Tensor g = plain(model, layer + ".update", at::cat({h, mean}, 1), 4);
    h = l == 2 ? g : at::where(graph.role.unsqueeze(1) != 0, start, h + g);
  }
  const Tensor network = plain(model, "decoder", h, 2);
  return speed * speed / diameter * network + 0.01 * laplacian(graph.edges(kLaplacian), input.state);
}

TEST(PhyMpgn, MeetsThePublishedFormula) {
  const auto model = network(kSmall +
                             "laplace: mesh\ncoordinates: true\nedges: mesh_maximum\nstate_scale: speed\n"
                             "rate_scale: speed^2 / (2 * radius)\nlength_scale: 2 * radius");
  const Graph graph = channel();
  const ModelInput input = seen_on(graph);
  const Tensor expected = published_rate(*model, input, 2, 0.5);
  EXPECT_TRUE(near(model->physical(model->forward(input)), expected, 1e-12));
  const Tensor target = random_tensor({graph.num_nodes(), 2}, 8);
  for (int k = 1; k < 4; ++k) model->accumulate(seen_on(graph, k), target);  // statistics change no physics here
  EXPECT_TRUE(near(model->physical(model->forward(input)), expected, 1e-12));
  EXPECT_TRUE(near(model->physical(model->normalise_target(target)), target, 1e-14));
}

// u = U u*, x = D x*, t = D / U t*: the same flow in other units has the rate U^2 / D as large. The learned Laplacian
// too, whose coordinates are in units of the length scale.
TEST(PhyMpgn, KnowsNoUnits) {
  const auto model = network(kSmall +
                             "coordinates: true\nstate_scale: speed\nrate_scale: speed^2 / radius\n"
                             "length_scale: radius\nlaplace_edges: spacing");
  const Graph small = channel(), large = channel(3);
  const ModelInput input = seen_on(small);
  ModelInput other = seen_on(large);
  other.state = input.state * 7;
  other.parameters = input.parameters * at::tensor({7.0, 3.0, 21.0}, at::kDouble);
  EXPECT_TRUE(near(model->physical(model->forward(other)), 49.0 / 3 * model->physical(model->forward(input)), 1e-11));
}

TEST(PhyMpgn, TakesItsScalesFromDataUnlessTold) {
  const auto model = network(kSmall + "laplace: mesh");
  const Graph graph = channel();
  for (int k = 1; k < 5; ++k) {
    const ModelInput input = seen_on(graph, k);
    model->accumulate(input, 3 * random_tensor({graph.num_nodes(), 2}, 20 + k) +
                                 0.01 * laplacian(graph.edges(kLaplacian), input.state));
  }
  const auto deviation = [&](const std::string& name) {
    const auto list = model->buffers();
    return (find(list, name + ".m2") / find(list, name + ".count")).sqrt();
  };
  EXPECT_LT((deviation("statistics.state") - 1).abs().max().item<double>(), 0.2);
  // What the mesh Laplacian explains is not the network's to learn.
  EXPECT_LT((deviation("statistics.rate") - 3).abs().max().item<double>(), 0.6);
  const Tensor edges = graph.edges().offset.norm(2, 1);
  EXPECT_NEAR(find(model->buffers(), "statistics.length.mean").item<double>(), edges.mean().item<double>(), 1e-14);
}

TEST(PhyMpgn, KnowsNoNumbering) {
  const Tensor order = random_order(35, 4);
  for (const std::string more : {"aggregation: mean", "aggregation: sum"}) {
    const auto model = network("width: 8\nencoder: \"5\"\nlaplace: none\n" + more, {{{"velocity", 2}}, {}, {}, 2});
    const auto rate = [&](const Graph& graph) {
      ModelInput input = seen_on(graph);
      input.parameters = Tensor();
      return model->forward(input);
    };
    EXPECT_TRUE(near(rate(grid_graph(7, 5, order)), rate(grid_graph(7, 5)).index_select(0, order), 1e-12));
  }
}

// Points that coincide once sides are glued stay equal: both see the neighbours of both sides.
TEST(PhyMpgn, GluedPointsMoveAlike) {
  const Mesh mesh = jiggled(rectangle(6, 5), 0.25, 3);
  const std::vector<PeriodicPair> glued{{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};
  const std::vector<std::string> sets{"mesh", "laplacian", "stencil"};
  const Graph graph = with_edge_sets(make_graph(mesh, {}, glued), mesh, glued, sets);
  const Unknowns unknowns = unknowns_of(mesh, glued);
  const Tensor of_point = at::tensor(std::vector<std::int64_t>(unknowns.of_point.begin(), unknowns.of_point.end()));
  ModelInput input{graph, kAlone, 0.0, 0.1};
  input.state = random_tensor({unknowns.size(), 2}, 3).index_select(0, of_point);
  input.parameters = at::tensor({2.0, 0.25, 0.01}, at::kDouble).unsqueeze(0);
  input.prescribed_mask = at::zeros({graph.num_nodes(), 2}, at::kBool);
  for (const std::string kind : {"learned", "stencil"}) {
    const std::string options = kSmall + "laplace: " + kind + "\nlaplace_coordinates: false\n";
    const Tensor rate = network(options)->forward(input);
    const Tensor first =
        rate.index_select(0, at::tensor(std::vector<std::int64_t>(unknowns.point.begin(), unknowns.point.end())));
    EXPECT_TRUE(near(rate, first.index_select(0, of_point), 1e-10)) << kind;
    EXPECT_THAT([&] { network(options + "coordinates: true")->forward(input); },
                testing::ThrowsMessage<InputError>(HasSubstr("differ between glued sides")));
  }
}

TEST(PhyMpgn, SaysOfABatchWhatItSaysOfEach) {
  const std::vector<Graph> graphs{channel(), channel(2)};
  const Graph both = batch(graphs);
  for (const std::string edges : {"mesh_maximum", "length_scale"}) {
    const auto model = network(kSmall + "length_scale: radius\nedges: " + edges);
    ModelInput joined = seen_on(both);
    joined.parameters = at::tensor({2.0, 0.25, 0.01, 3.0, 0.5, 0.02}, at::kDouble).view({2, 3});
    const Tensor found = model->forward(joined);
    std::int64_t start = 0;
    for (int k = 0; k < 2; ++k) {
      const std::int64_t n = graphs[k].num_nodes();
      ModelInput input = seen_on(graphs[k]);
      input.state = joined.state.narrow(0, start, n);
      input.parameters = joined.parameters.narrow(0, k, 1);
      EXPECT_TRUE(near(found.narrow(0, start, n), model->forward(input), 1e-12)) << edges;
      start += n;
    }
  }
}

TEST(PhyMpgn, GradientsMeetDifferences) {
  const auto model = network(kSmall + "length_scale: radius");
  const Graph graph = channel();
  const auto in_state = [&](const Tensor& state) {
    ModelInput input = seen_on(graph);
    input.state = state;
    return model->forward(input);
  };
  EXPECT_TRUE(check_gradient(in_state, seen_on(graph).state, 1e-6));
  const auto list = model->parameters();
  for (const char* name : {"layer.1.message.0.weight", "encoder.edges.2.bias", "laplace.alpha.0.weight"}) {
    const Tensor weight = find(list, name);
    const Tensor kept = weight.detach().clone();
    const auto in_weight = [&](const Tensor& value) {
      const_cast<Tensor&>(weight).set_data(value.detach());
      return value;
    };
    // The directional derivative, by the model's own gradient and by differences along it.
    const Tensor direction = random_tensor(weight.sizes(), 9), out = random_tensor({graph.num_nodes(), 2}, 10);
    const auto at_point = [&](double s) {
      in_weight(kept + s * direction);
      const at::NoGradGuard no_gradient;
      return (model->forward(seen_on(graph)) * out).sum().item<double>();
    };
    const double expected = (at_point(1e-5) - at_point(-1e-5)) / 2e-5;
    in_weight(kept);
    const Tensor gradient = torch::autograd::grad({(model->forward(seen_on(graph)) * out).sum()}, {weight})[0];
    EXPECT_NEAR((gradient * direction).sum().item<double>(), expected, 1e-6 * std::abs(expected)) << name;
  }
}

// What a point with given values tells its neighbours after the first layer is what it told them before.
TEST(PhyMpgn, PaddingKeepsLatentsOfGivenPoints) {
  const Graph graph = channel();
  const auto rate = [&](const std::string& options, bool given) {
    ModelInput input = seen_on(graph);
    if (!given) input.prescribed_mask = at::zeros_like(input.prescribed_mask);
    return network("width: 8\ndiffusion: viscosity\n" + options)->forward(input);
  };
  EXPECT_TRUE(near(rate("padding: false", true), rate("padding: true", false), 0));
  EXPECT_FALSE(near(rate("padding: false", true), rate("padding: true", true), 1e-6));
  // One layer has nothing to pad.
  EXPECT_TRUE(near(rate("layers: 1\npadding: false", true), rate("layers: 1\npadding: true", true), 0));
}

TEST(PhyMpgn, IsPreparedOnceForARollout) {
  const auto model = network(kSmall);
  const Graph graph = channel();
  ModelInput input = seen_on(graph);
  const Tensor alone = model->forward(input);
  input.prepared = model->prepare(graph, kAlone, input.parameters);
  EXPECT_TRUE(at::equal(model->forward(input), alone));
}

// Derivatives of the known terms are exact on quadratic functions, at the border too where stencils are one-sided: so
// are Burgers' advection, reactions, and diffusion by an input, k Lap s + grad k . grad s.
TEST(PhyMpgn, AddsTheTermsThatAreKnown) {
  const ModelShape shape{{{"velocity", 2}, {"s", 1}}, {{"k", 1}}, {"rate"}, 2};
  const std::string known =
      "known: \"-(velocity_x * velocity_x_dx + velocity_y * velocity_x_dy), "
      "-(velocity_x * velocity_y_dx + velocity_y * velocity_y_dy), "
      "rate * s * (1 - max(s, 0.5)) + k * (s_dxx + s_dyy) + k_dx * s_dx + k_dy * s_dy + 0.1 * s_dxy\"\n";
  const auto with = network(kPlain + known, shape), without = network(kPlain, shape);
  const Mesh mesh = jiggled(rectangle(6, 4, {1.5, 1}), 0.25, 3);
  Graph graph = with_edge_sets(make_graph(mesh), mesh, {}, kSets);
  graph.edge_sets.push_back(stencil_edges(mesh, graph));
  const Tensor x = graph.position.select(1, 0), y = graph.position.select(1, 1);
  const Tensor u = 2 * x - y + x * y, v = 3 * x + 0.5 * y - x * x, s = x * x + 2 * x * y - 0.5 * y * y + x;
  const Tensor k = 1 + 0.3 * x - 0.2 * y;
  ModelInput input{graph, kAlone, 0.0, 0.1};
  input.state = at::stack({u, v, s}, 1);
  input.inputs = k.unsqueeze(1);
  input.parameters = at::full({1, 1}, 0.7, at::kDouble);
  input.prescribed_mask = at::zeros({graph.num_nodes(), 3}, at::kBool);
  const Tensor diffusion = k * (2 - 1) + 0.3 * (2 * x + 2 * y + 1) - 0.2 * (2 * x - y) + 0.1 * 2;
  const Tensor expected = at::stack(
      {-(u * (2 + y) + v * (x - 1)), -(u * (3 - 2 * x) + v * 0.5), 0.7 * s * (1 - at::clamp_min(s, 0.5)) + diffusion},
      1);
  EXPECT_TRUE(near(with->physical(with->forward(input)) - without->physical(without->forward(input)), expected, 1e-8));
  // Statistics are of what is left: nothing here, so the unit stays 1.
  with->accumulate(input, expected);
  EXPECT_LT(find(with->buffers(), "statistics.rate.m2").abs().max().item<double>(), 1e-14);
}

// Diffusion alone: steps within the limit damp every state, longer ones let one grow.
TEST(PhyMpgn, TheStableStepIsTheLongestThatDoesNotGrow) {
  for (const std::string kind : {"mesh", "stencil"}) {
    const ModelShape shape{{{"u", 1}}, {}, {}, 2};
    const std::shared_ptr<Model> model =
        network("width: 4\nlayers: 1\nencoder: \"\"\ndecoder: \"\"\ndiffusion: 0.3\nlaplace: " + kind, shape);
    for (const auto& parameter : model->parameters()) {
      if (parameter.name.starts_with("decoder")) parameter.value.set_data(at::zeros_like(parameter.value));
    }
    const Mesh mesh = jiggled(rectangle(8, 6), 0.2, 3);
    const std::vector<std::string> sets{"mesh", kind == "mesh" ? "laplacian" : "stencil"};
    SimulatorInput input;
    // Without mirrors at its sides a stencil has a growing mode: quadratic functions know no condition there.
    input.graph = std::make_shared<Graph>(with_edge_sets(make_graph(mesh), mesh, {}, sets));
    const Stepping heun{make_integrator("heun"), 1};
    double least = 1e-9, most = 1;  // bisection for the longest step that is let pass
    for (int k = 0; k < 50; ++k) {
      const double middle = std::sqrt(least * most);
      try {
        require_stable(*model, input, middle, heun);
        least = middle;
      } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("expected substeps: "));
        most = middle;
      }
    }
    const auto growth = [&](double h) {
      const System system = make_simulator(model, input, h, heun);
      State state = system.lift({{{0, Fields({{"u", On::points, random_tensor({mesh.num_points(), 1}, 3)}})}}});
      for (int k = 0; k < 200; ++k) state = system.step(0, h, state);
      return system.view(state)["u"].abs().max().item<double>();
    };
    EXPECT_LT(growth(0.95 * least), 3) << kind;
    EXPECT_GT(growth(1.1 * least), 100) << kind;
    EXPECT_THROW(require_stable(*model, input, 3 * least, {}), InputError) << "Euler's method has that limit too";
    EXPECT_NO_THROW(require_stable(*model, input, 3 * least, {make_integrator("heun"), 4}));
  }
}

TEST(PhyMpgn, RefusesWhatItCannotUse) {
  const auto failure = [](const std::string& options, const ModelShape& shape = flow()) -> std::string {
    try {
      make_model("phympgn", Config::parse_text(options, "train.yaml"), shape, 1);
    } catch (const InputError& e) {
      return e.what();
    }
    return "nothing thrown";
  };
  EXPECT_THAT(failure("width: 8"), HasSubstr("no diffusion coefficient"));
  EXPECT_THAT(failure("width: 8"), HasSubstr("speed, radius, viscosity"));
  EXPECT_THAT(failure("diffusion: viscositty"), HasSubstr("viscosity"));
  EXPECT_THAT(failure("diffusion: \"1, 2, 3\""), HasSubstr("3 formulas in \"1, 2, 3\", expected 1 or 2"));
  EXPECT_THAT(failure("laplace: none\nknown: velocity_x"), HasSubstr("one for each of velocity_x, velocity_y"));
  EXPECT_THAT(failure("laplace: none\nknown: \"velocity_x, velocity_z\""), HasSubstr("velocity_x_dy"));
  EXPECT_THAT(failure("laplace: none\nroles: \"interior, wal\""), HasSubstr("wall"));
  EXPECT_THAT(failure("laplace: none\nroles: \"wall, wall\""), HasSubstr("'wall' stands twice"));
  EXPECT_THAT(failure("laplace: none\nencoder: \"32, 0\""), HasSubstr("'0' in \"32, 0\", expected widths"));
  EXPECT_THAT(failure("laplace: none", {{{"u", 1}}, {}, {}, 2, {{2, Sees::change, false}}}),
              HasSubstr("predicts rates"));
  EXPECT_THAT(failure("laplace: none", {{{"u", 1, On::cells}}, {}, {}, 2}), HasSubstr("is on cells"));
  const auto model = network(kSmall + "state_scale: speed - 2");
  const Graph graph = channel();
  EXPECT_THAT([&] { model->forward(seen_on(graph)); },
              testing::ThrowsMessage<InputError>(HasSubstr("\"speed - 2\" is 0, expected a number above 0")));
}

}  // namespace
}  // namespace cotan

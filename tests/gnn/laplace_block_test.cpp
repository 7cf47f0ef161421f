#include "gnn/laplace_block.h"

#include <gmock/gmock.h>

#include "mesh/edge_sets.h"
#include "mesh/isometry.h"
#include "mesh/laplacian.h"
#include "mesh/ordering.h"
#include "tests/gnn/small_graph.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;
using testing_gnn::find;

const HaloExchange kAlone;

LaplaceOptions options_of(const std::string& text) {
  return read_options<LaplaceOptions>(Config::parse_text(text));
}

Graph graph_of(const Mesh& mesh) {
  const Graph graph = make_graph(mesh);
  return with_edges(with_edges(graph, laplacian_edges(mesh, graph)), stencil_edges(mesh, graph));
}

/// A block in double, with its named tensors.
struct Made {
  LaplaceBlock block;
  std::vector<NamedTensor> parameters;
  Made(const LaplaceOptions& options, std::int64_t components, int dim, std::uint64_t seed = 5)
      : block(make(options, components, dim, seed)) {
    block.append_to(parameters, "laplace");
    for (const auto& p : parameters) p.value.set_data(p.value.to(at::kDouble).detach());
  }
  Tensor operator()(const Graph& graph, const Tensor& u) const {
    const Tensor coordinates = block.sees_coordinates() ? graph.position : Tensor();
    return block(block.prepare(graph, kAlone), graph, kAlone, u, coordinates);
  }
  std::int64_t count() const {
    std::int64_t sum = 0;
    for (const auto& p : parameters) sum += p.value.numel();
    return sum;
  }

 private:
  static LaplaceBlock make(const LaplaceOptions& options, std::int64_t components, int dim, std::uint64_t seed) {
    std::uint64_t drawn = 0;
    return {options, components, dim, Random(seed, purpose::weights), &drawn};
  }
};

TEST(LaplaceBlock, HasThePublishedNumbersOfParameters) {
  EXPECT_EQ(Made(LaplaceOptions(), 2, 2).count(), 12242);
  EXPECT_EQ(Made(options_of("laplace_width: 16"), 1, 2).count(), 5569);
  for (const std::string text : {"{}", "laplace: mesh", "laplace: none", "laplace: correction", "laplace: stencil",
                                 "{laplace_coordinates: false, laplace_layers: 2, laplace_edges: spacing}"}) {
    const LaplaceOptions options = options_of(text);
    for (const int dim : {1, 2, 3}) EXPECT_EQ(LaplaceBlock::count(options, 3, dim), Made(options, 3, dim).count());
  }
}

// The block as it is published, with concatenations, from the named tensors alone.
Tensor plain_mlp(const std::vector<NamedTensor>& p, const std::string& name, const Tensor& x) {
  const auto layer = [&](int i, const Tensor& y) {
    const std::string at = "laplace." + name + "." + std::to_string(i);
    return at::matmul(y, find(p, at + ".weight").t()) + find(p, at + ".bias");
  };
  return layer(1, at::elu(layer(0, x)));
}

Tensor plain_block(const Made& made, const Graph& graph, const Tensor& u) {
  const EdgeSet& e = graph.edges(kLaplacian);
  const Tensor d = -e.offset, length = d.norm(2, 1, true);
  const Tensor attributes = at::cat({length / length.max(), d / (2 * d.abs().max()) + 0.5}, 1);
  Tensor h = plain_mlp(made.parameters, "alpha", at::cat({u, graph.position}, 1));
  for (int i = 0; i < 3; ++i) {
    const std::string layer = std::to_string(i);
    const Tensor own = h.index_select(0, e.receiver), other = h.index_select(0, e.sender());
    const Tensor m = plain_mlp(made.parameters, layer + ".message", at::cat({own, other - own, attributes}, 1));
    const Tensor sum = at::zeros_like(h).index_add(0, e.receiver, m);
    const Tensor mean = sum / at::bincount(e.receiver, {}, graph.num_nodes()).unsqueeze(1);
    h = h + plain_mlp(made.parameters, layer + ".update", at::cat({h, mean}, 1));
  }
  const Tensor z = plain_mlp(made.parameters, "beta", h);
  Tensor of_mesh = at::zeros_like(u);
  const Tensor change = u.index_select(0, e.sender()) - u.index_select(0, e.receiver);
  of_mesh = of_mesh.index_add(0, e.receiver, e.weight.unsqueeze(1) * change);
  return (of_mesh + z) / e.measure.unsqueeze(1);
}

TEST(LaplaceBlock, EqualsThePlainNetworkWithConcatenations) {
  const Graph graph = graph_of(jiggled(rectangle(7, 5), 0.2, 1));
  const Made made(LaplaceOptions(), 2, 2);
  const Tensor u = random_tensor({graph.num_nodes(), 2}, 3);
  EXPECT_TRUE(near(made(graph, u), plain_block(made, graph, u), 1e-13));
}

TEST(LaplaceBlock, KindsAddUp) {
  const Graph graph = graph_of(jiggled(box(3, 2, 2), 0.2, 1));
  const Tensor u = random_tensor({graph.num_nodes(), 2}, 3);
  const auto of = [&](const std::string& kind) { return Made(options_of("laplace: " + kind), 2, 3)(graph, u); };
  EXPECT_TRUE(near(of("mesh"), laplacian(graph.edges(kLaplacian), u), 1e-14));
  EXPECT_TRUE(near(of("learned"), of("mesh") + of("correction"), 1e-14));
  EXPECT_EQ(of("none").abs().max().item<double>(), 0);
  EXPECT_TRUE(LaplaceBlock::edge_sets(options_of("laplace: none")).empty());
}

// Relative encodings: moved, the mesh has the same Laplacian; twice as large, a quarter of it. The published ones scale
// likewise, but see where the mesh is.
TEST(LaplaceBlock, WithRelativeEncodingsKnowsNeitherPlaceNorScale) {
  const Mesh mesh = jiggled(rectangle(6, 5), 0.2, 1);
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  for (double& x : points) x = 2 * x + 3;
  const Graph graph = graph_of(mesh), moved = graph_of(mesh.with_points(points));
  const Tensor u = random_tensor({graph.num_nodes(), 1}, 3);
  for (const std::string edges : {"scaled", "spacing"}) {
    const Made made(options_of("{laplace_coordinates: false, laplace_edges: " + edges + "}"), 1, 2);
    EXPECT_TRUE(near(made(moved, u), made(graph, u) / 4, 1e-12)) << edges;
  }
  const Made published(LaplaceOptions(), 1, 2);
  EXPECT_FALSE(near(published(moved, u), published(graph, u) / 4, 1e-3));
}

TEST(LaplaceBlock, CommutesWithRenumbering) {
  const Mesh mesh = jiggled(rectangle(6, 5), 0.2, 1);
  const Order order = rcm_order(point_neighbours(mesh));
  const Graph graph = graph_of(mesh), other = graph_of(reordered(mesh, order));
  const Tensor u = random_tensor({graph.num_nodes(), 2}, 3);
  const Tensor old = at::tensor(std::vector<std::int64_t>(order.begin(), order.end()), at::kLong);
  const Made made(LaplaceOptions(), 2, 2);
  EXPECT_TRUE(near(made(other, u.index_select(0, old)), made(graph, u).index_select(0, old), 1e-12));
}

TEST(LaplaceBlock, OfABatchIsThatOfEach) {
  const std::vector<Graph> graphs = {graph_of(jiggled(rectangle(6, 5), 0.2, 1)), graph_of(annulus(9, 2))};
  for (const std::string edges : {"scaled", "spacing"}) {
    const Made made(options_of("laplace_edges: " + edges), 2, 2);
    std::vector<Tensor> u, expected;
    for (const Graph& graph : graphs) {
      u.push_back(random_tensor({graph.num_nodes(), 2}, 3));
      expected.push_back(made(graph, u.back()));
    }
    EXPECT_TRUE(near(made(batch(graphs), at::cat(u)), at::cat(expected), 1e-13)) << edges;
  }
}

TEST(LaplaceBlock, GradientsMeetDifferences) {
  const Graph graph = graph_of(jiggled(rectangle(3, 3), 0.2, 1));
  const Tensor u = random_tensor({graph.num_nodes(), 2}, 3);
  const Made made(options_of("laplace_width: 8"), 2, 2), stencil(options_of("laplace: stencil"), 2, 2);
  EXPECT_TRUE(check_gradient([&](const Tensor& v) { return made(graph, v); }, u, 1e-6));
  EXPECT_TRUE(check_gradient([&](const Tensor& v) { return stencil(graph, v); }, u, 1e-6));
  const Tensor weight = random_tensor({graph.num_nodes(), 2}, 7);
  const auto objective = [&] { return (made(graph, u) * weight).sum(); };
  for (const auto& p : made.parameters) {  // along a random direction in each
    const Tensor start = p.value.detach().clone(), direction = random_tensor(start.sizes(), 9);
    const double found = (torch::autograd::grad({objective()}, {p.value})[0] * direction).sum().item<double>();
    const at::NoGradGuard no_gradients;
    double ends[2];
    for (const int side : {0, 1}) {
      p.value.copy_(start + (side ? 1e-6 : -1e-6) * direction);
      ends[side] = objective().item<double>();
    }
    p.value.copy_(start);
    const double expected = (ends[1] - ends[0]) / 2e-6;
    EXPECT_NEAR(found, expected, 1e-5 * (1 + std::abs(expected))) << p.name;
  }
}

// Constants and quadratic functions as they are; linear in the state, at any place and scale.
TEST(LaplaceBlock, ByStencilsIsALinearOperator) {
  const Mesh mesh = jiggled(rectangle(6, 5), 0.2, 1);
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  for (double& x : points) x = 2 * x + 3;
  const Graph graph = graph_of(mesh), moved = graph_of(mesh.with_points(points));
  const Made made(options_of("laplace: stencil"), 2, 2);
  EXPECT_FALSE(made.block.sees_coordinates());
  const Tensor u = random_tensor({graph.num_nodes(), 2}, 3), v = random_tensor({graph.num_nodes(), 2}, 4);
  EXPECT_TRUE(near(made(graph, 2 * u - 3 * v), 2 * made(graph, u) - 3 * made(graph, v), 1e-12));
  EXPECT_TRUE(near(made(moved, u), made(graph, u) / 4, 1e-7));
  const Tensor x = graph.position, f = at::cat({x.square(), at::ones_like(x)}, 1);
  const Tensor exact = at::tensor({2.0, 2.0, 0.0, 0.0}, at::kDouble).expand({graph.num_nodes(), 4});
  EXPECT_TRUE(near(made(graph, f), exact, 1e-7));
}

// In batches, and once the graph was taken to single precision.
TEST(LaplaceBlock, ByStencilsOfABatchAndInSinglePrecision) {
  const std::vector<Graph> graphs = {graph_of(jiggled(rectangle(6, 5), 0.2, 1)), graph_of(annulus(12, 3))};
  const Made made(options_of("laplace: stencil"), 2, 2);
  std::vector<Tensor> u, expected;
  for (const Graph& graph : graphs) {
    u.push_back(random_tensor({graph.num_nodes(), 2}, 3));
    expected.push_back(made(graph, u.back()));
  }
  EXPECT_TRUE(near(made(batch(graphs), at::cat(u)), at::cat(expected), 1e-12));
  const Tensor single = made(to(graphs[0], at::kFloat), u[0].to(at::kFloat));
  EXPECT_TRUE(near(single, expected[0], 1e-3)) << "weights from rounded offsets";
}

TEST(LaplaceBlock, ReadsStencilsOfAsManyPoints) {
  const Mesh mesh = jiggled(rectangle(8, 8), 0.2, 1);
  const auto names = LaplaceBlock::edge_sets(options_of("{laplace: stencil, laplace_points: 31}"));
  EXPECT_EQ(names, std::vector<std::string>{"stencil_31"});
  const std::vector<char> given(mesh.num_points(), 1);  // sides that are mirrors would want no flux of u
  const Graph graph = with_edge_sets(make_graph(mesh), mesh, {}, names, given);
  EXPECT_GE(graph.edges("stencil_31").links.offsets.diff().min().item<std::int64_t>(), 30);
  EXPECT_EQ(stencil_count("stencil"), 0);
  EXPECT_EQ(stencil_count("stencil_31"), 31);
  for (const std::string other : {"mesh", "stencil_", "stencil_x", "stencil_3x", "stencils", "stencil_-1"})
    EXPECT_FALSE(stencil_count(other).has_value()) << other;
  const Made made(options_of("{laplace: stencil, laplace_points: 31}"), 1, 2);
  const Tensor u = graph.position.square().sum(1, true);
  EXPECT_TRUE(near(made(graph, u), at::full_like(u, 4), 1e-6));
}

TEST(LaplaceBlock, BadOptionsAreNamed) {
  EXPECT_THROW(options_of("laplace: mehs"), InputError);
  EXPECT_THROW(options_of("laplace_width: 0"), InputError);
}

TEST(LaplaceBlock, KeepsItsKernelOrFitsOne) {
  const Graph plain = make_graph(jiggled(rectangle(7, 6), 0.2, 1));
  const Mesh mesh = jiggled(rectangle(7, 6), 0.2, 1);
  const std::vector<std::string> sets{"laplacian", "stencil"};
  const Graph graph = with_edge_sets(plain, mesh, {}, sets);
  const Made fitted(options_of("laplace: stencil"), 2, 2),
      kept(options_of("{laplace: stencil, laplace_fit: false}"), 2, 2);
  EXPECT_EQ(fitted.count(), 9);
  EXPECT_EQ(kept.count(), 0);
  const Tensor u = random_tensor({graph.num_nodes(), 2}, 3);
  EXPECT_TRUE(near(kept(graph, u), fitted(graph, u), 1e-6)) << "a fit starts from the kernel that is kept, in float";
  EXPECT_THROW(Made(options_of("{laplace: stencil, laplace_fit: false, laplace_degree: 1}"), 2, 2), InputError);
  EXPECT_THROW(Made(options_of("{laplace: stencil, laplace_fit: false, laplace_points: 31}"), 2, 2), InputError);
}

}  // namespace
}  // namespace cotan

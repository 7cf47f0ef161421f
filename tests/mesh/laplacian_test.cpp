#include "mesh/laplacian.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/check.h"
#include "mesh/isometry.h"
#include "mesh/operators.h"
#include "mesh/quality.h"
#include "mesh/weighted_differences.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;
using testing::AllOf;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

const std::vector<PeriodicPair> kBothWays = {{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};

meshes::Family of_simplices() {
  auto family = meshes::triangles();
  for (const auto& part : {meshes::tetrahedra(), meshes::with_hole()}) {
    family.insert(family.end(), part.begin(), part.end());
  }
  family.push_back({"sphere", sphere_surface(2)});
  family.push_back({"saddle", saddle_surface(6)});
  family.push_back({"interval", interval(7, 2.5)});
  return family;
}

Tensor inner_points(const Mesh& mesh) {
  Tensor inside = at::ones({mesh.num_points(), 1}, at::kDouble);
  for (const Facet& f : boundary_facets(mesh)) {
    for (const Index i : facet_corners(mesh, f)) inside[i] = 0;
  }
  return inside;
}

double largest(const Tensor& x) {
  return x.abs().max().item<double>();
}

TEST(MeshLaplacian, MeasuresSumToTheMeshAndWeightsAreSymmetric) {
  for (const auto& [name, mesh] : of_simplices()) {
    SCOPED_TRACE(name);
    const Graph g = make_graph(mesh);
    const EdgeSet l = laplacian_edges(mesh, g);
    double volume = 0;
    for (const double v : cell_volumes(mesh)) volume += std::abs(v);
    EXPECT_NEAR(l.measure.sum().item<double>(), volume, 1e-12 * volume);
    const Tensor dense =
        at::zeros({g.num_nodes(), g.num_nodes()}, at::kDouble).index_put({l.receiver, l.sender()}, l.weight);
    EXPECT_TRUE(at::equal(dense, dense.t()));
    EXPECT_EQ(largest(laplacian(l, at::full({g.num_nodes(), 2}, 7.0, at::kDouble))), 0);
  }
}

TEST(MeshLaplacian, AnnihilatesLinearFunctionsInside) {
  for (const auto& [name, mesh] : of_simplices()) {
    if (mesh.dim() > mesh.cell_dim()) continue;
    const Graph g = make_graph(mesh);
    const Tensor a = random_tensor({mesh.dim(), 3}, 4);
    const Tensor found = laplacian(laplacian_edges(mesh, g), at::matmul(g.position, a) + 2) * inner_points(mesh);
    EXPECT_LT(largest(found), 2e-10) << name;
  }
}

// Of |x|^2 exactly, in the mean over the points inside with their measures: twice the dimension.
TEST(MeshLaplacian, OfSquaresIsTwiceTheDimension) {
  for (const Mesh& mesh : {jiggled(rectangle(30, 30), 0.15, 1), jiggled(box(9, 9, 9), 0.15, 2)}) {
    const Graph g = make_graph(mesh);
    const EdgeSet l = laplacian_edges(mesh, g);
    const Tensor weight = inner_points(mesh) * l.measure.unsqueeze(1);
    const Tensor found = laplacian(l, g.position.square().sum(1, true));
    const double mean = ((found * weight).sum() / weight.sum()).item<double>();
    EXPECT_NEAR(mean, 2 * mesh.dim(), 0.03 * mesh.dim());
  }
}

TEST(MeshLaplacian, IsTheDifferentiableOneOnTriangles) {
  for (const auto& [name, mesh] : of_simplices()) {
    if (mesh.cell_dim() != 2) continue;
    const Graph g = make_graph(mesh);
    const auto other = cotan_laplacian(g);
    const EdgeSet l = laplacian_edges(mesh, g);
    EXPECT_TRUE(near(l.weight, other.weight, 1e-12)) << name;
    EXPECT_TRUE(near(l.measure, other.area, 1e-12)) << name;
    const Tensor u = random_tensor({g.num_nodes(), 3}, 2);
    EXPECT_TRUE(near(laplacian(l, u), apply(other, g, u), 1e-12)) << name;
  }
}

// The weight of an edge is the energy's second derivative, so that u' K u = sum over cells of volume |grad u|^2.
TEST(MeshLaplacian, EnergyIsTheElements) {
  for (const auto& [name, mesh] : of_simplices()) {
    if (mesh.cell_dim() == 1) continue;
    const Graph g = make_graph(mesh);
    const EdgeSet l = laplacian_edges(mesh, g);
    const Tensor u = random_tensor({g.num_nodes(), 1}, 5);
    const double energy = -(u * l.measure.unsqueeze(1) * laplacian(l, u)).sum().item<double>();
    const Tensor x = g.position.index_select(0, g.cells.reshape(-1)).reshape({g.cells.size(0), -1, g.dim()});
    const Tensor edges = x.slice(1, 1) - x.slice(1, 0, 1), metric = at::matmul(edges, edges.transpose(1, 2));
    const Tensor v = u.index_select(0, g.cells.reshape(-1)).reshape({g.cells.size(0), -1, 1});
    const Tensor change = v.slice(1, 1) - v.slice(1, 0, 1);
    const Tensor density = (change * at::linalg_solve(metric, change)).sum({1, 2});
    const double expected = (density * simplex_volumes(g).abs()).sum().item<double>();
    EXPECT_NEAR(energy, expected, 1e-11 * expected) << name;
  }
}

// Glued, a point at a side is as one inside: a function and the same moved by a period of the mesh's pattern.
TEST(MeshLaplacian, KnowsNoSidesWherePeriodic) {
  const int n = 8;
  const Mesh mesh = rectangle(n, n);
  const Graph g = make_graph(mesh, {}, kBothWays);
  const EdgeSet l = laplacian_edges(mesh, g, kBothWays);
  const Tensor x = g.position * (2 * M_PI), moved = x - 2 * M_PI * 2 / n;
  const auto wave = [](const Tensor& y) { return (y.select(1, 0).sin() * (y.select(1, 1) + 0.3).cos()).unsqueeze(1); };
  const auto grid = [&](const Tensor& t) { return t.reshape({n + 1, n + 1}); };
  const auto once = [&](const Tensor& t) { return grid(t).slice(0, 0, n).slice(1, 0, n); };
  const Tensor here = laplacian(l, wave(x)), there = laplacian(l, wave(moved));
  EXPECT_TRUE(near(once(there), once(here).roll({2, 2}, {0, 1}), 1e-12));
  EXPECT_TRUE(near(grid(here).select(0, 0), grid(here).select(0, n), 1e-12));
  EXPECT_NEAR(once(l.measure).sum().item<double>(), 1, 1e-13);
  EXPECT_TRUE(near(l.measure, at::full_like(l.measure, 1.0 / (n * n)), 1e-12)) << "also at the corners";
}

// A jiggled mesh whose sides keep their places: linear functions, with the jump through the wrap taken back.
TEST(MeshLaplacian, AnnihilatesLinearFunctionsThroughTheWrap) {
  const Mesh mesh = jiggled(rectangle(7, 6), 0.25, 5);
  const Graph g = make_graph(mesh, {}, kBothWays);
  const EdgeSet l = laplacian_edges(mesh, g, kBothWays);
  const Tensor a = at::tensor({2.0, -3.0}, at::kDouble);
  const Tensor jump = segment_sum(at::mv(l.shift, a) * l.weight, l.links) / l.measure;
  const Tensor found = laplacian(l, at::mv(g.position, a).unsqueeze(1)).squeeze(1) - jump;
  EXPECT_LT(largest(found), 1e-10);
}

TEST(MeshLaplacian, PartsHaveTheBitsOfTheWhole) {
  for (const Mesh& mesh : {jiggled(rectangle(9, 7), 0.2, 3), jiggled(box(4, 3, 3), 0.2, 3)}) {
    const bool flat = mesh.dim() == 2;
    const std::vector<PeriodicPair> glued = flat ? kBothWays : std::vector<PeriodicPair>();
    const Graph whole = make_graph(mesh, {}, glued);
    const Tensor u = random_tensor({mesh.num_points(), 2}, 3);
    const Tensor expected = laplacian(laplacian_edges(mesh, whole, glued), u);
    const Adjacency links = graph_links(mesh, glued);
    for (const int parts : {1, 2, 3}) {
      const auto owner = block_partitioner()(links, parts);
      for (int rank = 0; rank < parts; ++rank) {
        const Graph g = make_graph(mesh, make_part(links, owner, rank), {}, glued);
        const EdgeSet l = laplacian_edges(mesh, g, glued);
        const Tensor found = laplacian(l, u.index_select(0, g.global)).narrow(0, 0, g.num_owned);
        EXPECT_TRUE(at::equal(found, expected.index_select(0, g.global.narrow(0, 0, g.num_owned))));
      }
    }
  }
}

TEST(MeshLaplacian, IsCarriedByBatchesMovesAndMirrors) {
  const Mesh mesh = jiggled(rectangle(4, 3), 0.2, 3), other = jiggled(rectangle(3, 5), 0.2, 4);
  std::vector<Graph> graphs;
  std::vector<Tensor> values, expected;
  for (const Mesh& m : {mesh, other}) {
    const Graph g = make_graph(m);
    graphs.push_back(with_edges(g, laplacian_edges(m, g)));
    values.push_back(random_tensor({m.num_points(), 2}, 8));
    expected.push_back(laplacian(graphs.back().edges(kLaplacian), values.back()));
  }
  EXPECT_TRUE(at::equal(laplacian(batch(graphs).edges(kLaplacian), at::cat(values)), at::cat(expected)));
  const Graph mirror = mirrored(graphs[0], 0);
  EXPECT_TRUE(at::equal(laplacian(mirror.edges(kLaplacian), values[0]), expected[0]));
  const Graph single = to(graphs[0], at::kFloat);
  const Tensor found = laplacian(single.edges(kLaplacian), values[0].to(at::kFloat));
  EXPECT_EQ(found.scalar_type(), at::kFloat);
  EXPECT_TRUE(near(found, expected[0], 1e-5));
  graphs[1] = make_graph(other);
  EXPECT_THROW(batch(graphs), Error);
}

TEST(MeshLaplacian, OtherCellsAreRefused) {
  const auto refused = [](const Mesh& mesh, const std::string& word) {
    EXPECT_THAT([&] { laplacian_edges(mesh, make_graph(mesh)); },
                Throws<InputError>(Property(&Error::what, AllOf(HasSubstr("Laplacian"), HasSubstr(word)))));
  };
  refused(rectangle(2, 2, {1, 1}, CellType::quad), "cell 0 is a quad");
  refused(box(1, 1, 1, {1, 1, 1}, CellType::hexa), "hexa");
  MeshData flat = rectangle(2, 2).data();
  for (std::size_t i = 1; i < flat.points.size(); i += 2) flat.points[i] = 0;
  refused(Mesh(flat, {.geometry = false}), "cell 0 has no area");
}

TEST(WeightedDifferences, DifferentiableToSecondOrder) {
  const Mesh mesh = jiggled(rectangle(3, 2), 0.2, 3);
  const Graph g = make_graph(mesh);
  const EdgeSet& e = g.edges();
  const Tensor x = random_tensor({g.num_nodes(), 3}, 1), w = random_tensor({e.size()}, 2);
  const auto of_values = [&](const Tensor& v) { return weighted_differences(e, w, v).square(); };
  const auto of_weights = [&](const Tensor& v) { return weighted_differences(e, v, x).square(); };
  EXPECT_TRUE(check_gradient(of_values, x));
  EXPECT_TRUE(check_gradient(of_weights, w));
  EXPECT_TRUE(check_second_gradient(of_values, x));
  EXPECT_TRUE(check_second_gradient(of_weights, w));
}

// The quick kernels of the backward pass are those that can be differentiated again.
TEST(WeightedDifferences, BothWaysBackwardAreOne) {
  const Graph g = make_graph(jiggled(rectangle(5, 4), 0.2, 3));
  const EdgeSet& e = g.edges();
  const Tensor x = random_tensor({g.num_nodes(), 5}, 1).requires_grad_(true);
  const Tensor w = random_tensor({e.size()}, 2).requires_grad_(true), y = random_tensor({g.num_nodes(), 5}, 3);
  const Tensor out = weighted_differences(e, w, x);
  const auto quick = torch::autograd::grad({out}, {x, w}, {y}, /*retain_graph=*/true);
  const auto again = torch::autograd::grad({out}, {x, w}, {y}, true, /*create_graph=*/true);
  for (int k : {0, 1}) EXPECT_TRUE(near(quick[k], again[k], 1e-13));
  EXPECT_THROW(weighted_differences(e, w.narrow(0, 0, 3), x), Error);
}

}  // namespace
}  // namespace cotan

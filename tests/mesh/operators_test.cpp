#include "mesh/operators.h"

#include <cmath>

#include "core/check.h"
#include "mesh/ordering.h"
#include "mesh/quality.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;

// u_c = b_c + x . a_c for three components; the coefficients depend on the seed.
struct Linear {
  Tensor a, b;  // (3, dim), (3)
  explicit Linear(std::int64_t dim) : a(random_tensor({3, dim}, 21)), b(random_tensor({3}, 22)) {}
  Tensor at(const Tensor& x) const { return at::matmul(x, a.t()) + b; }
};

meshes::Family flat_and_solid() {
  auto family = meshes::triangles();
  for (const auto& m : meshes::tetrahedra()) family.push_back(m);
  for (const auto& m : meshes::with_hole()) family.push_back(m);
  return family;
}

TEST(Gradient, ExactOnLinearFunctionsOfAnyMesh) {
  auto family = flat_and_solid();
  for (const auto& m : meshes::mixed()) family.push_back(m);
  for (const auto& [name, mesh] : family) {
    const Graph g = make_graph(mesh);
    const Linear f(g.dim());
    const Tensor expected = f.a.unsqueeze(0).expand({g.num_nodes(), 3, g.dim()});
    EXPECT_TRUE(near(gradient(g, f.at(g.position)), expected, 1e-11)) << name;
    const Tensor constant = at::full({g.num_nodes(), 1}, 1e8, at::kDouble);
    EXPECT_EQ(gradient(g, constant).abs().max().item<double>(), 0) << name;
    const Tensor v = f.at(g.position).narrow(1, 0, g.dim());
    EXPECT_TRUE(near(divergence(g, v), f.a.narrow(0, 0, g.dim()).trace().expand({g.num_nodes()}), 1e-11)) << name;
  }
}

TEST(Gradient, OfElementsIsExactOnLinearFunctions) {
  for (const auto& [name, mesh] : flat_and_solid()) {
    const Graph g = make_graph(mesh);
    const Linear f(g.dim());
    const Tensor expected = f.a.unsqueeze(0).expand({g.num_nodes(), 3, g.dim()});
    EXPECT_TRUE(near(element_gradient(g, f.at(g.position)), expected, 1e-12)) << name;
  }
  EXPECT_THROW(element_gradient(make_graph(mixed_rectangle(2, 2)), at::zeros({9, 1}, at::kDouble)), InputError);
  const Graph quads = make_graph(rectangle(2, 2, {1, 1}, CellType::quad));
  EXPECT_THROW(element_gradient(quads, at::zeros({9, 1}, at::kDouble)), InputError);
}

// A flat sheet, turned in space: the tangential part of a linear function's gradient, exactly.
TEST(Gradient, TangentialOnFlatSurfaces) {
  MeshData data = jiggled(rectangle(5, 5), 0.2, 1).data();
  const Tensor turn = std::get<0>(at::linalg_qr(random_tensor({3, 3}, 3)));
  const Tensor flat = at::tensor(data.points, at::kDouble).reshape({-1, 2});
  const Tensor turned =
      at::matmul(at::cat({flat, at::full({flat.size(0), 1}, 0.3, at::kDouble)}, 1), turn.t()).contiguous();
  data.dim = 3;
  data.points.assign(turned.const_data_ptr<double>(), turned.const_data_ptr<double>() + turned.numel());
  const Graph g = make_graph(Mesh(data));
  const Linear f(3);
  const Tensor normal = turn.select(1, 2);
  const Tensor tangential = f.a - at::outer(at::mv(f.a, normal), normal);
  const Tensor expected = tangential.unsqueeze(0).expand({g.num_nodes(), 3, 3});
  EXPECT_TRUE(near(gradient(g, f.at(g.position)), expected, 1e-11));
  EXPECT_TRUE(near(element_gradient(g, f.at(g.position)), expected, 1e-11));
}

TEST(Gradient, ConvergesOnTheSphere) {
  std::vector<double> h, error;
  for (int subdivisions : {2, 3, 4}) {
    const Graph g = make_graph(sphere_surface(subdivisions));
    const Tensor x = g.position, u = (x.select(1, 0) * x.select(1, 1)).unsqueeze(1);
    const Tensor full = at::stack({x.select(1, 1), x.select(1, 0), at::zeros_like(x.select(1, 0))}, 1);
    const Tensor exact = full - x * (full * x).sum(1, true);
    h.push_back(std::pow(0.5, subdivisions));
    error.push_back((gradient(g, u).squeeze(1) - exact).square().mean().sqrt().item<double>());
  }
  EXPECT_GT(measured_order(h, error), 1);
}

// Points on a line know nothing of the direction across it: least norm there, and no infinities.
TEST(Gradient, OpenDirectionsAreLeftAtZero) {
  Graph g = make_graph(rectangle(2, 1, {2, 1}, CellType::quad));
  const auto& e = g.edges();
  const Tensor level = (e.offset.select(1, 1) == 0).nonzero().squeeze(1);
  const Tensor first_three = (e.receiver.index_select(0, level) < 3).nonzero().squeeze(1);
  const Tensor kept = level.index_select(0, first_three);
  g = with_edges(g, make_edges("mesh", e.sender().index_select(0, kept), e.receiver.index_select(0, kept),
                               g.num_nodes(), e.offset.index_select(0, kept)));
  const Tensor u = at::mv(g.position, at::tensor({3.0, 5.0}, at::kDouble)).unsqueeze(1);
  const Tensor expected = at::tensor({3.0, 0.0}, at::kDouble).expand({3, 1, 2});
  EXPECT_TRUE(near(gradient(g, u).narrow(0, 0, 3), expected, 1e-13));
  EXPECT_EQ(gradient(g, u).narrow(0, 3, 3).abs().max().item<double>(), 0) << "points without neighbours";
}

// A function that is periodic, moved by one period of the mesh's pattern, has its gradient moved: also at the sides.
TEST(Gradient, KnowsNoSidesWherePeriodic) {
  const int n = 8;
  const std::vector<PeriodicPair> both = {{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};
  const Graph g = make_graph(rectangle(n, n), {}, both);
  const Tensor x = g.position * (2 * M_PI), moved = x - 2 * M_PI * 2 / n;
  const auto wave = [](const Tensor& y) { return (y.select(1, 0).sin() * (y.select(1, 1) + 0.3).cos()).unsqueeze(1); };
  const Tensor here = gradient(g, wave(x)), there = gradient(g, wave(moved));
  const auto grid = [&](const Tensor& t) { return t.reshape({n + 1, n + 1, 2}).slice(0, 0, n).slice(1, 0, n); };
  EXPECT_TRUE(near(grid(there), grid(here).roll({2, 2}, {0, 1}), 1e-12));
  const Tensor whole = here.reshape({n + 1, n + 1, 2});
  EXPECT_TRUE(near(whole.select(0, 0), whole.select(0, n), 1e-12));
  EXPECT_TRUE(near(whole.select(1, 0), whole.select(1, n), 1e-12));
  // Linear but for the wrap's jump: exact once the jump is taken back by the edges' shift.
  const auto& e = g.edges();
  const Tensor a = at::tensor({2.0, -3.0}, at::kDouble);
  const auto fit = least_squares(g);
  const Tensor u = at::mv(g.position, a).unsqueeze(1);
  const Tensor jump = segment_sum(at::mv(e.shift, a).unsqueeze(1) * fit.weighted, e.links);
  const Tensor corrected = gradient(fit, g, u).squeeze(1) - at::matmul(jump.unsqueeze(1), fit.inverse).squeeze(1);
  EXPECT_TRUE(near(corrected, a.expand({g.num_nodes(), 2}), 1e-12));
}

TEST(Gradient, DifferentiableInValuesAndPositions) {
  for (const auto& mesh : {jiggled(rectangle(3, 2), 0.2, 1), jiggled(box(2, 1, 1), 0.2, 1)}) {
    const Graph g = make_graph(mesh);
    const Tensor u = random_tensor({g.num_nodes(), 2});
    EXPECT_TRUE(check_gradient([&](const Tensor& v) { return gradient(g, v); }, u));
    EXPECT_TRUE(check_gradient([&](const Tensor& v) { return element_gradient(g, v); }, u));
    const auto of_position = [&](const Tensor& x, auto&& op) {
      Graph moved = g;
      moved.position = x;
      EdgeSet& e = moved.edge_sets[0];
      e.offset = segment_spread(x, e.links) - gather(x, e.links);
      return op(moved, u);
    };
    const auto fitted = [](const Graph& m, const Tensor& v) { return gradient(m, v); };
    const auto of_elements = [](const Graph& m, const Tensor& v) { return element_gradient(m, v); };
    EXPECT_TRUE(check_gradient([&](const Tensor& x) { return of_position(x, fitted); }, g.position, 1e-6));
    EXPECT_TRUE(check_gradient([&](const Tensor& x) { return of_position(x, of_elements); }, g.position, 1e-6));
  }
}

meshes::Family triangle_meshes() {
  auto family = meshes::triangles();
  family.push_back({"sphere", sphere_surface(2)});
  family.push_back({"saddle", saddle_surface(6)});
  return family;
}

TEST(Laplacian, AreasAndWeightsOfAnyTriangleMesh) {
  for (const auto& [name, mesh] : triangle_meshes()) {
    SCOPED_TRACE(name);
    const Graph g = make_graph(mesh);
    const auto l = cotan_laplacian(g);
    EXPECT_NEAR(l.area.sum().item<double>(), simplex_volumes(g).abs().sum().item<double>(), 1e-12);
    EXPECT_GT(l.area.min().item<double>(), 0);
    const auto& e = g.edges();
    const Tensor dense =
        at::zeros({g.num_nodes(), g.num_nodes()}, at::kDouble).index_put({e.receiver, e.sender()}, l.weight);
    EXPECT_TRUE(near(dense, dense.t(), 1e-13)) << "symmetric";
    EXPECT_EQ(apply(l, g, at::full({g.num_nodes(), 2}, 7.0, at::kDouble)).abs().max().item<double>(), 0);
    std::vector<char> border(mesh.num_points(), 0);
    for (const Facet& f : boundary_facets(mesh)) {
      for (Index i : facet_corners(mesh, f)) border[i] = 1;
    }
    for (Index i = 0; i < mesh.num_points(); ++i) EXPECT_EQ(l.boundary[i].item<bool>(), border[i] != 0) << i;
  }
}

TEST(Laplacian, LinearFunctionsInThePlaneAreHarmonic) {
  for (const auto& [name, mesh] : meshes::triangles()) {
    const Graph g = make_graph(mesh);
    const auto l = cotan_laplacian(g);
    const Tensor inside = l.boundary.logical_not().to(at::kDouble).unsqueeze(1);
    const Tensor r = apply(l, g, Linear(2).at(g.position)) * inside;
    EXPECT_LT(r.abs().max().item<double>(), 1e-10) << name;
  }
}

// The stiffness is that of linear finite elements: u' K u = sum over triangles of area |grad u|^2.
TEST(Laplacian, EnergyIsTheElements) {
  for (const auto& [name, mesh] : meshes::triangles()) {
    const Graph g = make_graph(mesh);
    const auto l = cotan_laplacian(g);
    const Tensor u = random_tensor({g.num_nodes(), 1}, 5);
    const double energy = -(u.squeeze(1) * l.area * apply(l, g, u).squeeze(1)).sum().item<double>();
    double expected = 0;
    const Tensor x = g.position.contiguous();
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      const auto p = mesh.cell(c);
      double gx = 0, gy = 0, area = 0;
      for (int k = 0; k < 3; ++k) {
        const auto a = mesh.point(p[(k + 1) % 3]), b = mesh.point(p[(k + 2) % 3]);
        const double value = u[p[k]][0].item<double>();
        gx += value * (a[1] - b[1]), gy += value * (b[0] - a[0]);
        area += (a[0] * b[1] - b[0] * a[1]) / 2;
      }
      expected += (gx * gx + gy * gy) / (4 * area);
    }
    EXPECT_NEAR(energy, expected, 1e-11 * expected) << name;
  }
}

// Spherical harmonics of degree 1 and 2 have eigenvalues -2 and -6. The first, in the mean, exactly: the coordinates of
// a triangulated surface have the energy of twice its area.
TEST(Laplacian, HarmonicsOfTheSphereHaveTheirEigenvalues) {
  std::vector<double> h, second;
  for (int subdivisions : {2, 3, 4}) {
    const Graph g = make_graph(sphere_surface(subdivisions));
    const auto l = cotan_laplacian(g);
    EXPECT_FALSE(l.boundary.any().item<bool>());
    const Tensor weight = l.area.unsqueeze(1);
    const auto quotient = [&](const Tensor& u) {
      return ((u * apply(l, g, u) * weight).sum() / (u.square() * weight).sum()).item<double>();
    };
    const Tensor x = g.position;
    EXPECT_NEAR(quotient(x), -2, 1e-12);
    h.push_back(std::pow(0.5, subdivisions));
    second.push_back(std::abs(quotient(x * x.roll(1, 1)) + 6));
  }
  EXPECT_NEAR(measured_order(h, second), 2, 0.15);
  EXPECT_LT(second.back(), 0.05);
}

// Point by point, L x = -2 x falls apart. Along the normal it is exact: x_i . (x_j - x_i) = -|x_j - x_i|^2 / 2 on the
// unit sphere, and the weights times |x_j - x_i|^2 / 4 sum to the Voronoi area (no angle is obtuse). Across it, the
// error is h times the asymmetry of a point's ring. Inside the icosahedron's faces that is O(h), but halving edges
// again and again leaves kinks along the lines of every level m, of size 4^-m whatever h is. So the largest error falls
// as h, and since a share 2^m h of the points lies on those lines, the mean square falls as h^3: the root as h^1.5,
// from below.
TEST(Laplacian, OfTheSpheresCoordinatesPointByPoint) {
  std::vector<double> h, mean, largest;
  for (int subdivisions : {3, 4, 5}) {
    const Graph g = make_graph(sphere_surface(subdivisions));
    const auto l = cotan_laplacian(g);
    const Tensor x = g.position, error = apply(l, g, x) + 2 * x;
    EXPECT_LT((error * x).sum(1).abs().max().item<double>(), 1e-11);
    h.push_back(std::pow(0.5, subdivisions));
    const Tensor square = error.square().sum(1);
    largest.push_back(square.max().sqrt().item<double>());
    mean.push_back(((square * l.area).sum() / l.area.sum()).sqrt().item<double>());
  }
  EXPECT_NEAR(measured_order(h, largest), 1, 0.01);
  EXPECT_NEAR(measured_order(h, mean), 1.5, 0.1);
}

TEST(Laplacian, DifferentiableInPositionsAndValues) {
  // Sheared, so that obtuse triangles are among them and none is near the kink of the area at a right angle.
  const Mesh square = jiggled(rectangle(3, 3), 0.1, 2), saddle = jiggled(saddle_surface(3), 0.1, 3);
  std::vector<double> points(square.points().begin(), square.points().end());
  for (std::size_t i = 0; i < points.size(); i += 2) points[i] += 0.6 * points[i + 1];
  const Mesh flat = square.with_points(points);
  for (const Mesh& mesh : {flat, saddle}) {
    const Graph g = make_graph(mesh);
    const Tensor u = random_tensor({g.num_nodes(), 2});
    const auto edges = triangle_edges(g);
    const auto laplacian = [&](const Tensor& x) { return apply(cotan_laplacian(edges, g, x), g, u); };
    EXPECT_TRUE(check_gradient(laplacian, g.position, 1e-6));
    EXPECT_TRUE(check_gradient([&](const Tensor& v) { return apply(cotan_laplacian(g), g, v); }, u, 1e-6));
  }
}

TEST(Laplacian, OtherCellsAndGluedSidesAreRefused) {
  EXPECT_THROW(cotan_laplacian(make_graph(box(1, 1, 1))), InputError);
  EXPECT_THROW(cotan_laplacian(make_graph(rectangle(2, 2, {1, 1}, CellType::quad))), InputError);
  const std::vector<PeriodicPair> glued = {{"left", "right", {1, 0}}};
  EXPECT_THROW(cotan_laplacian(make_graph(rectangle(4, 4), {}, glued)), InputError);
}

TEST(Volumes, EqualToTheHosts) {
  auto family = flat_and_solid();
  family.push_back({"sphere", sphere_surface(2)});
  family.push_back({"interval", interval(5)});
  for (const auto& [name, mesh] : family) {
    const Graph g = make_graph(mesh);
    auto host = cell_volumes(mesh);
    const Tensor expected = at::tensor(host, at::kDouble);
    EXPECT_TRUE(near(simplex_volumes(g), expected, 1e-13)) << name;
    EXPECT_TRUE(at::equal(simplex_volumes(g.position, g.cells), simplex_volumes(g))) << name;
  }
  for (const Mesh& mesh : {jiggled(rectangle(2, 2), 0.2, 1), box(1, 1, 1), saddle_surface(2)}) {
    const Graph g = make_graph(mesh);
    EXPECT_TRUE(check_gradient([&](const Tensor& x) { return simplex_volumes(x, g.cells); }, g.position));
  }
}

// What is computed does not depend on how the mesh's points are numbered.
TEST(Renumbering, CommutesWithEveryOperator) {
  for (const auto& [name, mesh] : triangle_meshes()) {
    SCOPED_TRACE(name);
    const Tensor shuffled = std::get<1>(at::sort(random_tensor({mesh.num_points()}, 9)));
    const Order order(shuffled.const_data_ptr<std::int64_t>(),
                      shuffled.const_data_ptr<std::int64_t>() + shuffled.numel());
    const Graph a = make_graph(mesh), b = make_graph(reordered(mesh, order));
    const Tensor u = random_tensor({a.num_nodes(), 3}, 4), moved = u.index_select(0, shuffled);
    const auto same = [&](const Tensor& x, const Tensor& y) { return near(y, x.index_select(0, shuffled), 1e-12); };
    EXPECT_TRUE(same(a.position, b.position));
    EXPECT_TRUE(same(a.volume, b.volume));
    EXPECT_TRUE(same(gradient(a, u), gradient(b, moved)));
    EXPECT_TRUE(same(element_gradient(a, u), element_gradient(b, moved)));
    EXPECT_TRUE(same(apply(cotan_laplacian(a), a, u), apply(cotan_laplacian(b), b, moved)));
    EXPECT_TRUE(same(cotan_laplacian(a).area, cotan_laplacian(b).area));
    const auto pull = [](const Graph& g, const Tensor& x) {
      const Tensor v = x.detach().clone().requires_grad_(true);
      const Tensor loss = gradient(g, v).tanh().sum() + apply(cotan_laplacian(g), g, v).sin().sum();
      return torch::autograd::grad({loss}, {v})[0];
    };
    EXPECT_TRUE(same(pull(a, u), pull(b, moved)));
  }
}

}  // namespace
}  // namespace cotan

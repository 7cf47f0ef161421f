#include "mesh/stencil.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/check.h"
#include "mesh/laplacian.h"
#include "mesh/ordering.h"
#include "mesh/weighted_differences.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

const std::vector<PeriodicPair> kBothWays = {{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};

RadialKernel kernel() {
  return {at::tensor({0.7, 0.3}, at::kDouble), at::tensor({0.05, 0.3}, at::kDouble), at::full({}, 1e-7, at::kDouble)};
}

EdgeSet weighted(const Mesh& mesh, const std::vector<PeriodicPair>& periodic = {}, const StencilPoints& points = {}) {
  EdgeSet set = stencil_edges(mesh, make_graph(mesh, {}, periodic), periodic, points);
  set.weight = stencil_weights(set, mesh.cell_dim(), kernel());
  return set;
}

Tensor positions(const Mesh& mesh) {
  return make_graph(mesh).position;
}

double largest(const Tensor& x) {
  return x.abs().max().item<double>();
}

meshes::Family flat_and_solid() {
  auto family = meshes::triangles();
  std::erase_if(family, [](const auto& m) { return m.name == "one_square"; });
  for (const auto& m : meshes::with_hole()) family.push_back(m);
  family.push_back({"box", jiggled(box(4, 4, 4), 0.3, 2)});
  family.push_back({"interval", interval(9, 2.5)});
  return family;
}

// At the border too, where stencils are one-sided.
TEST(Stencil, IsExactOnQuadraticFunctions) {
  for (const auto& [name, mesh] : flat_and_solid()) {
    SCOPED_TRACE(name);
    const EdgeSet set = weighted(mesh);
    const Tensor x = positions(mesh), a = random_tensor({mesh.dim(), mesh.dim()}, 1),
                 b = random_tensor({mesh.dim()}, 2);
    const Tensor f = (at::matmul(x, a) * x).sum(1) + at::mv(x, b) + 3;
    const Tensor exact = at::full({mesh.num_points(), 1}, 2 * a.trace().item<double>(), at::kDouble);
    EXPECT_TRUE(near(laplacian(set, f.unsqueeze(1)), exact, 1e-7));
    EXPECT_EQ(largest(laplacian(set, at::full({mesh.num_points(), 2}, 7.0, at::kDouble))), 0);
  }
}

// All first and second derivatives.
TEST(Stencil, DerivativesAreExactOnQuadraticFunctions) {
  for (const auto& [name, mesh] : flat_and_solid()) {
    SCOPED_TRACE(name);
    const EdgeSet set = stencil_edges(mesh, make_graph(mesh));
    const Tensor x = positions(mesh), half = random_tensor({mesh.dim(), mesh.dim()}, 1), hessian = half + half.t();
    const Tensor b = random_tensor({mesh.dim()}, 2), f = (at::matmul(x, half) * x).sum(1) + at::mv(x, b) + 3;
    std::vector<Tensor> expected = at::unbind(at::matmul(x, hessian) + b, 1);
    for (int i = 0; i < mesh.dim(); ++i) {
      for (int j = i; j < mesh.dim(); ++j) expected.push_back(hessian[i][j].expand({mesh.num_points()}));
    }
    const Tensor weights = derivative_weights(set, mesh.cell_dim(), kernel());
    ASSERT_EQ(weights.size(1), std::ssize(expected));
    for (std::int64_t d = 0; d < weights.size(1); ++d) {
      const Tensor found = weighted_differences(set, weights.select(1, d).contiguous(), f.unsqueeze(1));
      EXPECT_TRUE(near(found, expected[d].unsqueeze(1), 1e-7)) << d;
    }
  }
}

// The sum of the second ones is the Laplacian with the same kernel; on surfaces axes are not along the cells.
TEST(Stencil, SecondDerivativesSumToTheLaplacian) {
  const Mesh mesh = jiggled(rectangle(9, 9), 0.3, 1);
  const EdgeSet set = weighted(mesh, kBothWays);
  const Tensor weights = derivative_weights(set, 2, kernel());
  const Tensor over = set.measure.index_select(0, set.receiver);
  EXPECT_TRUE(near((weights.select(1, 2) + weights.select(1, 4)) * over, set.weight, 1e-9));
  const Mesh sphere = sphere_surface(2);
  EXPECT_THAT([&] { derivative_weights(stencil_edges(sphere, make_graph(sphere)), 2, kernel()); },
              Throws<InputError>(Property(&InputError::what, HasSubstr("derivatives along axes"))));
}

// Then squares only nearly, away from the border.
TEST(Stencil, IsExactOnLinearFunctionsWhereAsked) {
  const Mesh mesh = jiggled(rectangle(12, 12), 0.3, 1);
  EdgeSet set = stencil_edges(mesh, make_graph(mesh));
  set.weight = stencil_weights(set, 2, kernel(), 1);
  const Tensor x = positions(mesh);
  EXPECT_LT(largest(laplacian(set, x)), 1e-7);
  const Tensor inside = ((x - 0.5).abs().amax(1) < 0.25).nonzero().squeeze(1);
  const double error = largest(laplacian(set, x.square()).index_select(0, inside) - 2);
  EXPECT_LT(error, 0.4);
  EXPECT_GT(error, 1e-4);
}

// The same said of offsets, where they go through wraps and mirrors or along surfaces: their moments.
testing::AssertionResult has_moments(const EdgeSet& set, std::int64_t cell_dim) {
  const std::int64_t dim = set.offset.size(1);
  const Tensor w = set.weight.unsqueeze(1);
  const Tensor first = segment_sum(w * set.offset, set.links) / set.measure.unsqueeze(1).sqrt();
  const Tensor outer = (set.offset.unsqueeze(2) * set.offset.unsqueeze(1)).reshape({-1, dim * dim});
  const Tensor second = segment_sum(w * outer, set.links).reshape({-1, dim, dim}) / set.measure.view({-1, 1, 1});
  if (largest(first) > 1e-7) return testing::AssertionFailure() << "first moments up to " << largest(first);
  // Twice the identity along the tangent space.
  const Tensor excess = at::matmul(second, second) - 2 * second;
  const double trace = largest(second.diagonal(0, 1, 2).sum(1) - 2.0 * static_cast<double>(cell_dim));
  if (largest(excess) > 1e-6 || trace > 1e-6)
    return testing::AssertionFailure() << "second moments off by " << largest(excess) << ", " << trace;
  return testing::AssertionSuccess();
}

TEST(Stencil, HasTheMomentsOfALaplacian) {
  EXPECT_TRUE(has_moments(weighted(jiggled(rectangle(7, 6), 0.3, 1), kBothWays), 2));
  const Mesh ring = annulus(16, 4);
  EXPECT_TRUE(has_moments(weighted(ring, {}, {0, boundary_facets(ring)}), 2));
  EXPECT_TRUE(has_moments(weighted(sphere_surface(2)), 2));
  EXPECT_TRUE(has_moments(weighted(saddle_surface(6)), 2));
}

TEST(Stencil, TakesAllAtTheLastDistance) {
  const Mesh mesh = rectangle(12, 12);
  const EdgeSet set = stencil_edges(mesh, make_graph(mesh));
  // Of a square lattice: 4, 4, 4 and 8 others at 1, sqrt 2, 2 and sqrt 5 spacings.
  EXPECT_EQ(set.links.offsets.diff()[6 * 13 + 6].item<std::int64_t>(), 20);
  const Mesh quads = rectangle(12, 12, {1, 1}, CellType::quad);
  const EdgeSet glued = stencil_edges(quads, make_graph(quads, {}, kBothWays), kBothWays);
  EXPECT_TRUE((glued.links.offsets.diff() == 20).all().item<bool>()) << "no point is at a border";
  EXPECT_TRUE(near(glued.measure, at::full_like(glued.measure, 1.0 / 144), 1e-12));
}

TEST(Stencil, KnowsNoSidesWherePeriodic) {
  const int n = 12;
  const Mesh mesh = rectangle(n, n);
  const EdgeSet set = weighted(mesh, kBothWays);
  const Tensor x = positions(mesh) * (2 * M_PI), moved = x - 2 * M_PI * 3 / n;
  const auto wave = [](const Tensor& y) {
    return ((y.select(1, 0) + 0.7).sin() * (y.select(1, 1) + 0.3).cos()).unsqueeze(1);
  };
  const auto once = [&](const Tensor& t) { return t.reshape({n + 1, n + 1}).slice(0, 0, n).slice(1, 0, n); };
  const Tensor here = laplacian(set, wave(x)), there = laplacian(set, wave(moved));
  EXPECT_TRUE(near(once(there), once(here).roll({3, 3}, {0, 1}), 1e-9));
  const Tensor grid = here.reshape({n + 1, n + 1});
  EXPECT_TRUE(near(grid.select(0, 0), grid.select(0, n), 1e-9));
  EXPECT_TRUE(near(grid.select(1, 0), grid.select(1, n), 1e-9));
}

// A quarter of a square (an eighth of a cube) with mirrors at the cuts is that of the whole, corners included.
TEST(Stencil, MirrorsUnfoldTheMesh) {
  for (const bool solid : {false, true}) {
    const int n = solid ? 4 : 8;
    const auto grid = [&](int cells) {
      return solid ? box(cells, cells, cells, {1, 1, 1}, CellType::hexa)
                   : rectangle(cells, cells, {1, 1}, CellType::quad);
    };
    const Mesh whole = grid(2 * n), part = grid(n);
    std::vector<double> points(part.points().begin(), part.points().end());
    for (double& x : points) x = 0.5 + x / 2;
    const Mesh quarter = part.with_points(points);
    StencilPoints mirrors;
    auto sides = std::vector<std::string>{"left", "bottom"};
    if (solid) sides.push_back("back");
    for (const auto& side : sides) {
      const auto facets = quarter.facets_of(side);
      mirrors.mirrors.insert(mirrors.mirrors.end(), facets.begin(), facets.end());
    }
    mirrors.count = solid ? 33 : 21;
    const auto wave = [](const Tensor& x) { return (2 * M_PI * x).cos().prod(1, true); };
    const Tensor x = positions(quarter), y = positions(whole);
    const Tensor found = laplacian(weighted(quarter, {}, mirrors), wave(x));
    const Tensor of_whole = laplacian(weighted(whole, {}, {mirrors.count, {}}), wave(y));
    for (std::int64_t i = 0; i < x.size(0); ++i) {
      const std::int64_t same = (y - x[i]).square().sum(1).argmin().item<std::int64_t>();
      EXPECT_NEAR(found[i][0].item<double>(), of_whole[same][0].item<double>(), 1e-6) << x[i];
    }
  }
}

// Bent mirrors: cosines of the radius without slope at both rims of a ring.
TEST(Stencil, MirrorsAtRimsConverge) {
  std::vector<double> h, error;
  for (const int n : {4, 8, 16}) {
    const Mesh mesh = annulus(9 * n, n, 0.5, 1);
    const EdgeSet set = weighted(mesh, {}, {0, boundary_facets(mesh)});
    const Tensor r = positions(mesh).norm(2, 1, true), k = 2 * M_PI * (r - 0.5);
    const Tensor exact = -4 * M_PI * M_PI * k.cos() - 2 * M_PI * k.sin() / r;
    h.push_back(1.0 / n);
    error.push_back((laplacian(set, k.cos()) - exact).square().mean().sqrt().item<double>());
  }
  EXPECT_GT(measured_order(h, error), 1);
  EXPECT_LT(error.back(), 1);
}

TEST(Stencil, HarmonicsOfTheSphereHaveTheirEigenvalues) {
  std::vector<double> h, error;
  for (const int subdivisions : {2, 3, 4}) {
    const Mesh mesh = sphere_surface(subdivisions);
    const Tensor x = positions(mesh), u = x * x.roll(1, 1);
    h.push_back(std::pow(0.5, subdivisions));
    error.push_back((laplacian(weighted(mesh), u) + 6 * u).square().mean().sqrt().item<double>());
  }
  EXPECT_GT(measured_order(h, error), 1.5);
  EXPECT_LT(error.back(), 0.02);
}

// On smooth functions, sides without flux included: mean squares of the error, by 30 and more on uneven meshes.
TEST(Stencil, IsCloserThanLinearElements) {
  const auto compare = [](const Mesh& mesh, const Tensor& f, const Tensor& exact, double factor) {
    const EdgeSet elements = laplacian_edges(mesh, make_graph(mesh));
    const EdgeSet stencils = weighted(mesh, {}, {0, boundary_facets(mesh)});
    const auto errors = [&](const EdgeSet& set) { return (laplacian(set, f) - exact).square().mean(0); };
    EXPECT_TRUE((factor * errors(stencils) < errors(elements)).all().item<bool>())
        << mesh.dim() << " dimensions: " << errors(stencils) << " and " << errors(elements);
  };
  for (const Mesh& mesh : {jiggled(rectangle(20, 20), 0.25, 1), jiggled(box(6, 6, 6), 0.25, 1), interval(20)}) {
    const Tensor k = M_PI * at::arange(1, 4, at::kDouble);
    const Tensor f = (positions(mesh).unsqueeze(2) * k).cos().prod(1);  // three modes
    compare(mesh, f, -mesh.dim() * k.square() * f, mesh.dim() > 1 ? 30 : 1);
  }
  const Mesh sphere = sphere_surface(3);
  const Tensor x = positions(sphere), second = x * x.roll(1, 1), third = x.prod(1, true);
  compare(sphere, at::cat({second, third}, 1), -at::cat({6 * second, 12 * third}, 1), 1);
}

TEST(Stencil, DoesNotReachThroughWalls) {
  MeshData data = rectangle(9, 6, {9, 6}).data(), cut;  // a slot one cell wide, down to the lowest row
  cut.points = data.points;
  const Mesh whole(std::move(data));
  for (Index c = 0; c < whole.num_cells(); ++c) {
    double x = 0, y = 0;
    for (const Index p : whole.cell(c)) x += whole.point(p)[0] / 3, y += whole.point(p)[1] / 3;
    if (x > 4 && x < 5 && y > 1) continue;
    cut.types.push_back(CellType::triangle);
    cut.cells.push_row(whole.cell(c));
  }
  const Mesh mesh(std::move(cut));
  const Graph g = make_graph(mesh);
  const EdgeSet set = stencil_edges(mesh, g);
  const Tensor to = g.position.index_select(0, set.receiver), from = g.position.index_select(0, set.sender());
  const Tensor high = (to.select(1, 1) > 4).logical_and(from.select(1, 1) > 4);
  const Tensor across = ((to.select(1, 0) - 4.5) * (from.select(1, 0) - 4.5) < 0).logical_and(high);
  EXPECT_FALSE(across.any().item<bool>());
  EXPECT_TRUE(((to.select(1, 0) - from.select(1, 0)).abs() > 1.5).logical_and(high).any().item<bool>());
}

// No mode grows: on glued meshes, on closed surfaces, with mirrors, and where values at the border are given.
TEST(Stencil, HasNoGrowingMode) {
  // Of the unknowns at the points `kept`; a point's value is that of unknown number[point], 0 beyond the last.
  const auto largest_real_part = [](const EdgeSet& set, const std::vector<Index>& kept,
                                    const std::vector<Index>& number) {
    const auto longs = [](const std::vector<Index>& x) {
      return at::tensor(std::vector<std::int64_t>(x.begin(), x.end()), at::kLong);
    };
    const std::int64_t n = std::ssize(kept);
    const Tensor one_hot = at::cat({at::eye(n, at::kDouble), at::zeros({1, n}, at::kDouble)});
    const Tensor matrix = laplacian(set, one_hot.index_select(0, longs(number))).index_select(0, longs(kept));
    return at::real(at::linalg_eigvals(matrix)).max().item<double>();
  };
  const Mesh sheet = jiggled(rectangle(12, 12), 0.3, 1);
  const Unknowns glued = unknowns_of(sheet, kBothWays);
  EXPECT_LT(largest_real_part(weighted(sheet, kBothWays), glued.point, glued.of_point), 1e-8);
  const Mesh globe = sphere_surface(2);
  const Unknowns of_globe = unknowns_of(globe);
  EXPECT_LT(largest_real_part(weighted(globe), of_globe.point, of_globe.of_point), 1e-8);
  for (const Mesh& mesh : {sheet, annulus(24, 5), saddle_surface(8), jiggled(box(5, 5, 5), 0.3, 1)}) {
    const auto border = boundary_facets(mesh);
    const Unknowns all = unknowns_of(mesh);
    EXPECT_LT(largest_real_part(weighted(mesh, {}, {0, border}), all.point, all.of_point), 1e-8);
    // One-sided in flat space, linear functions are not damped either: zero several times, which round-off moves by its
    // root.
    if (mesh.dim() == mesh.cell_dim()) {
      EXPECT_LT(largest_real_part(weighted(mesh), all.point, all.of_point), 1e-4);
    }
    std::vector<Index> inside, number(mesh.num_points(), 0);
    for (const Facet& f : border) {
      for (const Index i : facet_corners(mesh, f)) number[i] = -1;
    }
    for (Index i = 0; i < mesh.num_points(); ++i) {
      if (number[i] == 0) inside.push_back(i);
    }
    for (Index k = 0; auto& i : number) i = i < 0 ? static_cast<Index>(inside.size()) : k++;
    EXPECT_LT(largest_real_part(weighted(mesh), inside, number), -1);
  }
}

TEST(Stencil, CommutesWithRenumbering) {
  const Mesh mesh = jiggled(rectangle(8, 7), 0.2, 1);
  const Order order = hilbert_order(mesh);
  const Tensor old = at::tensor(std::vector<std::int64_t>(order.begin(), order.end()), at::kLong);
  const Tensor u = random_tensor({mesh.num_points(), 2}, 3);
  const Tensor found = laplacian(weighted(reordered(mesh, order)), u.index_select(0, old));
  EXPECT_TRUE(near(found, laplacian(weighted(mesh), u).index_select(0, old), 1e-9));
}

TEST(Stencil, WeightsAreDifferentiableInTheKernel) {
  const Mesh mesh = jiggled(rectangle(4, 4), 0.2, 1);
  const EdgeSet set = stencil_edges(mesh, make_graph(mesh));
  const RadialKernel k = kernel();
  const auto weights = [&](const Tensor& amplitude, const Tensor& shape, const Tensor& ridge) {
    return stencil_weights(set, 2, {amplitude, shape, ridge});
  };
  EXPECT_TRUE(check_gradient([&](const Tensor& a) { return weights(a, k.shape, k.ridge); }, k.amplitude, 1e-4, 1e-4));
  EXPECT_TRUE(check_gradient([&](const Tensor& c) { return weights(k.amplitude, c, k.ridge); }, k.shape, 1e-4, 1e-5));
  EXPECT_TRUE(check_gradient([&](const Tensor& r) { return weights(k.amplitude, k.shape, r.exp().squeeze(0)); },
                             at::full({1}, -10.0, at::kDouble), 1e-5, 1e-4));
}

TEST(Stencil, BadRequestsAreNamed) {
  const auto refused = [](const auto& call, const std::string& word) {
    EXPECT_THAT(call, Throws<InputError>(Property(&Error::what, HasSubstr(word))));
  };
  const Mesh small = rectangle(1, 1), sheet = rectangle(4, 4);
  refused([&] { stencil_edges(small, make_graph(small)); }, "point 0 reaches 3 others");
  refused([&] { stencil_edges(sheet, make_graph(sheet), {}, {5, {}}); }, "quadratic functions need 6");
  refused([&] { stencil_edges(sheet, make_graph(sheet), {}, {0, {{10, 0}}}); }, "facet 0 of cell 10");
  const Mesh strip = rectangle(12, 1, {12, 1}, CellType::quad);  // two rows of points: no second derivative across
  refused([&] { weighted(strip); }, "second derivatives");
}

}  // namespace
}  // namespace cotan

// Halo exchange and what is built on it: the same numbers on any number of ranks.
#include "mesh/halo.h"

#include <cmath>

#include "mesh/operators.h"
#include "tests/checks.h"
#include "tests/mpi/shares.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace shares;
using at::Tensor;

constexpr double kTolerance = 1e-12;  // of the largest entry, in double

Mesh plate() {
  return jiggled(rectangle(11, 8, {1.5, 1}), 0.2, 5);
}

TEST(Halo, GhostsHoldTheirOwnersRows) {
  const Comm comm = Comm::world();
  const Mesh mesh = plate();
  const Adjacency links = graph_links(mesh);
  for (const auto& sharing : sharings(links, comm.size())) {
    for (int layers : {1, 2, 3}) {
      SCOPED_TRACE(testing::Message() << sharing.name << ", layers " << layers << ", rank " << comm.rank());
      const Share s = make_share(mesh, links, sharing, comm, layers);
      const Tensor whole = random_tensor({mesh.num_points(), 2, 3}, 3), local = whole.index_select(0, s.graph.global);
      const Tensor owned = local * s.graph.owned.to(at::kDouble).reshape({-1, 1, 1});
      EXPECT_TRUE(at::equal(s.halo.to_ghosts(owned), local));
      EXPECT_TRUE(at::equal(s.halo.to_ghosts(owned.to(at::kFloat)), local.to(at::kFloat)));
      EXPECT_TRUE(at::equal(s.halo.to_ghosts((owned * 100).to(at::kLong)), (local * 100).to(at::kLong)));
      // Every rank gives each of its copies a 1: owners then hold the number of copies.
      const Tensor copies = s.halo.to_owners(at::ones({s.graph.num_nodes()}, at::kDouble));
      const Tensor here = at::zeros({mesh.num_points()}, at::kDouble).index_fill(0, s.graph.global, 1);
      const Tensor expected = sum_over_ranks(here, comm).index_select(0, s.graph.global);
      EXPECT_TRUE(at::equal(copies, expected * s.graph.owned.to(at::kDouble)));
    }
  }
}

TEST(Halo, ForwardAndBackwardAreTransposes) {
  const Comm comm = Comm::world();
  const Mesh mesh = plate();
  const Adjacency links = graph_links(mesh);
  for (const auto& sharing : sharings(links, comm.size())) {
    SCOPED_TRACE(sharing.name);
    const Share s = make_share(mesh, links, sharing, comm, 2);
    const std::int64_t n = s.graph.num_nodes();
    const Tensor x = random_tensor({n, 3}, 10 + comm.rank()).requires_grad_(true);
    const Tensor y = random_tensor({n, 3}, 30 + comm.rank());
    const auto dot = [&](const Tensor& a, const Tensor& b) { return comm.sum((a * b).sum().item<double>()); };
    const double left = dot(s.halo.to_ghosts(x), y), right = dot(x, s.halo.to_owners(y));
    EXPECT_NEAR(left, right, 1e-11);
    EXPECT_TRUE(at::equal(torch::autograd::grad({s.halo.to_ghosts(x)}, {x}, {y})[0], s.halo.to_owners(y)));
    EXPECT_TRUE(at::equal(torch::autograd::grad({s.halo.to_owners(x)}, {x}, {y})[0], s.halo.to_ghosts(y)));
    // Twice: the gradient of |to_ghosts(x)|^2 is 2 to_owners(to_ghosts(x)), itself differentiable.
    const Tensor loss = s.halo.to_ghosts(x).square().sum();
    const Tensor g = torch::autograd::grad({loss}, {x}, {}, true, true)[0];
    const Tensor second = torch::autograd::grad({(g * y).sum()}, {x})[0];
    EXPECT_TRUE(near(second, 2 * s.halo.to_owners(s.halo.to_ghosts(y)), 1e-14));
  }
}

// What a backward pass needs lives on when exchange and communicator are gone.
TEST(Halo, OutlivesItsExchange) {
  const Mesh mesh = plate();
  const Adjacency links = graph_links(mesh);
  Tensor x, y;
  {
    const Comm comm = Comm::world();
    const Share s = make_share(mesh, links, sharings(links, comm.size())[0], comm);
    x = at::ones({s.graph.num_nodes()}, at::kDouble).requires_grad_(true);
    y = sum_over_ranks(s.halo.to_ghosts(x).sum(), comm);
  }
  const Tensor g = torch::autograd::grad({y}, {x})[0];
  EXPECT_GE(g.numel() == 0 ? 0 : g.min().item<double>(), 0);
  EXPECT_EQ(Comm::world().sum(g.sum().item<double>()), Comm::world().size() * y.item<double>());
}

TEST(Halo, DefaultIsTheIdentity) {
  const HaloExchange none;
  const Tensor x = random_tensor({4, 2});
  EXPECT_TRUE(none.to_ghosts(x).is_same(x) && none.to_owners(x).is_same(x));
  EXPECT_EQ(none.comm().size(), 1);
}

// Values and gradients of an operator: on whatever ranks, those of the whole mesh.
using Operator = std::function<Tensor(const Graph&, const HaloExchange&, const Tensor&)>;

void expect_like_serial(const Mesh& mesh, const Operator& op, int components, const char* what) {
  const Comm comm = Comm::world();
  const Adjacency links = graph_links(mesh);
  const Graph whole = make_graph(mesh);
  const Tensor u = random_tensor({mesh.num_points(), components}, 8).requires_grad_(true);
  const Tensor expected = op(whole, {}, u), weight = random_tensor(expected.sizes(), 9);
  const Tensor expected_gradient = torch::autograd::grad({(expected.tanh() * weight).sum()}, {u})[0];
  for (const auto& sharing : sharings(links, comm.size())) {
    SCOPED_TRACE(testing::Message() << what << ", " << sharing.name << ", rank " << comm.rank());
    const Share s = make_share(mesh, links, sharing, comm);
    const Graph& g = s.graph;
    // Only owned rows are given: ghosts come by the exchange, and so do their gradients.
    Tensor local = u.detach().index_select(0, g.global);
    local.narrow(0, g.num_owned, g.num_nodes() - g.num_owned).fill_(NAN);
    local.requires_grad_(true);
    const Tensor found = op(g, s.halo, s.halo.to_ghosts(local));
    const auto owned = [&](const Tensor& t) { return t.narrow(0, 0, g.num_owned); };
    const Tensor loss = (owned(found).tanh() * owned(weight.index_select(0, g.global))).sum();
    const Tensor pulled = torch::autograd::grad({loss}, {local})[0];
    EXPECT_TRUE(near(collect(found, s, mesh.num_points()), expected, kTolerance));
    EXPECT_TRUE(near(collect(pulled, s, mesh.num_points()), expected_gradient, kTolerance));
  }
}

TEST(Operators, LikeSerialInThePlane) {
  const auto fitted = [](const Graph& g, const HaloExchange&, const Tensor& u) { return gradient(g, u); };
  const auto of_elements = [](const Graph& g, const HaloExchange&, const Tensor& u) { return element_gradient(g, u); };
  const auto spread = [](const Graph& g, const HaloExchange&, const Tensor& u) { return divergence(g, u); };
  const auto laplacian = [](const Graph& g, const HaloExchange& halo, const Tensor& u) {
    return apply(cotan_laplacian(g, {}, halo), g, u);
  };
  const auto twice = [](const Graph& g, const HaloExchange& halo, const Tensor& u) {
    const auto l = cotan_laplacian(g, {}, halo);
    return apply(l, g, halo.to_ghosts(apply(l, g, u).sin()));
  };
  expect_like_serial(plate(), fitted, 2, "gradient");
  expect_like_serial(plate(), of_elements, 2, "element gradient");
  expect_like_serial(plate(), spread, 2, "divergence");
  expect_like_serial(plate(), laplacian, 2, "Laplacian");
  expect_like_serial(plate(), twice, 1, "Laplacian of a function of a Laplacian");
}

TEST(Operators, LikeSerialOnSolidsAndSurfaces) {
  const auto fitted = [](const Graph& g, const HaloExchange&, const Tensor& u) { return gradient(g, u); };
  const auto of_elements = [](const Graph& g, const HaloExchange& halo, const Tensor& u) {
    return element_gradient(g, u, halo);
  };
  const auto areas = [](const Graph& g, const HaloExchange& halo, const Tensor& u) {
    const auto l = cotan_laplacian(g, g.position + 0.01 * u, halo);
    return at::cat({apply(l, g, u), l.area.unsqueeze(1), l.boundary.to(at::kDouble).unsqueeze(1)}, 1);
  };
  expect_like_serial(jiggled(box(4, 3, 2), 0.2, 1), fitted, 2, "gradient of a box");
  expect_like_serial(jiggled(box(4, 3, 2), 0.2, 1), of_elements, 2, "element gradient of a box");
  expect_like_serial(sphere_surface(2), fitted, 1, "gradient on a sphere");
  expect_like_serial(jiggled(saddle_surface(6), 0.1, 2), areas, 3, "moving surface");
}

// 50 explicit steps of u' = 0.1 (Laplacian u + u - u^3), an exchange in each.
Tensor rollout(const Graph& g, const HaloExchange& halo, Tensor u, int steps) {
  const auto l = cotan_laplacian(g, {}, halo);
  for (int k = 0; k < steps; ++k) {
    u = halo.to_ghosts(u);
    u = u + 1e-4 * (apply(l, g, u) + u - u.pow(3));
  }
  return u;
}

TEST(Rollout, FiftyStepsLikeSerialAndSoIsTheirGradient) {
  const Comm comm = Comm::world();
  const Mesh mesh = plate();
  const Adjacency links = graph_links(mesh);
  const Graph whole = make_graph(mesh);
  const Tensor start = at::cat({(3 * whole.position).sin(), whole.position.square()}, 1).requires_grad_(true);
  const Tensor end = rollout(whole, {}, start, 50);
  EXPECT_GT(relative_difference(end, start), 0.01) << "something moves";
  const Tensor expected = torch::autograd::grad({(end.square().sum(1) * whole.volume).sum()}, {start})[0];
  for (const auto& sharing : sharings(links, comm.size())) {
    SCOPED_TRACE(testing::Message() << sharing.name << ", rank " << comm.rank());
    const Share s = make_share(mesh, links, sharing, comm);
    const Tensor u = start.detach().index_select(0, s.graph.global).requires_grad_(true);
    const Tensor found = rollout(s.graph, s.halo, u, 50);
    EXPECT_TRUE(near(collect(found, s, mesh.num_points()), end, kTolerance));
    const auto owned = [&](const Tensor& t) { return t.narrow(0, 0, s.graph.num_owned); };
    const Tensor loss = (owned(found).square().sum(1) * owned(s.graph.volume)).sum();
    EXPECT_TRUE(near(collect(torch::autograd::grad({loss}, {u})[0], s, mesh.num_points()), expected, kTolerance));
    const double whole_loss = (end.square().sum(1) * whole.volume).sum().item<double>();
    EXPECT_NEAR(sum_over_ranks(loss, comm).item<double>(), whole_loss, kTolerance * whole_loss);
  }
}

}  // namespace
}  // namespace cotan

// Gradients through an integration whose state is shared between ranks, by all three ways, are the serial ones.
#include "integrators/gradient.h"

#include <torch/csrc/autograd/autograd.h>

#include "mesh/operators.h"
#include "tests/checks.h"
#include "tests/mpi/shares.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace shares;
using at::Tensor;

// u' = w Laplacian tanh(u) - u^3
Rate diffusion(const Share& s, const Tensor& w) {
  const auto laplacian = cotan_laplacian(s.graph, {}, s.halo);
  Rate rate = [=, graph = s.graph, halo = s.halo](double, const State& u) {
    const Tensor x = halo.to_ghosts(u["u"]);
    return u.with("u", w * apply(laplacian, graph, at::tanh(x)) - x.pow(3));
  };
  rate.norm = {.scale = {}, .owned = {{"u", s.graph.owned}}, .graph = {}, .num_graphs = 1, .comm = s.halo.comm()};
  return rate;
}

struct Gradients {
  Tensor start, w;  // of the whole mesh, on every rank
};

Gradients gradients(const Share& s, std::int64_t points, const std::string& method, GradientWay way, bool adaptive) {
  const Tensor start = (5 * s.graph.position).cos().sum(1, true).requires_grad_(true);
  const Tensor w = at::full({1}, 0.05, at::kDouble).requires_grad_(true);
  GradientOptions options;
  options.way = way;
  options.parameters = {w};
  const Rate rate = diffusion(s, w);
  const State u({{"u", On::points, start}});
  SolveOptions tolerances;
  tolerances.relative = tolerances.absolute = 1e-6;
  const auto integrator = make_integrator(method);
  const std::vector<double> times = {0, 0.03, 0.05};
  const Solution found =
      adaptive ? solve_with_gradient(integrator, rate, u, times, tolerances, rate.norm, {}, options).solution
               : replay(integrator, rate, u, equal_steps(0, 0.01, 5), times, options).solution;
  const Tensor weight = (3 * s.graph.position).sin().sum(1, true);
  const auto owned = [&](const State& v) { return (v["u"] * weight).narrow(0, 0, s.graph.num_owned).sum(); };
  const auto g = torch::autograd::grad({owned(found.states[1]) + 2 * owned(found.last)}, {start, w});
  return {collect(g[0], s, points), sum_over_ranks(g[1].detach(), s.halo.comm())};
}

TEST(Gradients, OfSharedStatesAreTheSerialOnes) {
  const Comm comm = Comm::world();
  const Mesh mesh = jiggled(rectangle(6, 5), 0.2, 4);
  const Adjacency links = graph_links(mesh);
  const Share whole{make_graph(mesh), {}};
  const auto sharing = sharings(links, comm.size()).front();
  const Share s = make_share(mesh, links, sharing, comm);
  for (const std::string method : {"tsitouras", "sdirk2", "radau5"}) {
    for (const auto way : {GradientWay::through, GradientWay::checkpoints, GradientWay::adjoint}) {
      for (const bool adaptive : {false, true}) {
        SCOPED_TRACE(testing::Message() << method << ", way " << static_cast<int>(way) << ", adaptive " << adaptive
                                        << ", rank " << comm.rank());
        const Gradients expected = gradients(whole, mesh.num_points(), method, way, adaptive);
        const Gradients found = gradients(s, mesh.num_points(), method, way, adaptive);
        EXPECT_GT(expected.start.abs().max().item<double>(), 0.1);
        // implicit stages are solved by iterations that round differently: nearly exactly in given steps, in chosen
        // ones to a share of the tolerance of 1e-6
        const double tolerance = method == "tsitouras" ? 1e-11 : adaptive ? 5e-7 : 1e-7;
        EXPECT_TRUE(near(found.start, expected.start, tolerance));
        EXPECT_TRUE(near(found.w, expected.w, tolerance));
      }
    }
  }
}

}  // namespace
}  // namespace cotan

// A System rolled out over ranks: integrator, prescribed values at stage times and norm see the whole mesh.
#include "integrators/rollout.h"

#include <cmath>

#include "integrators/integrator.h"
#include "integrators/norm.h"
#include "mesh/operators.h"
#include "tests/checks.h"
#include "tests/mpi/shares.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace shares;
using at::Tensor;

// u' = Laplacian u - v . grad u by RK4, sides that swing in time.
System advection_diffusion(const Share& s) {
  const auto laplacian = cotan_laplacian(s.graph, {}, s.halo);
  const auto fit = least_squares(s.graph);
  const Rhs rhs = [=, graph = s.graph, halo = s.halo](double, const State& u) {
    const Tensor x = halo.to_ghosts(u["u"]);
    const Tensor v = at::tensor({1.0, -0.5}, at::kDouble);
    return u.with("u", 0.05 * apply(laplacian, graph, x) - at::matmul(gradient(fit, graph, x), v));
  };
  Prescribed sides;
  const Tensor x = s.graph.position;
  sides.add("u", laplacian.boundary.unsqueeze(1), [x](double t) { return (x.sum(1, true) * 4 + 30 * t).sin(); });
  return method_of_lines(make_integrator("rk4"), rhs, sides);
}

Frame start(const Graph& g) {
  return {0, Fields({{"u", On::points, (5 * g.position).cos().sum(1, true)}})};
}

TEST(Rollout, FiftyStepsOfAMethodWithMovingSidesLikeSerial) {
  const Comm comm = Comm::world();
  const Mesh mesh = jiggled(rectangle(10, 9), 0.2, 4);
  const Adjacency links = graph_links(mesh);
  const Share whole{make_graph(mesh), {}};
  std::vector<double> times;
  for (int k = 0; k <= 50; ++k) times.push_back(0.002 * k);
  const auto run = [&](const Share& s) {
    return rollout(advection_diffusion(s), {{start(s.graph)}}, times, {}, s.halo.comm());
  };
  const auto expected = run(whole);
  ASSERT_EQ(expected.end, RolloutEnd::done);
  const Tensor end = expected.state["u"];
  EXPECT_GT(relative_difference(end, start(whole.graph).fields["u"]), 0.1) << "something moves";
  const double size = Norm{}(expected.state);
  for (const auto& sharing : sharings(links, comm.size())) {
    SCOPED_TRACE(testing::Message() << sharing.name << ", rank " << comm.rank());
    const Share s = make_share(mesh, links, sharing, comm);
    const auto found = run(s);
    EXPECT_EQ(found.steps, 50);
    EXPECT_TRUE(near(collect(found.state["u"], s, mesh.num_points()), end, 1e-12));
    const Norm norm{.scale = {}, .owned = {{"u", s.graph.owned}}, .graph = {}, .num_graphs = 1, .comm = comm};
    EXPECT_NEAR(norm(found.state), size, 1e-12 * size);
  }
}

}  // namespace
}  // namespace cotan

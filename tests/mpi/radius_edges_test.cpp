// Edges between points that move, made on the ranks that share a mesh: those of the whole, in the same order, and an
// exchange that brings the rows of senders from wherever they are.
#include "mesh/radius_edges.h"

#include "core/check.h"
#include "tests/checks.h"
#include "tests/mpi/shares.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace shares;
using at::Tensor;

constexpr double kRadius = 0.2;

Mesh sheet() {
  return jiggled(rectangle(9, 12), 0.2, 6);
}

// The sheet folded: its upper half comes down on the lower one, so that points meet that are far apart in the mesh.
Tensor folded(const Tensor& x, double angle) {
  const Tensor over = (x.select(1, 1) - 0.5).clamp_min(0), below = x.select(1, 1).clamp_max(0.5);
  return at::stack({x.select(1, 0), below + over * std::cos(angle), over * std::sin(angle)}, 1);
}

// Global numbers of the senders of each owned point, in the order of its in-edges.
std::map<std::int64_t, std::vector<std::int64_t>> senders(const Graph& g, const EdgeSet& set) {
  const Tensor table = set.guests.to_ghosts(g.global), sender = table.index_select(0, set.sender());
  std::map<std::int64_t, std::vector<std::int64_t>> out;
  for (std::int64_t i = 0; i < g.num_nodes(); ++i) {
    const auto first = set.links.offsets[i].item<std::int64_t>(), last = set.links.offsets[i + 1].item<std::int64_t>();
    if (i >= g.num_owned) {
      EXPECT_EQ(first, last) << "a ghost receives nothing";
      continue;
    }
    auto& list = out[g.global[i].item<std::int64_t>()];
    for (auto e = first; e < last; ++e) {
      EXPECT_EQ(set.receiver[e].item<std::int64_t>(), i);
      list.push_back(sender[e].item<std::int64_t>());
    }
  }
  return out;
}

TEST(RadiusEdges, AreThoseOfTheWholeInTheSameOrder) {
  const Comm comm = Comm::world();
  const Mesh mesh = sheet();
  const Adjacency links = graph_links(mesh);
  const Graph whole = make_graph(mesh);
  const Tensor u = random_tensor({mesh.num_points(), 5}, 2);
  for (const double angle : {0.0, 2.0, 3.1}) {
    const Tensor place = folded(whole.position, angle);
    const EdgeSet all = radius_edges("world", whole, place, kRadius, whole.edges());
    const auto expected = senders(whole, all);
    const Tensor sums = segment_sum(gather(u, all.links), all.links);
    for (const auto& sharing : sharings(links, comm.size())) {
      SCOPED_TRACE(testing::Message() << sharing.name << ", angle " << angle << ", rank " << comm.rank());
      const Share s = make_share(mesh, links, sharing, comm);
      const Graph& g = s.graph;
      Tensor here = place.index_select(0, g.global);
      here.slice(0, g.num_owned).fill_(NAN);  // of a point's owner alone
      const EdgeSet set = radius_edges("world", g, here, kRadius, g.edges(), comm);
      const auto found = senders(g, set);
      EXPECT_EQ(found.size(), g.num_owned);
      for (const auto& [point, list] : found) EXPECT_EQ(list, expected.at(point)) << point;
      const Tensor table = set.guests.to_ghosts(u.index_select(0, g.global));
      EXPECT_TRUE(at::equal(collect(segment_sum(gather(table, set.links), set.links), s, mesh.num_points()), sums));
    }
  }
}

TEST(RadiusEdges, BringWhatNoGhostBrings) {
  const Comm comm = Comm::world();
  const Mesh mesh = sheet();
  const Adjacency links = graph_links(mesh);
  const Share s = make_share(mesh, links, sharings(links, comm.size())[0], comm);
  const auto far_senders = [&](double angle) {
    const EdgeSet set = radius_edges("world", s.graph, folded(s.graph.position, angle), kRadius, s.graph.edges(), comm);
    const Tensor guests = set.guests.to_ghosts(s.graph.global).slice(0, s.graph.num_nodes());
    return comm.sum(at::isin(guests, s.graph.global).logical_not().sum().item<double>());
  };
  const double flat = far_senders(0), folded_up = far_senders(3.1);
  EXPECT_EQ(folded_up > flat + 20, comm.size() > 1) << flat << " and " << folded_up;
}

TEST(RadiusEdges, BringRowsAndTakeGradientsBackAsTransposes) {
  const Comm comm = Comm::world();
  const Mesh mesh = sheet();
  const Adjacency links = graph_links(mesh);
  for (const auto& sharing : sharings(links, comm.size())) {
    SCOPED_TRACE(testing::Message() << sharing.name << ", rank " << comm.rank());
    const Share s = make_share(mesh, links, sharing, comm);
    const Graph& g = s.graph;
    const EdgeSet set = radius_edges("world", g, folded(g.position, 3.1), kRadius, g.edges(), comm);
    const HaloExchange& bring = set.guests;
    const Tensor x = random_tensor({g.num_nodes(), 3}, 10 + comm.rank()).requires_grad_(true);
    const Tensor table = bring.to_ghosts(x), y = random_tensor(table.sizes(), 30 + comm.rank());
    EXPECT_TRUE(at::equal(table.slice(0, 0, g.num_nodes()), x));
    const auto dot = [&](const Tensor& a, const Tensor& b) { return comm.sum((a * b).sum().item<double>()); };
    const double size = comm.sum((table * y).abs().sum().item<double>());
    EXPECT_NEAR(dot(table, y), dot(x, bring.to_owners(y)), 1e-13 * size);
    EXPECT_TRUE(at::equal(torch::autograd::grad({table}, {x}, {y})[0], bring.to_owners(y)));
    const Tensor z = y.clone().requires_grad_(true), back = random_tensor(x.sizes(), 50 + comm.rank());
    EXPECT_TRUE(at::equal(torch::autograd::grad({bring.to_owners(z)}, {z}, {back})[0], bring.to_ghosts(back)));
  }
}

TEST(RadiusEdges, APositionThatIsNotFiniteEndsAllRanks) {
  const Comm comm = Comm::world();
  const Mesh mesh = sheet();
  const Adjacency links = graph_links(mesh);
  const Share s = make_share(mesh, links, sharings(links, comm.size())[0], comm);
  const Tensor place = at::where((s.graph.global == 17).unsqueeze(1), NAN, s.graph.position);
  try {
    radius_edges("world", s.graph, place, kRadius, s.graph.edges(), comm);
    ADD_FAILURE() << "a point at NaN";
  } catch (const NumericsError& error) {
    EXPECT_STREQ(error.what(), "position of point 17 is not finite");
  }
}

}  // namespace
}  // namespace cotan

// The Laplacian of a state on a mesh that is shared between ranks, and its gradients, are those of the whole.
#include "gnn/laplace_block.h"

#include "core/check.h"
#include "mesh/laplacian.h"
#include "tests/checks.h"
#include "tests/mpi/shares.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace shares;
using at::Tensor;

const std::vector<PeriodicPair> kLeftRight = {{"left", "right", {1, 0}}};

LaplaceBlock make_block(const std::string& options) {
  std::uint64_t drawn = 0;
  LaplaceBlock block(read_options<LaplaceOptions>(Config::parse_text(options)), 2, 2, Random(3, purpose::weights),
                     &drawn);
  std::vector<NamedTensor> list;
  block.append_to(list, "");
  for (const auto& p : list) p.value.set_data(p.value.to(at::kDouble).detach());
  return block;
}

TEST(LaplaceBlock, OnRanksIsThatOfTheWhole) {
  const Comm comm = Comm::world();
  const Mesh mesh = jiggled(rectangle(8, 6), 0.3, 1);
  const Adjacency links = graph_links(mesh, kLeftRight);
  Graph whole = make_graph(mesh, {}, kLeftRight);
  StencilPoints points;
  points.mirrors = mesh.facets_of("bottom");
  whole = with_edges(with_edges(whole, laplacian_edges(mesh, whole, kLeftRight)),
                     stencil_edges(mesh, whole, kLeftRight, points));
  const Tensor state = random_tensor({mesh.num_points(), 2}, 3), weight = random_tensor({mesh.num_points(), 2}, 4);
  for (const std::string options :
       {"{}", "{laplace: mesh}", "{laplace: stencil}", "{laplace_edges: spacing, laplace_coordinates: false}"}) {
    const LaplaceBlock block = make_block(options);
    const auto apply = [&](const Share& s, const Tensor& u) {
      const Tensor ghosts = s.halo.to_ghosts(u);
      return block(block.prepare(s.graph, s.halo), s.graph, s.halo, ghosts, s.graph.position);
    };
    const Tensor u = state.clone().requires_grad_(true), expected = apply({whole, {}}, u);
    const Tensor gradient = torch::autograd::grad({(expected * weight).sum()}, {u})[0];
    for (const auto& sharing : sharings(links, comm.size())) {
      SCOPED_TRACE(testing::Message() << options << ", " << sharing.name << ", rank " << comm.rank());
      const Part part = make_part(links, sharing.owner, comm.rank());
      Graph g = make_graph(mesh, part, {}, kLeftRight);
      g = with_edges(with_edges(g, laplacian_edges(mesh, g, kLeftRight)),
                     stencil_edges(mesh, g, kLeftRight, points, comm));
      const Share s{g, HaloExchange(part.halo, comm)};
      const Tensor v = state.index_select(0, g.global).requires_grad_(true), found = apply(s, v);
      // The dense solves of a stencil have other neighbours in their batch: round-off times their condition.
      EXPECT_TRUE(
          near(collect(found, s, mesh.num_points()), expected, options == "{laplace: stencil}" ? 1e-11 : 1e-13));
      const Tensor mine = weight.index_select(0, g.global) * g.owned.unsqueeze(1);
      const Tensor of_rank = torch::autograd::grad({(found * mine).sum()}, {v})[0];
      EXPECT_TRUE(near(collect(of_rank, s, mesh.num_points()), gradient, 1e-11));
    }
  }
}

}  // namespace
}  // namespace cotan

#include "mesh/mirror_edges.h"

#include <gmock/gmock.h>

#include "core/check.h"
#include "mesh/laplacian.h"
#include "mesh/quality.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

// A linear function's value at an image is the sender's and its slope times the way there; at sides that are straight
// the natural Laplacian and what the slope brings in cancel, but at corners, where slopes differ.
TEST(MirrorEdges, AreExactOnLinearFunctions) {
  for (const Mesh& mesh : {jiggled(rectangle(7, 6), 0.3, 1), jiggled(box(4, 4, 4), 0.2, 2)}) {
    const Graph graph = make_graph(mesh);
    const EdgeSet set = mirror_edges(mesh, graph, boundary_facets(mesh));
    const Tensor a = random_tensor({mesh.dim()}, 1), f = at::mv(graph.position, a);
    const Tensor image = graph.position.index_select(0, set.receiver) - set.offset;
    const Tensor sender = graph.position.index_select(0, set.sender());
    EXPECT_TRUE(near((image - sender).norm(2, 1), set.weight, 1e-12));
    const Tensor normal = (image - sender) / set.weight.unsqueeze(1);
    EXPECT_TRUE(near(at::mv(image, a), f.index_select(0, set.sender()) + set.weight * at::mv(normal, a), 1e-12));
    EXPECT_GT(set.size(), mesh.num_points() / 4);
    const Tensor x = graph.position, on_side = (x < 1e-9).logical_or(x > 1 - 1e-9);
    const Tensor outward = (x > 1 - 1e-9).to(at::kDouble) - (x < 1e-9).to(at::kDouble);
    const Tensor total =
        laplacian(laplacian_edges(mesh, graph), f.unsqueeze(1)).squeeze(1) + set.measure * at::mv(outward, a);
    const Tensor no_corner = (on_side.sum(1) <= 1).nonzero().squeeze(1);
    EXPECT_LT(total.index_select(0, no_corner).abs().max().item<double>(), 1e-9);
  }
}

// All area of the sides that are free, once.
TEST(MirrorEdges, ShareTheSidesOut) {
  const std::vector<PeriodicPair> glued = {{"left", "right", {1, 0}}};
  const Mesh mesh = rectangle(5, 8, {1, 2});
  const Graph graph = make_graph(mesh, {}, glued);
  std::vector<Facet> top;
  for (const Facet& facet : boundary_facets(mesh)) {
    const auto corners = facet_corners(mesh, facet);
    if (mesh.point(corners[0])[1] > 2 - 1e-9 && mesh.point(corners[1])[1] > 2 - 1e-9) top.push_back(facet);
  }
  ASSERT_EQ(top.size(), 5u);
  const EdgeSet set = mirror_edges(mesh, graph, top, glued);
  const Tensor area = set.measure * laplacian_edges(mesh, graph, glued).measure;
  const Tensor once = graph.position.select(1, 0) < 1 - 1e-9;  // of glued points one
  EXPECT_NEAR(area.masked_select(once).sum().item<double>(), 1, 1e-12);
  const Tensor below = graph.position.select(1, 1) < 2 - 1e-9;
  EXPECT_EQ(area.masked_select(below).abs().max().item<double>(), 0);
  // Quads have no natural Laplacian here: shares are those of barycentric cells.
  const Mesh quads = rectangle(4, 4, {1, 1}, CellType::quad);
  const Graph of_quads = make_graph(quads);
  const EdgeSet around = mirror_edges(quads, of_quads, boundary_facets(quads));
  EXPECT_NEAR((around.measure * of_quads.volume).sum().item<double>(), 4, 1e-12);
}

// A bent side is one mirror, a corner two.
TEST(MirrorEdges, CornersHaveAMirrorForEachSide) {
  const Mesh mesh = rectangle(4, 4, {1, 1}, CellType::quad);
  const Graph graph = make_graph(mesh);
  const EdgeSet set = mirror_edges(mesh, graph, boundary_facets(mesh));
  const Tensor count = set.links.offsets.diff();
  const auto x = graph.position;
  for (std::int64_t i = 0; i < graph.num_nodes(); ++i) {
    const auto on = [&](int k) { return std::abs(std::abs(x[i][k].item<double>() - 0.5) - 0.5) < 1e-9; };
    EXPECT_EQ(count[i].item<std::int64_t>(), on(0) + on(1)) << i;  // one neighbour across each side
  }
  const Mesh sphere = sphere_surface(1);
  EXPECT_THAT([&] { mirror_edges(sphere, make_graph(sphere), {}); },
              Throws<InputError>(Property(&InputError::what, HasSubstr("flat meshes and solids"))));
}

}  // namespace
}  // namespace cotan

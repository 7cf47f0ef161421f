// PhyMPGN at sides through which something comes in.
#include <gmock/gmock.h>

#include "core/check.h"
#include "mesh/mirror_edges.h"
#include "tests/gnn/channel.h"

namespace cotan {
namespace {

using namespace testing_checks;
using namespace testing_gnn;
using at::Tensor;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

const HaloExchange kAlone;

// What comes in through sides: of a linear function what leaves it as it is; of a layer that sees the mirror, what it
// sees in the whole domain of the function that is mirrored with the slope.
TEST(PhyMpgn, AFluxComesInThroughFreeSides) {
  const ModelShape shape{{{"u", 1}}, {}, {"slope"}, 2};
  const auto is_free = [](const Mesh& mesh, const Facet& facet) {
    const auto corners = facet_corners(mesh, facet);
    return std::all_of(corners.begin(), corners.end(), [&](Index p) { return mesh.point(p)[0] > 1 - 1e-9; });
  };
  const auto with_mirror = [&](const Mesh& mesh, Graph graph) {
    auto sides = boundary_facets(mesh);
    std::erase_if(sides, [&](const Facet& facet) { return !is_free(mesh, facet); });
    graph.edge_sets.push_back(mirror_edges(mesh, graph, sides));
    return graph;
  };
  const auto input_on = [](const Graph& graph, const Tensor& u) {
    ModelInput input{graph, kAlone, 0.0, 0.1};
    input.state = u.unsqueeze(1);
    input.parameters = at::full({1, 1}, 0.7, at::kDouble);
    input.prescribed_mask = at::zeros({graph.num_nodes(), 1}, at::kBool);
    return input;
  };
  const std::string flux = "diffusion: \"0.3\"\nflux: 0.3 * slope * (is_wall + 0 * is_inflow)\n";

  const Mesh mesh = jiggled(rectangle(6, 5), 0.2, 3);
  std::vector<Role> roles(mesh.num_points(), Role::interior);
  for (Index i = 0; i < mesh.num_points(); ++i) {
    if (mesh.point(i)[0] > 1 - 1e-9) roles[i] = Role::wall;
  }
  const Graph graph = with_mirror(mesh, with_edge_sets(make_graph(mesh, roles), mesh, {}, kSets));
  const auto model = network("width: 4\nlayers: 1\nencoder: \"\"\ndecoder: \"\"\nlaplace: mesh\n" + flux, shape);
  for (const auto& parameter : model->parameters()) {
    if (parameter.name.starts_with("decoder")) parameter.value.set_data(at::zeros_like(parameter.value));
  }
  const Tensor x = graph.position.select(1, 0), y = graph.position.select(1, 1);
  const Tensor rate = model->physical(model->forward(input_on(graph, 0.7 * x + 2)));
  const Tensor counts = (x > 1e-9).logical_and((y - 0.5).abs() < 0.5 - 1e-9);  // no condition is set elsewhere
  EXPECT_LT(rate.squeeze(1).masked_select(counts).abs().max().item<double>(), 1e-10);

  const auto one_layer = network(
      "width: 8\nlayers: 1\nencoder: \"5\"\ndecoder: \"4\"\nlaplace: none\nlength_scale: \"1\"\n"
      "state_scale: \"2\"\n" +
          flux,
      shape);
  const Mesh half_mesh = rectangle(4, 4, {1, 1}, CellType::quad), whole_mesh = rectangle(8, 4, {2, 1}, CellType::quad);
  std::vector<Role> of_half(half_mesh.num_points(), Role::interior);
  for (Index i = 0; i < half_mesh.num_points(); ++i) {
    if (half_mesh.point(i)[0] > 1 - 1e-9) of_half[i] = Role::wall;
  }
  const Graph half = with_mirror(half_mesh, make_graph(half_mesh, of_half));
  Graph whole = make_graph(whole_mesh);
  EdgeSet none = mirror_edges(whole_mesh, whole, {});
  whole.edge_sets.push_back(none);
  const auto even = [](const Tensor& p) { return at::sin(2 * p.select(1, 0)) * (1 + p.select(1, 1)); };
  const Tensor beyond = at::clamp_min(whole.position.select(1, 0) - 1, 0);
  Tensor folded = whole.position.clone();
  folded.select(1, 0).sub_(2 * beyond);
  const Tensor seen = one_layer->physical(one_layer->forward(input_on(half, even(half.position))));
  const Tensor full = one_layer->physical(one_layer->forward(input_on(whole, even(folded) + 2 * 0.7 * beyond)));
  const Tensor comes_in = half.edges(kMirror).measure.unsqueeze(1) * 0.3 * 0.7;
  for (std::int64_t i = 0; i < half.num_nodes(); ++i) {
    const Tensor same = ((whole.position - half.position[i]).abs().amax(1) < 1e-9).nonzero();
    ASSERT_EQ(same.size(0), 1);
    EXPECT_NEAR((seen[i] - comes_in[i]).item<double>(), full[same[0][0]].item<double>(), 1e-12) << i;
  }
}

TEST(PhyMpgn, RefusesAFluxWithoutWhatItNeeds) {
  for (const std::string lacks :
       {"laplace: none\nflux: \"1, 2\"", "diffusion: viscosity\nedges: mesh_maximum\nflux: \"1, 2\""}) {
    EXPECT_THAT([&] { network(lacks); },
                Throws<InputError>(
                    Property(&InputError::what, HasSubstr("expected a diffusion beside it, and edges: length_scale"))));
  }
  EXPECT_THAT([&] { network("diffusion: viscosity\nflux: \"is_wal, 0\""); },
              Throws<InputError>(Property(&InputError::what, HasSubstr("is_wall"))));
}

}  // namespace
}  // namespace cotan

#include "mesh/isometry.h"

#include <gmock/gmock.h>

#include "core/check.h"
#include "mesh/operators.h"
#include "mesh/quality.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;

meshes::Family linear_meshes() {
  meshes::Family family;
  for (const auto& part : {meshes::triangles(), meshes::tetrahedra(), meshes::surfaces(), meshes::mixed()}) {
    family.insert(family.end(), part.begin(), part.end());
  }
  return family;
}

// The mesh that has a graph's positions and cells.
Mesh mesh_of(const Graph& graph, const Mesh& like) {
  MeshData data = like.data();
  const Tensor position = graph.position.contiguous(), cells = graph.cells.contiguous();
  data.points.assign(position.const_data_ptr<double>(), position.const_data_ptr<double>() + position.numel());
  data.cells.links.assign(cells.const_data_ptr<std::int64_t>(), cells.const_data_ptr<std::int64_t>() + cells.numel());
  return Mesh(data);  // refuses cells of negative volume
}

TEST(Mirror, CellsKeepTheirVolumes) {
  for (const auto& [name, mesh] : linear_meshes()) {
    const Graph graph = make_graph(mesh);
    if (!graph.cells.defined()) continue;
    for (int axis = 0; axis < mesh.dim(); ++axis) {
      const auto expected = cell_volumes(mesh), found = cell_volumes(mesh_of(mirrored(graph, axis), mesh));
      for (std::size_t c = 0; c < found.size(); ++c) EXPECT_NEAR(found[c], expected[c], 1e-14) << name;
    }
  }
}

TEST(Mirror, TwiceIsTheGraph) {
  for (const auto& [name, mesh] : linear_meshes()) {
    const Graph graph = make_graph(mesh), twice = mirrored(mirrored(graph, 0), 0);
    EXPECT_TRUE(at::equal(twice.position, graph.position)) << name;
    EXPECT_TRUE(at::equal(twice.edges().offset, graph.edges().offset)) << name;
    if (graph.cells.defined()) {
      EXPECT_TRUE(at::equal(twice.cells, graph.cells)) << name;
      EXPECT_TRUE(at::equal(twice.cell_points.transpose_entries, graph.cell_points.transpose_entries)) << name;
    }
  }
}

// The graph of the mirrored mesh is the mirrored graph: edges point from sender to receiver, wraps included.
TEST(Mirror, CommutesWithMakingTheGraph) {
  MeshData data = jiggled(rectangle(7, 6), 0.3, 1).data();
  const Graph graph = make_graph(Mesh(data));
  for (std::size_t i = 1; i < data.points.size(); i += 2) data.points[i] = -data.points[i];
  repair_orientation(data);
  const Graph expected = make_graph(Mesh(data)), found = mirrored(graph, 1);
  EXPECT_TRUE(at::equal(found.position, expected.position));
  EXPECT_TRUE(at::equal(found.edges().sender(), expected.edges().sender()));
  EXPECT_TRUE(at::equal(found.edges().offset, expected.edges().offset));
  EXPECT_TRUE(near(found.volume, expected.volume, 1e-14));
}

TEST(Mirror, OperatorsCommuteWithIt) {
  const Graph graph = make_graph(jiggled(rectangle(9, 7), 0.3, 2)), other = mirrored(graph, 1);
  const Tensor u = random_tensor({graph.num_nodes(), 1}, 4);
  Tensor expected = gradient(graph, u);  // (N, 1, 2)
  expected.select(2, 1).neg_();
  EXPECT_TRUE(near(gradient(other, u), expected, 1e-12));
  EXPECT_TRUE(near(apply(cotan_laplacian(other), other, u), apply(cotan_laplacian(graph), graph, u), 1e-9));
}

TEST(Mirror, AnAxisThatIsNotThereIsRefused) {
  const Graph graph = make_graph(rectangle(2, 2));
  EXPECT_THROW(mirrored(graph, 2), InputError);
  EXPECT_THROW(mirrored(graph, -1), InputError);
}

}  // namespace
}  // namespace cotan

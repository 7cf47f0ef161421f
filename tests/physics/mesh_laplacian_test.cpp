// The mesh's Laplacian as an edge set is the stiffness matrix that the finite elements assemble.
#include "mesh/laplacian.h"

#include "physics/assembly.h"
#include "physics/sparse.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;

SparseMatrix stiffness_of(const Mesh& mesh) {
  SparseMatrix matrix = point_matrix(mesh);
  std::vector<double> block;
  for_each_cell(mesh, 1, [&](std::span<const Index> nodes, const CellValues& v) {
    block.assign(nodes.size() * nodes.size(), 0);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        for (int b = 0; b < v.num_nodes; ++b) {
          for (int d = 0; d < v.dim; ++d)
            block[a * v.num_nodes + b] += v.weights[q] * v.gradient(q, a)[d] * v.gradient(q, b)[d];
        }
      }
    }
    add_block(matrix, nodes, block);
  });
  return matrix;
}

TEST(MeshLaplacian, IsTheAssembledStiffness) {
  auto family = meshes::triangles();
  for (const auto& m : meshes::tetrahedra()) family.push_back(m);
  family.push_back({"interval", interval(5)});
  const std::vector<PeriodicPair> glued = {{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};
  family.push_back({"glued", jiggled(rectangle(6, 5), 0.25, 3)});
  for (const auto& [name, mesh] : family) {
    SCOPED_TRACE(name);
    const std::vector<PeriodicPair> periodic = name == "glued" ? glued : std::vector<PeriodicPair>();
    const Unknowns unknowns = unknowns_of(mesh, periodic);
    const EdgeSet l = laplacian_edges(mesh, make_graph(mesh, {}, periodic), periodic);
    const auto v = random_tensor({unknowns.size()}, 3).contiguous();
    const std::vector<double> values(v.const_data_ptr<double>(), v.const_data_ptr<double>() + v.numel());
    const SparseMatrix of_points = stiffness_of(mesh);
    const auto expected =
        at_points(unknowns, multiply(periodic.empty() ? of_points : summed(unknowns, of_points), values));
    const auto u = at_points(unknowns, values);
    const at::Tensor found = laplacian(l, at::tensor(u, at::kDouble).unsqueeze(1)).squeeze(1) * l.measure;
    EXPECT_TRUE(near(found, -at::tensor(expected, at::kDouble), 1e-12));
  }
}

}  // namespace
}  // namespace cotan

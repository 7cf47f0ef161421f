#pragma once
// A small channel and a small PhyMPGN on it, which tests of the network and of its loss share.
#include "mesh/edge_sets.h"
#include "mesh/laplacian.h"
#include "tests/gnn/small_graph.h"
#include "tests/meshes.h"

namespace cotan::testing_gnn {

inline const std::vector<std::string> kSets = {"mesh", kLaplacian};

inline const std::string kSmall =
    "width: 8\nlayers: 3\nencoder: \"5, 6\"\ndecoder: \"7\"\nlaplace_width: 6\ndiffusion: viscosity\n";

inline ModelShape flow() {
  return {{{"velocity", 2}}, {}, {"speed", "radius", "viscosity"}, 2};
}

/// Walls below and above, inflow left, by the sides of a jiggled rectangle.
inline Graph channel(double size = 1) {
  const Mesh mesh = jiggled(rectangle(6, 4, {1.5 * size, size}), 0.25, 3);
  std::vector<Role> roles(mesh.num_points(), Role::interior);
  for (Index i = 0; i < mesh.num_points(); ++i) {
    const double x = mesh.point(i)[0] / size, y = mesh.point(i)[1] / size;
    if (x < 1e-9) roles[i] = Role::inflow;
    if (y < 1e-9 || y > 1 - 1e-9) roles[i] = Role::obstacle;
  }
  return with_edge_sets(make_graph(mesh, roles), mesh, {}, kSets);
}

inline std::unique_ptr<Model> network(const std::string& options, const ModelShape& shape = flow(),
                                      std::uint64_t seed = 5) {
  auto model = make_model("phympgn", Config::parse_text(options), shape, seed);
  model->to(at::kDouble);
  return model;
}

}  // namespace cotan::testing_gnn

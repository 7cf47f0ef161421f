#include "physics/taylor_hood.h"

#include "core/check.h"
#include "mesh/generate.h"

namespace cotan {
namespace {

bool is_second_order(CellType type) {
  return type == CellType::triangle6 || type == CellType::quad9 || type == CellType::tetra10;
}

std::shared_ptr<const Mesh> with_second_order_nodes(std::shared_ptr<const Mesh> mesh) {
  bool linear = false;
  for (Index c = 0; c < mesh->num_cells(); ++c) {
    const CellType type = mesh->type(c);
    const bool raised = type == CellType::triangle || type == CellType::quad || type == CellType::tetra;
    COTAN_REQUIRE(raised || is_second_order(type),
                  "Taylor-Hood elements: cell " << c << " is a " << shape(type).name
                                                << "; expected triangle, quad, tetra, triangle6, quad9 or tetra10");
    linear = linear || raised;
  }
  COTAN_REQUIRE(mesh->cell_dim() == mesh->dim(),
                "Taylor-Hood elements: the mesh is a surface in space; expected one "
                "that fills the plane or the space");
  return linear ? std::make_shared<const Mesh>(second_order(*mesh)) : mesh;
}

}  // namespace

TaylorHood::TaylorHood(std::shared_ptr<const Mesh> given)
    : mesh(with_second_order_nodes(std::move(given))),
      dim(mesh->dim()),
      num_nodes(mesh->num_points()),
      pressure_of(num_nodes, -1) {
  for (Index c = 0; c < mesh->num_cells(); ++c) {
    for (const Index p : mesh->corners(c)) pressure_of[p] = 0;
  }
  for (Index p = 0; p < num_nodes; ++p) {
    if (pressure_of[p] < 0) continue;
    pressure_of[p] = num_pressures++;
    corner_of.push_back(p);
  }
}

std::vector<double> pressure_at_nodes(const TaylorHood& space, std::span<const double> pressures) {
  const Mesh& mesh = *space.mesh;
  std::vector<double> at_nodes(space.num_nodes);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const CellShape& s = shape(mesh.type(c));
    const auto nodes = mesh.cell(c);
    for (int i = 0; i < s.num_nodes; ++i) {
      double sum = 0;
      int count = 0;
      for (int corner = 0; corner < s.num_corners; ++corner) {
        if (!(s.supports[i] >> corner & 1)) continue;
        sum += pressures[space.pressure_of[nodes[corner]]];
        ++count;
      }
      at_nodes[nodes[i]] = sum / count;
    }
  }
  return at_nodes;
}

}  // namespace cotan

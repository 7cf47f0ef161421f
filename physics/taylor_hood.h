#pragma once
#include <memory>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Taylor and Hood's pair on a mesh: velocity by elements of second order on all nodes, continuous pressure by linear
/// (bilinear) ones on the corners; \cite taylor1973. Degrees of freedom: the velocity's components one after the other
/// over all nodes, then the pressures.
struct TaylorHood {
  /// A mesh of linear triangles, quads or tetrahedra gets nodes midway along its (straight) edges, and in the middle of
  /// quads, behind its own points; one of triangle6, quad9 or tetra10 is taken as it is, with curved cells.
  /// \throw InputError naming the first cell of another type
  explicit TaylorHood(std::shared_ptr<const Mesh> mesh);

  std::shared_ptr<const Mesh> mesh;  ///< with second-order nodes
  int dim = 0;
  Index num_nodes = 0, num_pressures = 0;
  std::vector<Index> pressure_of;  ///< node -> number of its pressure; -1 where there is none
  std::vector<Index> corner_of;    ///< pressure -> its node

  Index velocity(Index node, int component) const { return component * num_nodes + node; }
  Index pressure(Index number) const { return dim * num_nodes + number; }
  Index num_dofs() const { return dim * num_nodes + num_pressures; }
};

/// Pressures at all nodes: at second-order nodes the mean of the corners in whose middle they sit.
std::vector<double> pressure_at_nodes(const TaylorHood& space, std::span<const double> pressures);

}  // namespace cotan

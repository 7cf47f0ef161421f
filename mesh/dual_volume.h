#pragma once
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// The share of the cells around it that each point has in the barycentric dual (cells cut through the centres of their
/// corners, of their facets and of their edges) [m^cell_dim]. Sums to the domain's volume. \pre linear cells
std::vector<double> dual_volumes(const Mesh& mesh);

}  // namespace cotan

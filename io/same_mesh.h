#pragma once
#include <algorithm>

#include "core/types.h"
#include "mesh/mesh.h"

namespace cotan {

/// The same cells of the same points, wherever these are.
inline bool same_cells(const Mesh& a, const Mesh& b) {
  return a.num_points() == b.num_points() &&
         std::equal(a.types().begin(), a.types().end(), b.types().begin(), b.types().end()) &&
         a.cells().offsets == b.cells().offsets && a.cells().links == b.cells().links;
}

/// The same cells at the same places. Sets are not looked at.
inline bool same_mesh(const Mesh& a, const Mesh& b) {
  return a.dim() == b.dim() && same_cells(a, b) &&
         std::equal(a.points().begin(), a.points().end(), b.points().begin(), b.points().end());
}

/// The mesh in `dim` dimensions: further coordinates are 0.
Mesh raised(const Mesh& mesh, int dim);

/// Rows that a field on `on` has.
inline std::int64_t rows_of(const Mesh& mesh, On on) {
  return on == On::points ? mesh.num_points() : on == On::cells ? mesh.num_cells() : 1;
}

}  // namespace cotan

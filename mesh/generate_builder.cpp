#include "mesh/generate_builder.h"

#include <algorithm>
#include <cmath>

namespace cotan {

Mesh MeshBuilder::finish(const std::vector<NamedSide>& sides) && {
  repair_orientation(data);
  if (sides.empty()) return Mesh(std::move(data));
  const Mesh bare(std::move(data));
  MeshData named = bare.data();
  for (const Facet& facet : boundary_facets(bare)) {
    const std::vector<Index> corners = facet_corners(bare, facet);
    for (const NamedSide& side : sides) {
      const bool all = std::all_of(corners.begin(), corners.end(), [&](Index p) { return side.holds(bare.point(p)); });
      if (all) named.facet_sets[side.name].push_back(facet);
    }
  }
  return Mesh(std::move(named));
}

void require_count(const char* what, std::initializer_list<int> counts) {
  for (const int n : counts) COTAN_REQUIRE(n >= 1, what << ": a count of " << n << "; expected at least 1");
}

void require_size(const char* what, std::span<const double> sizes) {
  for (const double x : sizes) {
    COTAN_REQUIRE(std::isfinite(x) && x > 0, what << ": a size of " << x << "; expected a positive number");
  }
}

}  // namespace cotan

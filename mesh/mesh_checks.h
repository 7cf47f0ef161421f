#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// What Mesh's constructor checks, in order. Each throws InputError naming the first offender.
void check_layout(const MeshData& data);    ///< lengths, offsets, node numbers, one topological dimension
void check_points(const MeshData& data);    ///< finite, each used by a cell
void check_unique(const MeshData& data);    ///< no cell stands twice
void check_sets(const MeshData& data);      ///< entries in range
void check_geometry(const MeshData& data);  ///< no degenerate or inverted cell

/// The name under which `sets` (point, facet or cell sets of a mesh) has what was written: that name itself; for a
/// number, "5" or "physical_5", that of the set with this number; else "physical_5". Empty where there is none.
template <class Entry>
std::string set_name(const std::map<std::string, std::vector<Entry>>& sets, const std::map<std::string, int>& numbers,
                     std::string_view written);

}  // namespace cotan

#pragma once
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "core/check.h"
#include "mesh/mesh.h"

namespace cotan {

/// A named piece of a boundary: the sides whose corners all fulfil `holds`.
struct NamedSide {
  std::string name;
  std::function<bool(std::span<const double> x)> holds;
};

/// Collects cells of one generated shape.
struct MeshBuilder {
  MeshData data;
  void add(CellType type, std::initializer_list<Index> nodes) {
    data.types.push_back(type);
    data.cells.push_row({nodes.begin(), nodes.size()});
  }
  /// Turns cells over where needed and names the boundary's sides.
  Mesh finish(const std::vector<NamedSide>& sides) &&;
};

/// \throw InputError naming the function and the argument
void require_count(const char* what, std::initializer_list<int> counts);
void require_size(const char* what, std::span<const double> sizes);

}  // namespace cotan

#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "mesh/cell.h"

namespace cotan::msh {

/// What an element of the file becomes: a cell of at most second order, by its first nodes or a choice of them.
struct ElementType {
  CellType cell;
  int num_nodes;                       ///< in the file
  std::span<const std::int8_t> order;  ///< node k of the cell (VTK order) is node order[k] of the file; empty: k
  bool reduced = false;                ///< nodes are left out: order three and more, prism18, pyramid14
};

/// By Gmsh's number; nothing for types that cotan cannot take (polygons, incomplete orders above two, …).
std::optional<ElementType> element_type(int gmsh);

/// For writing: node order[k] of a cell is its node k in the file's order, as an inverse of ElementType::order.
std::span<const std::int8_t> node_order(CellType type);

}  // namespace cotan::msh

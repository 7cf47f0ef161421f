#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "mesh/cell.h"

namespace cotan {

/// A side of an Exodus element: its corners, counted from 0; none for a face of a shell, which is the whole cell.
struct ExodusSide {
  int num_corners;
  std::array<std::int8_t, 4> corners;
};

/// What an element type of Exodus II is as a cell.
struct ExodusElement {
  CellType type;
  std::span<const std::int8_t> order;  ///< node i of the cell is the element's node order[i]; empty: i
  std::span<const ExodusSide> sides;   ///< side k + 1 of the element
};

/// \param type as the file says: "HEX8", "hex", "TRI3", "SHELL4", … \param nodes an element \param dim of the file
/// \throw InputError with the types that can be read, to go behind the name of file and block
ExodusElement exodus_element(const std::string& type, std::int64_t nodes, std::int64_t dim);

}  // namespace cotan

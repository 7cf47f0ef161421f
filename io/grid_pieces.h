#pragma once
#include <string>
#include <vector>

#include "io/grid_content.h"

namespace cotan {

/// Puts the pieces of one grid together. Cells that `vtkGhostType` calls duplicate, refined or hidden go, or that
/// `vtkGhostLevels` counts; of the other pieces' points at the very same place (to the bit) one is left, with the
/// values of a piece that owns it. Points that lie together within one piece stay apart. Arrays that a piece lacks are
/// left out, but for sets ("set:…"), which are empty there. `notes` says how many of each.
/// \throw InputError, its text to go behind the file's name: arrays and numbers of points that cannot be
GridContent join_grids(std::vector<GridContent> pieces, std::vector<std::string>* notes);

}  // namespace cotan

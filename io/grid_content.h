#pragma once
#include <string>
#include <vector>

#include "io/mesh_content.h"
#include "io/vtk_grid.h"

namespace cotan {

/// An array of a VTK file, whatever its type there.
struct GridArray {
  std::string name;
  int components = 1;
  std::vector<double> values = {};  ///< (tuples, components)
};

/// What a VTK file holds: a grid with arrays on its points, its cells, and on the whole.
struct GridContent {
  VtkGrid grid;
  std::vector<GridArray> points = {}, cells = {}, whole = {};
};

/// Cells of VTK that are shapes of ours in another order or under another name: pixels, voxels, polygons of three and
/// four corners, poly-lines of two points. Linear types with the nodes of second order, which some programs write (and
/// VTK draws by their corners), get the type of second order; returns how many.
std::size_t name_plainly(VtkGrid& grid);

/// The mesh, its sets ("set:…", "facets:…", "number:…", as write_vtu leaves them; else by the physical numbers that
/// other programs leave on cells), the time ("TimeValue", "TIME") and the fields.
/// \throw InputError, its text to go behind the file's name: arrays and counts that cannot be
MeshContent content_from_grid(GridContent&& content);

/// The other way round; facet sets are tables on the whole. Units have no place.
GridContent grid_from_snapshot(const Snapshot& snapshot);

}  // namespace cotan

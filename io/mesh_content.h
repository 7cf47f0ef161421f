#pragma once
#include <string>
#include <vector>

#include "mesh/field.h"

namespace cotan {

/// Two sets of sides that the file calls the same: points of `from`, moved by `shift`, are those of `to`.
struct PeriodicSides {
  std::string from, to;
  std::vector<double> shift;  ///< (dim) [m]; empty where the sides are joined by another motion
};

/// What a reader finds in a mesh file.
struct MeshContent {
  MeshData mesh;                   ///< not yet mended (orientation, unused points): see io/mesh_io.h
  std::vector<HostField> fields;   ///< NaN where the file has no value
  double time = 0;                 ///< of the fields [s]; of several times the file's last
  std::vector<std::string> notes;  ///< what was left out, a sentence each
  std::vector<PeriodicSides> periodic = {};
};

/// Where the offsets of cells of these types begin: (types.size() + 1), from 0.
std::vector<std::int64_t> cell_offsets(const std::vector<CellType>& types);

/// Leaves out z (and y) where it is the same at all points that cells use, to round-off, down to the cells' own
/// dimension. \pre data.dim is 3, links are numbers of points
void drop_flat_coordinates(MeshData& data);

}  // namespace cotan

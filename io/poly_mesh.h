#pragma once
#include <string>
#include <vector>

#include "io/foam_file.h"
#include "mesh/adjacency.h"

namespace cotan {

/// A patch of the boundary: faces [start, start + size).
struct FoamPatch {
  std::string name, type;  ///< type: "wall", "patch", "empty", …
  Index start = 0, size = 0;
};

/// A named set of points, faces or cells.
struct FoamZone {
  enum class Of : std::uint8_t { points, faces, cells };
  Of of = Of::cells;
  std::string name;
  std::vector<Index> members;
};

/// OpenFOAM's mesh as its files have it: faces between cells. All numbers are in range.
struct PolyMesh {
  std::vector<double> points;    ///< (points, 3) [m]
  Adjacency faces;               ///< face -> its points, right-handed about the way from the owner to the neighbour
  std::vector<Index> owner;      ///< (faces): a cell
  std::vector<Index> neighbour;  ///< (inner faces, which stand first): a cell
  Index num_cells = 0;
  std::vector<FoamPatch> patches;  ///< of the other faces
  std::vector<FoamZone> zones;
  Adjacency cells;                 ///< cell -> its faces
  std::vector<std::string> notes;  ///< a sentence each

  Index num_points() const { return Index(points.size() / 3); }
  bool is_inner(Index face) const { return face < Index(neighbour.size()); }
};

/// Reads points, faces, owner, neighbour and boundary, and the zones where they are there. \param topology the folder
/// of all but the points: where points alone move, OpenFOAM keeps these apart
/// \throw InputError naming the file and line, or the face or cell
PolyMesh read_poly_mesh(const FoamFolder& topology, const FoamFolder& points);

}  // namespace cotan

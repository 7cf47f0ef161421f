#pragma once
#include <string>
#include <vector>

#include "io/poly_mesh.h"
#include "mesh/field.h"

namespace cotan {

/// An OpenFOAM mesh as cells of ours, and which of the file's rows these are.
struct FoamMesh {
  MeshData data;
  Adjacency points;  ///< point -> the file's points whose mean it is: one; two that fell together; those of a cell
  std::vector<Index> cells;  ///< cell -> the file's cell that it is, or a piece of
  Index file_points = 0, file_cells = 0;
  int axis = -1;                   ///< the one that was left out: 0, 1, 2; -1: none
  std::vector<std::string> notes;  ///< a sentence each
};

/// Cells of four, five and six faces become tetrahedra, pyramids, wedges and hexahedra; others are split about the mean
/// of their points: a pyramid over each side of four corners, tetrahedra over the others, those of more than four
/// corners as a fan from their first point. Patches and zones of faces become facet sets, the other zones point and
/// cell sets; of equal names the zones get "_points", "_faces", "_cells" behind them. \throw InputError naming the
/// cell: faces that do not close it, a cell that its middle does not see whole
FoamMesh cells_of(const PolyMesh& mesh);

/// The same of a case that is one cell thick between its patches of type `empty`, in the plane: points that lie behind
/// each other fall together, cells become triangles and quadrilaterals; polygons of more corners are split about the
/// mean of these. \throw InputError naming the cell: not two empty sides, which lie across an axis
FoamMesh plane_of(const PolyMesh& mesh);

/// What a field of a case stands for.
enum class FoamKind : std::uint8_t { scalar, vector, symmetric_tensor, tensor };

/// Values on the file's points or cells in the rows of the mesh; in the plane vectors lose the component across it.
/// \param values (file's rows, components)
std::vector<double> in_foam_rows(const FoamMesh& mesh, On on, FoamKind kind, const std::vector<double>& values);
int foam_components(FoamKind kind, bool in_plane);

/// What `cells_of` and `plane_of` share: facet, cell and point sets by the patches and zones.
/// \param sides of one face: the mesh's facets that it became
void add_foam_sets(const PolyMesh& from, const std::function<std::vector<Facet>(Index face)>& sides, FoamMesh& to);
/// Drops unused points and turns cells of negative volume over, with notes.
void mend_foam_mesh(FoamMesh& mesh);

}  // namespace cotan

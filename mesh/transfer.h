#pragma once
#include <span>
#include <vector>

#include "mesh/field.h"
#include "mesh/mesh.h"

namespace cotan {

enum class TransferBy { linear, nearest };

/// Values of fields on one mesh at the points and cells of another in the same space. A point takes them by the linear
/// shape functions of the cell that holds it (second-order cells count by their corners; exact on linear functions), or
/// from the nearest point; a cell those of the cell that holds its centre, or is nearest to it. Outside the source the
/// place in it that is nearest counts.
class Transfer {
 public:
  /// \throw InputError for meshes in spaces of different dimensions, and for an empty source
  Transfer(const Mesh& source, const Mesh& target, TransferBy by = TransferBy::linear);
  /// One time of a field on the source, on the target. Fields of the whole stay as they are.
  /// \throw Error for another length, and for fields on degrees of freedom
  HostField operator()(const HostField& field) const;
  Index num_outside() const { return num_outside_; }  ///< points of the target
  double farthest() const { return farthest_; }       ///< of those from the source [m]

 private:
  Index source_points_ = 0, source_cells_ = 0;
  Adjacency from_;               // target point -> source points
  std::vector<double> weights_;  // along from_
  std::vector<Index> cells_;     // target cell -> source cell
  Index num_outside_ = 0;
  double farthest_ = 0;
};

/// Integrals of a field over the mesh, one a component: cell by cell the mean of its corners, or its value, times its
/// volume [unit * m^cell_dim]. \throw Error for another length, and for fields that are neither on points nor on cells
std::vector<double> integrals(const Mesh& mesh, const HostField& field);

}  // namespace cotan

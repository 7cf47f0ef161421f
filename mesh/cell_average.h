#pragma once
#include <span>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Values of cells at points: the mean over the cells around a point, weighted by their volumes. Constants stay what
/// they are; a value that is not finite makes its points so.
class CellAverage {
 public:
  explicit CellAverage(const Mesh& mesh);
  /// \param cells (num_cells, components), row-major. Returns (num_points, components).
  /// \throw Error for another length
  std::vector<double> at_points(std::span<const double> cells, int components) const;

 private:
  Adjacency around_;             // point -> cells
  std::vector<double> volumes_;  // (num_cells)
};

}  // namespace cotan

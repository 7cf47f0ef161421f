#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Finds the cell that holds a point, by a bounding-volume tree over the cells. Second-order cells count by their
/// corners. Where several cells hold the point, or are as near, it is the one with the lowest number.
class Locator {
 public:
  struct Found {
    Index cell;
    std::vector<double> weights;  ///< linear shape functions of the cell's corners there; sum to 1
    bool inside;                  ///< false: outside the mesh (off the surface), and this is the nearest cell, with
                                  ///< the weights of its nearest point
  };
  explicit Locator(const Mesh& mesh);  ///< keeps a copy of what it needs. \throw InputError for an empty mesh
  ~Locator();
  Locator(Locator&&) noexcept;
  Locator& operator=(Locator&&) noexcept;
  /// \pre x.size() == mesh.dim(). \throw NumericsError where x is not finite
  Found find(std::span<const double> x) const;
  /// The lowest number of those at the least distance.
  Index nearest_point(std::span<const double> x) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

/// Pairs of points (a, b), a < b, closer than `radius` in space. `coordinates` (n, dim) row-major; sorted.
/// \throw InputError for a radius that is not positive; NumericsError naming the first point that is not finite
std::vector<std::pair<Index, Index>> pairs_within(std::span<const double> coordinates, int dim, double radius);

}  // namespace cotan

#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Finds the cell that holds a point, by a bounding-volume tree over the cells.
class Locator {
 public:
  struct Found {
    Index cell;
    std::vector<double> weights;  ///< linear shape functions of the cell's corners there; sum to 1
    bool inside;                  ///< false: outside the mesh, and this is the nearest cell, weights clamped
  };
  explicit Locator(const Mesh& mesh);  ///< keeps a copy of what it needs
  ~Locator();
  Locator(Locator&&) noexcept;
  Locator& operator=(Locator&&) noexcept;
  /// \pre x.size() == mesh.dim()
  Found find(std::span<const double> x) const;
  Index nearest_point(std::span<const double> x) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

/// Point field of one mesh at the points of another (linear; nearest cell outside).
/// values: (source points, components), row-major; exact on linear functions inside.
std::vector<double> interpolate(const Mesh& source, std::span<const double> values, int components,
                                const Mesh& target);

/// Pairs of points (a, b), a < b, closer than `radius` in space. `coordinates` (n, dim) row-major; sorted.
std::vector<std::pair<Index, Index>> pairs_within(std::span<const double> coordinates, int dim, double radius);

}  // namespace cotan

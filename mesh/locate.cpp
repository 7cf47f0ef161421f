#include "mesh/locate.h"

#include <cmath>

#include "core/check.h"
#include "mesh/box_tree.h"
#include "mesh/nearest_in_cell.h"

namespace cotan {

struct Locator::State {
  int dim;
  std::vector<double> points;
  std::vector<CellType> types;  // linear
  Adjacency corners;
  BoxTree cells, nodes;

  Vec3 to_space(std::span<const double> x) const {
    const std::int64_t size = static_cast<std::int64_t>(x.size());
    check_shape({&size, 1}, {dim}, "point to locate");
    Vec3 out{};
    for (int k = 0; k < dim; ++k) {
      if (!std::isfinite(x[k])) throw NumericsError("a point to locate has a coordinate that is not finite");
      out[k] = x[k];
    }
    return out;
  }
};

Locator::Locator(const Mesh& mesh) {
  COTAN_REQUIRE(mesh.num_cells() > 0, "no point can be located in a mesh without cells");
  auto state = std::make_unique<State>();
  state->dim = mesh.dim();
  state->points = mesh.data().points;
  std::vector<Box> boxes(mesh.num_cells());
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    state->types.push_back(shape(mesh.type(c)).linear);
    state->corners.push_row(mesh.corners(c));
    for (const Index p : mesh.corners(c)) boxes[c].include(point3(mesh.points(), mesh.dim(), p));
  }
  state->cells = BoxTree(boxes);
  boxes.assign(mesh.num_points(), Box());
  for (Index p = 0; p < mesh.num_points(); ++p) boxes[p].include(point3(mesh.points(), mesh.dim(), p));
  state->nodes = BoxTree(boxes);
  state_ = std::move(state);
}

Locator::~Locator() = default;
Locator::Locator(Locator&&) noexcept = default;
Locator& Locator::operator=(Locator&&) noexcept = default;

Locator::Found Locator::find(std::span<const double> x) const {
  const Vec3 at = state_->to_space(x);
  std::vector<Vec3> corners;
  NearestInCell best{std::numeric_limits<double>::infinity(), {}};
  Index cell = -1;
  double size = 0;
  state_->cells.nearest(at, [&](Index c) {
    corners.clear();
    Box box;
    for (const Index p : state_->corners[c]) box.include(corners.emplace_back(point3(state_->points, state_->dim, p)));
    if (const double bound = box.squared_distance(at); bound > best.squared_distance) return bound;
    NearestInCell found = nearest_in_cell(state_->types[c], corners, at);
    const double squared = found.squared_distance;
    // from very far the squares are infinite or no numbers: then any cell is as near as another
    if (cell < 0 || squared < best.squared_distance || (squared == best.squared_distance && c < cell)) {
      best = std::move(found);
      cell = c;
      size = norm(corners.back() - corners.front());
    }
    return squared;
  });
  return {cell, std::move(best.weights), std::sqrt(best.squared_distance) <= 1e-9 * size};
}

Index Locator::nearest_point(std::span<const double> x) const {
  const Vec3 at = state_->to_space(x);
  double best = std::numeric_limits<double>::infinity();
  Index point = -1;
  state_->nodes.nearest(at, [&](Index p) {
    const Vec3 d = point3(state_->points, state_->dim, p) - at;
    const double squared = dot(d, d);
    if (squared < best || (squared == best && p < point)) best = squared, point = p;
    return squared;
  });
  return point;
}

}  // namespace cotan

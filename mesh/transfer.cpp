#include "mesh/transfer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/check.h"
#include "mesh/locate.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

void check_rows(const HostField& field, Index rows) {
  const std::int64_t size = std::ssize(field.values);
  check_shape(std::span(&size, 1), {std::int64_t(rows) * field.spec.components}, field.spec.name);
}

double distance_to(const Mesh& source, std::span<const Index> points, std::span<const double> weights,
                   std::span<const double> x) {
  double squares = 0;
  for (int k = 0; k < source.dim(); ++k) {
    double place = 0;
    for (std::size_t i = 0; i < points.size(); ++i) place += weights[i] * source.point(points[i])[k];
    squares += (place - x[k]) * (place - x[k]);
  }
  return std::sqrt(squares);
}

}  // namespace

Transfer::Transfer(const Mesh& source, const Mesh& target, TransferBy by)
    : source_points_(source.num_points()), source_cells_(source.num_cells()) {
  COTAN_REQUIRE(source.dim() == target.dim(), "values go from a mesh in " << source.dim() << " dimensions to one in "
                                                                          << target.dim() << ": expected the same");
  const Locator locator(source);
  for (Index p = 0; p < target.num_points(); ++p) {
    const auto x = target.point(p);
    const Locator::Found place = locator.find(x);
    const auto corners = source.corners(place.cell);
    if (!place.inside) {
      ++num_outside_;
      farthest_ = std::max(farthest_, distance_to(source, corners, place.weights, x));
    }
    if (by == TransferBy::nearest) {
      const Index nearest = locator.nearest_point(x);
      from_.push_row(std::span(&nearest, 1));
      weights_.push_back(1);
    } else {
      from_.push_row(corners);
      weights_.insert(weights_.end(), place.weights.begin(), place.weights.end());
    }
  }
  const std::vector<double> centres = cell_centres(target);
  for (Index c = 0; c < target.num_cells(); ++c)
    cells_.push_back(locator.find(std::span(centres).subspan(std::size_t(c) * target.dim(), target.dim())).cell);
}

HostField Transfer::operator()(const HostField& field) const {
  if (field.spec.on == On::whole) return field;
  if (field.spec.on == On::dofs) throw Error("field " + field.spec.name + ": degrees of freedom have no place to go");
  const auto n = std::size_t(field.spec.components);
  HostField out{field.spec, {}};
  if (field.spec.on == On::cells) {
    check_rows(field, source_cells_);
    for (const Index c : cells_)
      out.values.insert(out.values.end(), field.values.begin() + c * n, field.values.begin() + (c + 1) * n);
    return out;
  }
  check_rows(field, source_points_);
  out.values.assign(from_.size() * n, 0);
  for (std::size_t p = 0, link = 0; p < from_.size(); ++p) {
    for (const Index q : from_[p]) {
      const double weight = weights_[link++];
      if (weight == 0) continue;  // a value that is not finite does not reach where it has no part
      for (std::size_t k = 0; k < n; ++k) out.values[p * n + k] += weight * field.values[q * n + k];
    }
  }
  return out;
}

std::vector<double> integrals(const Mesh& mesh, const HostField& field) {
  if (field.spec.on != On::points && field.spec.on != On::cells)
    throw Error("field " + field.spec.name + ": an integral needs values on points or cells");
  check_rows(field, field.spec.on == On::points ? mesh.num_points() : mesh.num_cells());
  const std::vector<double> volumes = cell_volumes(mesh);
  const auto n = std::size_t(field.spec.components);
  std::vector<double> sums(n, 0);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto rows = field.spec.on == On::cells ? std::span(&c, 1) : mesh.corners(c);
    for (const Index row : rows) {
      for (std::size_t k = 0; k < n; ++k) sums[k] += volumes[c] / double(rows.size()) * field.values[row * n + k];
    }
  }
  return sums;
}

}  // namespace cotan

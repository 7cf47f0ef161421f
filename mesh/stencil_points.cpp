#include "mesh/stencil_points.h"

#include <algorithm>
#include <tuple>

#include "core/check.h"

namespace cotan {
namespace {

constexpr double kSame = 1e-6;    // of the bounding box: places that are one
constexpr double kBeyond = -0.3;  // weight of a corner down to which a mirror reaches: bent sides leave gaps

// A unit vector across a facet, away from its cell.
Vec3 normal_of(const Mesh& mesh, Facet facet, const std::vector<Vec3>& corners) {
  Vec3 middle{};
  const auto cell = mesh.corners(facet.cell);
  for (const Index p : cell) middle = middle + (1.0 / std::size(cell)) * point3(mesh.points(), mesh.dim(), p);
  Vec3 normal = corners[0] - middle;
  if (corners.size() == 2) {
    const Vec3 along = corners[1] - corners[0];
    normal = normal - (dot(normal, along) / dot(along, along)) * along;
  } else if (corners.size() >= 3) {
    const Vec3 across = cross(corners[1] - corners[0], corners[2] - corners[0]);
    normal = (dot(normal, across) / dot(across, across)) * across;
  }
  return (1 / norm(normal)) * normal;
}

// The least barycentric weight of a point on a facet's plane: 0 and above within.
double depth(const std::vector<Vec3>& c, const Vec3& x) {
  if (c.size() == 1) return 0;
  if (c.size() == 2) {
    const Vec3 along = c[1] - c[0];
    const double t = dot(x - c[0], along) / dot(along, along);
    return std::min(t, 1 - t);
  }
  if (c.size() == 4) return std::max(depth({c[0], c[1], c[2]}, x), depth({c[0], c[2], c[3]}, x));
  const Vec3 across = cross(c[1] - c[0], c[2] - c[0]);
  double least = 1;
  for (int k = 0; k < 3; ++k) {
    const Vec3 part = cross(c[(k + 1) % 3] - x, c[(k + 2) % 3] - x);
    least = std::min(least, dot(part, across) / dot(across, across));
  }
  return least;
}

}  // namespace

StencilSearch::StencilSearch(const Mesh& mesh, std::span<const PeriodicPair> periodic, std::span<const Facet> mirrors)
    : mesh_(mesh), unknown_(unknowns_of(mesh, periodic).of_point) {
  if (periodic.empty()) {
    neighbours_ = point_neighbours(mesh);
  } else {
    wrapped_ = wrapped_links(mesh, periodic);
  }
  Vec3 low = at(0), high = low;
  for (Index i = 0; i < mesh.num_points(); ++i) {
    for (int k = 0; k < 3; ++k) low[k] = std::min(low[k], at(i)[k]), high[k] = std::max(high[k], at(i)[k]);
  }
  tolerance_ = kSame * norm(high - low);
  const auto border = mirrors.empty() ? std::vector<Facet>() : boundary_facets(mesh);
  for (const Facet& facet : mirrors) {
    COTAN_REQUIRE(std::binary_search(border.begin(), border.end(), facet),
                  "a mirror of stencils must be at the mesh's border; facet " << facet.local << " of cell "
                                                                              << facet.cell << " is not");
    Plane plane;
    for (const Index p : facet_corners(mesh, facet)) plane.corners.push_back(at(p));
    plane.normal = normal_of(mesh, facet, plane.corners);
    for (const Index p : facet_corners(mesh, facet)) planes_[p].push_back(plane);
  }
}

int StencilSearch::images_around(Index i) const {
  const auto found = planes_.find(i);
  if (found == planes_.end()) return 1;
  std::vector<Vec3> across;
  for (const Plane& plane : found->second) {
    const bool is_new = std::all_of(across.begin(), across.end(),
                                    [&](const Vec3& other) { return std::abs(dot(other, plane.normal)) < kSame; });
    if (is_new) across.push_back(plane.normal);
  }
  return 1 << across.size();
}

bool StencilSearch::stands_in(std::span<const Place> places, const Place& place) const {
  return std::any_of(places.begin(), places.end(), [&](const Place& other) {
    return unknown_[other.point] == unknown_[place.point] && norm(other.at - place.at) < tolerance_;
  });
}

// Adds what the links of the places from `first` on reach.
void StencilSearch::grow(std::vector<Place>& places, std::size_t first) const {
  const std::size_t last = places.size();
  const auto add = [&](const Place& place) {
    if (!stands_in(places, place)) places.push_back(place);
  };
  for (std::size_t k = first; k < last; ++k) {
    const Place from = places[k];
    if (neighbours_.size() > 0) {
      for (const Index j : neighbours_[from.point]) add({j, at(j)});
    } else {
      for (const WrappedLink& link : wrapped_[from.point])
        add({link.sender, from.at + (at(link.sender) - at(link.copy))});
    }
  }
}

std::vector<StencilSearch::Plane> StencilSearch::planes_at(std::span<const Place> places) const {
  std::vector<Plane> out;
  for (const Place& place : places) {
    const auto found = planes_.find(place.point);
    if (found == planes_.end()) continue;
    for (Plane plane : found->second) {
      for (Vec3& corner : plane.corners) corner = corner + (place.at - at(place.point));
      const bool known = std::any_of(out.begin(), out.end(), [&](const Plane& other) {
        for (std::size_t k = 0; k < plane.corners.size(); ++k) {
          if (norm(other.corners[k] - plane.corners[k]) > tolerance_) return false;
        }
        return true;
      });
      if (!known) out.push_back(std::move(plane));
    }
  }
  return out;
}

std::vector<StencilSearch::Before> StencilSearch::before(const Place& place, std::span<const Plane> planes) const {
  std::vector<Before> out;
  for (const Plane& plane : planes) {
    const double height = dot(place.at - plane.corners[0], plane.normal);
    const double within = depth(plane.corners, place.at - height * plane.normal);
    if (within <= kBeyond || height >= -tolerance_) continue;
    out.push_back({within - kBeyond, -height, place.at - 2 * height * plane.normal, &plane});
  }
  std::sort(out.begin(), out.end(), [](const Before& a, const Before& b) { return a.weight > b.weight; });
  return out;
}

// The facets of a bent side make images that are all but one: it is their mean, weighted by how deep within its facet
// each lies, which turns from one facet's to the next one's without a jump.
void StencilSearch::add_images(Index point, std::span<const Before> before, std::vector<Place>& images) {
  std::vector<char> used(before.size(), 0);
  for (const Before& first : before) {
    Vec3 sum{};
    double weights = 0;
    for (std::size_t k = 0; k < before.size(); ++k) {
      if (used[k] || norm(before[k].image - first.image) > first.distance) continue;
      used[k] = 1;
      sum = sum + before[k].weight * before[k].image;
      weights += before[k].weight;
    }
    if (weights > 0) images.push_back({point, (1 / weights) * sum});
  }
}

// Images of images, where two mirrors (in space three) are perpendicular.
void StencilSearch::add_corner_images(Index point, std::span<const Before> before, std::vector<Place>& images) const {
  const std::size_t first = images.size();
  const auto add = [&](const Vec3& image) {
    const bool known = std::any_of(images.begin() + first, images.end(),
                                   [&](const Place& other) { return norm(other.at - image) < tolerance_; });
    if (!known) images.push_back({point, image});
  };
  const auto reflect = [](const Vec3& x, const Plane& plane) {
    return x - 2 * dot(x - plane.corners[0], plane.normal) * plane.normal;
  };
  const auto square = [](const Before& a, const Before& b) {
    return std::abs(dot(a.plane->normal, b.plane->normal)) < kSame;
  };
  for (const Before& a : before) {
    for (const Before& b : before) {
      if (!square(a, b)) continue;
      const Vec3 twice = reflect(a.image, *b.plane);
      add(twice);
      for (const Before& c : before) {
        if (square(a, c) && square(b, c)) add(reflect(twice, *c.plane));
      }
    }
  }
}

std::vector<SeenPoint> StencilSearch::nearest(Index i, int count) const {
  std::vector<Place> places = {{i, at(i)}};
  // One ring more than holds as many: the nearest ones need not be in the first rings.
  for (std::size_t first = 0; first < places.size();) {
    const bool enough = std::ssize(places) >= count;
    const std::size_t last = places.size();
    grow(places, first);
    first = last;
    if (enough) break;
  }
  if (!planes_.empty()) {
    std::vector<Place> images;
    const auto planes = planes_at(places);
    for (const Place& place : places) {
      const auto mirrors = before(place, planes);
      add_images(place.point, mirrors, images);
      add_corner_images(place.point, mirrors, images);
    }
    places.insert(places.end(), images.begin(), images.end());
  }
  std::vector<std::pair<double, SeenPoint>> seen;
  for (const Place& place : places) {
    const Vec3 offset = place.at - at(i);
    if (norm(offset) > tolerance_) seen.push_back({norm(offset), {place.point, offset}});
  }
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<SeenPoint> out;
  for (const auto& [distance, point] : seen) {
    if (std::ssize(out) >= count - 1 && distance > seen[count - 2].first * (1 + kSame)) break;
    out.push_back(point);
  }
  std::sort(out.begin(), out.end(), [](const SeenPoint& a, const SeenPoint& b) {
    return std::tie(a.point, a.offset) < std::tie(b.point, b.offset);
  });
  return out;
}

}  // namespace cotan

#include "mesh/mirror_edges.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numbers>

#include "core/check.h"
#include "mesh/laplacian.h"
#include "mesh/quality.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

constexpr double kFromInside = 0.25;  // sine of an edge's least angle with a side that it is mirrored at
constexpr double kBend = 40 * std::numbers::pi / 180;

// Free sides at a point: the mirrors' unit normals, outward, and the area that is the point's.
struct Sides {
  std::vector<Vec3> normals;
  double area = 0;
};

// One mirror of all facets that lie within the bend of their mean, or one for each.
std::vector<Vec3> mirrors_of(const std::vector<Vec3>& areas) {
  Vec3 sum{};
  for (const Vec3& area : areas) sum = sum + area;
  const auto is_along = [&](const Vec3& area) { return dot(area, sum) > std::cos(kBend / 2) * norm(area) * norm(sum); };
  if (std::all_of(areas.begin(), areas.end(), is_along)) return {(1 / norm(sum)) * sum};
  std::vector<Vec3> normals;
  for (const Vec3& area : areas) normals.push_back((1 / norm(area)) * area);
  return normals;
}

// Of each point, those of the points that it is glued to with them.
std::vector<Sides> sides_of(const Mesh& mesh, std::span<const Facet> free, std::span<const PeriodicPair> periodic) {
  const Adjacency copies = periodic.empty() ? Adjacency() : glued_copies(mesh, periodic);
  std::vector<std::vector<Vec3>> areas(mesh.num_points());
  for (const Facet& facet : free) {
    const auto corners = facet_corners(mesh, facet);
    const Vec3 share = (1.0 / std::size(corners)) * point3(facet_area(mesh, facet), mesh.dim(), 0);
    for (const Index p : corners) {
      areas[p].push_back(share);
      if (copies.size() == 0) continue;
      for (const Index copy : copies[p]) areas[copy].push_back(share);
    }
  }
  std::vector<Sides> sides(mesh.num_points());
  for (Index p = 0; p < mesh.num_points(); ++p) {
    if (areas[p].empty()) continue;
    sides[p].normals = mirrors_of(areas[p]);
    for (const Vec3& area : areas[p]) sides[p].area += norm(area);
  }
  return sides;
}

bool is_simplicial(const Mesh& mesh) {
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    if (shape(mesh.type(c)).num_corners != mesh.cell_dim() + 1) return false;
  }
  return true;
}

}  // namespace

EdgeSet mirror_edges(const Mesh& mesh, const Graph& graph, std::span<const Facet> free,
                     std::span<const PeriodicPair> periodic) {
  COTAN_REQUIRE(mesh.cell_dim() == mesh.dim(), "mirrors at sides are of flat meshes and solids; the cells have "
                                                   << mesh.cell_dim() << " of " << mesh.dim() << " dimensions");
  const std::vector<Sides> sides = sides_of(mesh, free, periodic);
  const EdgeSet& links = graph.edges();
  const at::Tensor all_offsets = links.offset.contiguous();
  const std::span offsets(all_offsets.const_data_ptr<double>(), static_cast<std::size_t>(all_offsets.numel()));
  const auto *start = links.links.offsets.const_data_ptr<std::int64_t>(),
             *index = links.sender().const_data_ptr<std::int64_t>(),
             *global = graph.global.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> starts = {0}, senders, receivers;
  std::vector<double> offset, distance, area;
  for (std::int64_t i = 0; i < graph.num_nodes(); ++i) {
    const Sides& at = sides[global[i]];
    for (std::int64_t e = start[i]; e < start[i + 1]; ++e) {
      const Vec3 from_sender = point3(offsets, mesh.dim(), static_cast<Index>(e));
      for (const Vec3& normal : at.normals) {
        const double depth = dot(from_sender, normal);
        if (depth <= kFromInside * norm(from_sender)) continue;
        const Vec3 from_image = from_sender - 2 * depth * normal;
        senders.push_back(index[e]);
        receivers.push_back(i);
        distance.push_back(2 * depth);
        offset.insert(offset.end(), from_image.begin(), from_image.begin() + mesh.dim());
      }
    }
    starts.push_back(std::ssize(senders));
    area.push_back(at.area);
  }
  EdgeSet set;
  set.name = kMirror;
  set.receiver = at::tensor(receivers, at::kLong);
  set.links = make_segments(at::tensor(starts, at::kLong), at::tensor(senders, at::kLong), graph.num_nodes());
  set.offset = at::tensor(offset, at::kDouble).reshape({-1, mesh.dim()});
  set.weight = at::tensor(distance, at::kDouble);
  const at::Tensor dual = is_simplicial(mesh) ? laplacian_edges(mesh, graph, periodic).measure : graph.volume;
  set.measure = at::tensor(area, at::kDouble) / dual;
  return set;
}

}  // namespace cotan

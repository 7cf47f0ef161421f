#include "mesh/stencil.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>

#include "core/check.h"
#include "mesh/dual_volume.h"
#include "mesh/stencil_points.h"

namespace cotan {
namespace {

using at::Tensor;

int default_count(int cell_dim) {
  return cell_dim == 1 ? 5 : cell_dim == 2 ? 19 : 45;
}

// Dual volumes; of glued points the whole.
std::vector<double> whole_volumes(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  const Unknowns unknowns = unknowns_of(mesh, periodic);
  const auto of_points = dual_volumes(mesh);
  const auto sums = summed(unknowns, of_points);
  std::vector<double> out(of_points.size());
  for (std::size_t p = 0; p < out.size(); ++p) out[p] = sums[unknowns.of_point[p]];
  return out;
}

// The stencils of a rank's owned rows, by the mesh's numbers.
struct Rows {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int64_t> sender, receiver;
  std::vector<double> offset, measure;  // (E, dim), (rows)
};

Rows find_rows(const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic,
               const StencilPoints& points) {
  const StencilSearch search(mesh, periodic, points.mirrors);
  auto volumes = whole_volumes(mesh, periodic);
  for (Index p = 0; p < mesh.num_points(); ++p) volumes[p] *= search.images_around(p);
  const int d = mesh.cell_dim(), count = points.count > 0 ? points.count : default_count(d);
  const int needed = (d + 1) * (d + 2) / 2;
  COTAN_REQUIRE(count >= needed, "a stencil of " << count << " points; quadratic functions need " << needed);
  const Tensor global = graph.global.contiguous();
  Rows rows;
  rows.measure.assign(graph.num_nodes(), 0);
  for (std::int64_t i = 0; i < graph.num_nodes(); ++i) {
    if (i < graph.num_owned) {
      const auto point = static_cast<Index>(global.const_data_ptr<std::int64_t>()[i]);
      const auto seen = search.nearest(point, count);
      COTAN_REQUIRE(std::ssize(seen) + 1 >= needed, "point " << point << " reaches " << seen.size()
                                                             << " others by the mesh's links; its stencil needs "
                                                             << needed - 1);
      double volume = volumes[point];
      for (const SeenPoint& other : seen) {
        rows.sender.push_back(other.point);
        rows.receiver.push_back(i);
        for (int k = 0; k < mesh.dim(); ++k) rows.offset.push_back(-other.offset[k]);
        volume += volumes[other.point];
      }
      rows.measure[i] = std::pow(volume / static_cast<double>(seen.size() + 1), 2.0 / d);
    }
    rows.offsets.push_back(std::ssize(rows.sender));
  }
  return rows;
}

// Where senders stand in the table of local rows and guests, and the exchange that brings the guests.
struct Table {
  std::map<std::int64_t, std::int64_t> row;  // by global number
  std::int64_t guests = 0;
  HaloExchange halo;
};

std::vector<std::vector<std::int64_t>> gathered(const std::vector<std::int64_t>& own, const Comm& comm) {
  std::vector<std::vector<std::int64_t>> all;
  for (const auto& bytes : comm.all_gather(std::as_bytes(std::span(own)))) {
    all.emplace_back(bytes.size() / sizeof(std::int64_t));
    if (!bytes.empty()) std::memcpy(all.back().data(), bytes.data(), bytes.size());
  }
  return all;
}

// Each rank tells what it lacks and what it owns; the owners see who lacks theirs.
HaloPlan plan_of(const std::vector<std::int64_t>& lacking, const std::map<std::int64_t, Index>& owned,
                 const Table& table, const Comm& comm) {
  std::vector<std::int64_t> own;
  for (const auto& [point, row] : owned) own.push_back(point);
  const auto wanted = gathered(lacking, comm), owners = gathered(own, comm);
  HaloPlan plan;
  for (int rank = 0; rank < comm.size(); ++rank) {
    if (rank == comm.rank()) continue;
    HaloPeer peer{rank, {}, {}};
    for (const std::int64_t point : wanted[rank]) {
      if (const auto found = owned.find(point); found != owned.end()) peer.send.push_back(found->second);
    }
    for (const std::int64_t point : lacking) {
      if (std::binary_search(owners[rank].begin(), owners[rank].end(), point))
        peer.receive.push_back(static_cast<Index>(table.row.at(point)));
    }
    if (!peer.send.empty() || !peer.receive.empty()) plan.push_back(std::move(peer));
  }
  return plan;
}

Table table_of(const Rows& rows, const Graph& graph, const Comm& comm) {
  Table table;
  std::map<std::int64_t, Index> owned;
  const at::Tensor global = graph.global.contiguous();
  for (std::int64_t i = 0; i < graph.num_nodes(); ++i) {
    const std::int64_t point = global.const_data_ptr<std::int64_t>()[i];
    table.row[point] = i;
    if (i < graph.num_owned) owned[point] = static_cast<Index>(i);
  }
  std::vector<std::int64_t> lacking;
  for (const std::int64_t s : rows.sender) {
    if (!table.row.contains(s)) lacking.push_back(s);
  }
  std::sort(lacking.begin(), lacking.end());
  lacking.erase(std::unique(lacking.begin(), lacking.end()), lacking.end());
  for (const std::int64_t s : lacking) table.row[s] = graph.num_nodes() + table.guests++;
  if (comm.size() > 1) {
    table.halo = HaloExchange(plan_of(lacking, owned, table, comm), comm, table.guests);
  } else if (!lacking.empty()) {
    throw Error("a part of a mesh without its communicator: stencils reach other parts");
  }
  return table;
}

// The parts of offsets along the tangent plane at each receiver: first the plane that fits its neighbours best, then
// turned twice by the slope of the quadratic surface that fits them.
Tensor tangential(const Tensor& offset, const Segments& links) {
  const Tensor d = -offset, outer = (d.unsqueeze(2) * d.unsqueeze(1)).reshape({-1, 9});
  const Tensor moments = segment_sum(outer, links).reshape({-1, 3, 3});
  const Tensor size = segment_mean(d.square().sum(1, true), links).sqrt().clamp_min(1e-300);
  Tensor axes = std::get<1>(at::linalg_eigh(moments)).flip(2);  // (N, 3, 3): two along the plane, the normal last
  const auto local = [&] {
    const Tensor scaled = d / segment_spread(size, links);
    return at::matmul(scaled.unsqueeze(1), segment_spread(axes.flatten(1), links).reshape({-1, 3, 3})).squeeze(1);
  };
  for (int turn = 0; turn < 2; ++turn) {
    const Tensor x = local(), a = x.select(1, 0), b = x.select(1, 1);
    const Tensor p = at::stack({a, b, a * a, a * b, b * b}, 1);
    const Tensor left = segment_sum((p.unsqueeze(2) * p.unsqueeze(1)).reshape({-1, 25}), links).reshape({-1, 5, 5});
    const Tensor right = segment_sum(p * x.narrow(1, 2, 1), links).unsqueeze(2);
    const Tensor fit = at::matmul(at::linalg_pinv(left, 1e-10, /*hermitian=*/true), right).squeeze(2);
    const Tensor slope = fit.narrow(1, 0, 2).unsqueeze(1);  // (N, 1, 2)
    const Tensor along = axes.narrow(2, 0, 2) + axes.narrow(2, 2, 1) * slope;
    const Tensor basis = std::get<0>(at::linalg_qr(along));
    axes = at::cat({basis, at::linalg_cross(basis.select(2, 0), basis.select(2, 1)).unsqueeze(2)}, 2);
  }
  const Tensor normal = segment_spread(axes.select(2, 2).contiguous(), links);
  return offset - normal * (offset * normal).sum(1, true);
}

}  // namespace

std::string stencil_name(int count) {
  return count == 0 ? kStencil : kStencil + ("_" + std::to_string(count));
}

std::optional<int> stencil_count(std::string_view name) {
  if (!name.starts_with(kStencil)) return {};
  name.remove_prefix(std::string_view(kStencil).size());
  int count = 0;
  if (name.empty()) return count;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), count);
  const bool whole = name.front() == '_' && error == std::errc() && end == name.data() + name.size() && count > 0;
  return whole ? std::optional<int>(count) : std::nullopt;
}

EdgeSet stencil_edges(const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic,
                      const StencilPoints& points, const Comm& comm) {
  COTAN_REQUIRE(mesh.cell_dim() == mesh.dim() || mesh.cell_dim() == 2,
                "stencils on lines in the plane or in space are not there; the mesh's cells have "
                    << mesh.cell_dim() << " of " << mesh.dim() << " dimensions");
  const Rows rows = find_rows(mesh, graph, periodic, points);
  const Table table = table_of(rows, graph, comm);
  std::vector<std::int64_t> sender;
  for (const std::int64_t s : rows.sender) sender.push_back(table.row.at(s));
  EdgeSet set;
  set.name = stencil_name(points.count);
  set.receiver = at::tensor(rows.receiver, at::kLong);
  set.links = make_segments(at::tensor(rows.offsets, at::kLong), at::tensor(sender, at::kLong),
                            graph.num_nodes() + table.guests);
  set.offset = at::tensor(rows.offset, at::kDouble).reshape({-1, mesh.dim()});
  if (mesh.cell_dim() < mesh.dim()) set.offset = tangential(set.offset, set.links);
  set.measure = at::tensor(rows.measure, at::kDouble);
  set.guests = table.halo;
  return set;
}

}  // namespace cotan

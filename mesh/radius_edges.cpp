#include "mesh/radius_edges.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "core/check.h"
#include "mesh/radius.h"

namespace cotan {
namespace {

using at::Tensor;

// A point as its owner knows it; sent to all ranks as bytes.
struct Placed {
  std::int64_t graph, global;  // which point of the whole it is
  std::int64_t rank, row;      // its owner, where it stands there
  double position[3];          // [m], 0 beyond the dimension
};

std::vector<Placed> owned_points(const Graph& graph, const Tensor& position, int rank) {
  const Tensor x = position.detach().to(at::kCPU, at::kDouble).contiguous(), owned = graph.owned.cpu().contiguous();
  const Tensor of = graph.graph_of_node.cpu().contiguous(), global = graph.global.cpu().contiguous();
  const std::int64_t n = graph.num_nodes(), dim = x.size(1);
  const auto* is_owned = owned.const_data_ptr<bool>();
  const auto* from = x.const_data_ptr<double>();
  std::vector<Placed> points;
  for (std::int64_t i = 0; i < n; ++i) {
    if (!is_owned[i]) continue;
    points.push_back({of.const_data_ptr<std::int64_t>()[i], global.const_data_ptr<std::int64_t>()[i], rank, i, {}});
    std::copy_n(from + i * dim, dim, points.back().position);
  }
  return points;
}

// Those of all ranks in the order of their global numbers, which is the same on every rank.
std::vector<Placed> all_points(const std::vector<Placed>& owned, const Comm& comm) {
  std::vector<Placed> points;
  for (const auto& bytes : comm.all_gather(std::as_bytes(std::span(owned)))) {
    const std::size_t before = points.size(), count = bytes.size() / sizeof(Placed);
    points.resize(before + count);
    if (count > 0) std::memcpy(points.data() + before, bytes.data(), bytes.size());
  }
  std::sort(points.begin(), points.end(), [](const Placed& a, const Placed& b) {
    return std::pair(a.graph, a.global) < std::pair(b.graph, b.global);
  });
  return points;
}

// Directed edges into the rows of a rank by compressed rows; points by their place in the list of all.
struct Pairs {
  std::vector<std::int64_t> offsets{0};
  std::vector<Index> sender, receiver;
};

Pairs near_pairs(const std::vector<Placed>& points, int dim, double radius, const Graph& graph, const EdgeSet& except,
                 int rank) {
  std::vector<double> flat;
  std::vector<std::int64_t> group;
  std::vector<Index> place(graph.num_nodes(), -1);  // of owned rows
  for (std::size_t p = 0; p < points.size(); ++p) {
    flat.insert(flat.end(), points[p].position, points[p].position + dim);
    group.push_back(points[p].graph);
    if (points[p].rank == rank) place[points[p].row] = static_cast<Index>(p);
  }
  const RadiusSearch search(flat, dim, radius, group);
  const Tensor joined = graph.global.index_select(0, except.sender()).cpu(), starts = except.links.offsets.cpu();
  const auto* global = joined.const_data_ptr<std::int64_t>();
  const auto* start = starts.const_data_ptr<std::int64_t>();
  Pairs pairs;
  for (std::size_t i = 0; i < place.size(); ++i) {
    const auto near = place[i] < 0 ? std::vector<Index>() : search.near(place[i]);
    for (const Index j : near) {
      if (std::find(global + start[i], global + start[i + 1], points[j].global) != global + start[i + 1]) continue;
      pairs.sender.push_back(j);
      pairs.receiver.push_back(place[i]);
    }
    pairs.offsets.push_back(std::ssize(pairs.sender));
  }
  return pairs;
}

// Where the senders stand in the table that `halo` makes of a rank's rows.
struct Table {
  std::vector<std::int64_t> row;  // by place in the list of all points; -1 where it is not in the table
  HaloPlan halo;
  std::int64_t guests = 0;
};

// No requests are sent: an edge from another rank's point into ours has its reverse there, so what the other needs of
// us stands in our own pairs.
Table table_of(const std::vector<Placed>& points, const Pairs& pairs, std::int64_t num_rows, int rank) {
  struct Shared {
    std::set<Index> send, receive;  // in the order of global numbers, as the peer has them
  };
  std::map<int, Shared> peers;
  for (std::size_t e = 0; e < pairs.sender.size(); ++e) {
    const auto owner = static_cast<int>(points[pairs.sender[e]].rank);
    if (owner == rank) continue;
    peers[owner].send.insert(pairs.receiver[e]);
    peers[owner].receive.insert(pairs.sender[e]);
  }
  Table table{std::vector<std::int64_t>(points.size(), -1), {}};
  for (std::size_t p = 0; p < points.size(); ++p) {
    if (points[p].rank == rank) table.row[p] = points[p].row;
  }
  for (const auto& [peer, shared] : peers) {
    HaloPeer lists{peer, {}, {}};
    for (const Index p : shared.send) lists.send.push_back(static_cast<Index>(points[p].row));
    for (const Index p : shared.receive) {
      table.row[p] = num_rows + table.guests++;
      lists.receive.push_back(static_cast<Index>(table.row[p]));
    }
    table.halo.push_back(std::move(lists));
  }
  return table;
}

}  // namespace

EdgeSet radius_edges(std::string name, const Graph& graph, const Tensor& position, double radius, const EdgeSet& except,
                     const Comm& comm) {
  const std::int64_t n = graph.num_nodes(), dim = position.size(1);
  COTAN_ASSERT(position.size(0) == n && dim >= 1 && dim <= 3);
  const auto points = all_points(owned_points(graph, position, comm.rank()), comm);
  const Pairs pairs = near_pairs(points, static_cast<int>(dim), radius, graph, except, comm.rank());
  Table table = table_of(points, pairs, n, comm.rank());
  std::vector<std::int64_t> sender, receiver;
  for (const Index p : pairs.sender) sender.push_back(table.row[p]);
  for (const Index p : pairs.receiver) receiver.push_back(table.row[p]);
  const auto tensor = [&](const auto& values) { return at::tensor(values, at::kLong).to(position.device()); };
  EdgeSet set;
  set.name = std::move(name);
  set.receiver = tensor(receiver);
  set.links = make_segments(tensor(pairs.offsets), tensor(sender), n + table.guests);
  if (comm.size() > 1) set.guests = HaloExchange(std::move(table.halo), comm, table.guests);
  return set;
}

}  // namespace cotan

#include "mesh/partition.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"

namespace cotan {
namespace {

void check_owner(const Adjacency& graph, std::span<const int> owner) {
  check_shape({{static_cast<std::int64_t>(owner.size())}}, {graph.size()}, "owner of each node");
  const auto negative = std::find_if(owner.begin(), owner.end(), [](int o) { return o < 0; });
  if (negative != owner.end()) {
    throw Error("node " + std::to_string(negative - owner.begin()) + " has owner " + std::to_string(*negative));
  }
}

// Rings around the nodes in `seeds`, marked with `mark` in `marks`, `layers` deep; the new nodes in order of finding.
// `inside(node)` says where the search may go.
template <class Inside>
std::vector<Index> rings(const Adjacency& graph, const std::vector<Index>& seeds, int layers, std::vector<int>& marks,
                         int mark, const Inside& inside) {
  for (Index i : seeds) marks[i] = mark;
  std::vector<Index> found, front = seeds;
  for (int layer = 0; layer < layers && !front.empty(); ++layer) {
    std::vector<Index> next;
    for (Index i : front) {
      for (Index j : graph[i]) {
        if (marks[j] == mark || !inside(j)) continue;
        marks[j] = mark;
        next.push_back(j);
      }
    }
    found.insert(found.end(), next.begin(), next.end());
    front = std::move(next);
  }
  return found;
}

// Halo lists in global numbers, sorted.
struct GlobalPeer {
  int rank;
  std::vector<Index> send, receive;
};

// What `rank` receives is its ghosts by owner. What it sends to a peer are its own nodes within `layers` rings of the
// peer's; links being symmetric, those rings start at our ghosts that the peer owns and stay among our local nodes.
std::vector<GlobalPeer> peers_of(const Adjacency& graph, std::span<const int> owner, int rank, int layers,
                                 const std::vector<Index>& ghosts) {
  std::vector<Index> by_owner = ghosts;
  std::stable_sort(by_owner.begin(), by_owner.end(), [&](Index a, Index b) { return owner[a] < owner[b]; });
  std::vector<char> local(graph.size(), 0);
  for (Index i = 0; i < graph.size(); ++i) local[i] = owner[i] == rank;
  for (Index i : ghosts) local[i] = 1;
  std::vector<int> marks(graph.size(), -1);
  std::vector<GlobalPeer> peers;
  for (auto first = by_owner.begin(); first != by_owner.end();) {
    const int peer = owner[*first];
    const auto last = std::find_if(first, by_owner.end(), [&](Index i) { return owner[i] != peer; });
    GlobalPeer p{peer, {}, {first, last}};
    for (Index i : rings(graph, p.receive, layers, marks, peer, [&](Index j) { return local[j] != 0; })) {
      if (owner[i] == rank) p.send.push_back(i);
    }
    std::sort(p.send.begin(), p.send.end());
    peers.push_back(std::move(p));
    first = last;
  }
  return peers;
}

}  // namespace

Partitioner block_partitioner() {
  return [](const Adjacency& graph, int parts) {
    COTAN_REQUIRE(parts >= 1, "a partition into " << parts << " parts; at least 1 is needed");
    std::vector<int> owner(graph.size());
    for (Index i = 0; i < graph.size(); ++i) owner[i] = static_cast<int>(std::int64_t(i) * parts / graph.size());
    return owner;
  };
}

Part make_part(const Adjacency& graph, std::span<const int> owner, int rank, int layers) {
  check_owner(graph, owner);
  const Index n = graph.size();
  std::vector<Index> owned;
  for (Index i = 0; i < n; ++i) {
    if (owner[i] == rank) owned.push_back(i);
  }
  std::vector<int> marks(n, -1);
  std::vector<Index> ghosts = rings(graph, owned, layers, marks, 0, [](Index) { return true; });
  std::sort(ghosts.begin(), ghosts.end());
  const auto peers = peers_of(graph, owner, rank, layers, ghosts);

  std::vector<char> sent(n, 0);
  for (const auto& p : peers) {
    for (Index i : p.send) sent[i] = 1;
  }
  Part part;
  const auto boundary = std::stable_partition(owned.begin(), owned.end(), [&](Index i) { return !sent[i]; });
  part.num_interior = static_cast<Index>(boundary - owned.begin());
  part.num_owned = static_cast<Index>(owned.size());
  part.global.assign(owned.begin(), owned.end());
  part.global.insert(part.global.end(), ghosts.begin(), ghosts.end());

  std::vector<Index> local(n, -1);
  for (Index i = 0; i < part.num_local(); ++i) local[part.global[i]] = i;
  const auto to_local = [&](std::vector<Index> list) {
    for (Index& i : list) i = local[i];
    return list;
  };
  for (const auto& p : peers) part.halo.push_back({p.rank, to_local(p.send), to_local(p.receive)});
  return part;
}

Part whole_part(Index num_nodes) {
  Part part{std::vector<GlobalIndex>(num_nodes), num_nodes, num_nodes, {}};
  std::iota(part.global.begin(), part.global.end(), GlobalIndex{0});
  return part;
}

PartitionReport report(const Adjacency& graph, std::span<const int> owner, int parts) {
  check_owner(graph, owner);
  PartitionReport r;
  r.parts = parts;
  r.owned.assign(parts, 0);
  r.ghosts.assign(parts, 0);
  std::int64_t cut = 0;
  std::vector<Index> seen(parts, -1);  // the last node that was counted as a part's ghost
  for (Index i = 0; i < graph.size(); ++i) {
    COTAN_REQUIRE(owner[i] < parts, "node " << i << " belongs to part " << owner[i] << " of " << parts);
    ++r.owned[owner[i]];
    for (Index j : graph[i]) {
      const int other = owner[j];
      COTAN_REQUIRE(other < parts, "node " << j << " belongs to part " << other << " of " << parts);
      if (other == owner[i]) continue;
      ++cut;
      if (seen[other] != i) ++r.ghosts[other];
      seen[other] = i;
    }
  }
  r.edge_cut = cut / 2;
  if (graph.size() > 0) {
    r.imbalance = double(*std::max_element(r.owned.begin(), r.owned.end())) * parts / graph.size();
  }
  return r;
}

}  // namespace cotan

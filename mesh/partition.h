#pragma once
#include <functional>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Owner of each node, 0 to parts - 1. A strategy is a value.
using Partitioner = std::function<std::vector<int>(const Adjacency& graph, int parts)>;

struct MetisOptions {
  double imbalance = 1.03;  ///< largest part over average
  int seed = 0;
};
/// k-way METIS, edge cut; \cite karypis1998. \throw InputError in a build without METIS, naming the option
Partitioner metis_partitioner(MetisOptions options = {});
/// Consecutive blocks of nodes: the oracle of tests, and the choice without METIS.
Partitioner block_partitioner();

/// What one rank sends to and receives from one other; both lists run in the same global order.
struct HaloPeer {
  int rank;
  std::vector<Index> send, receive;  ///< local numbers: owned nodes, ghosts
};
using HaloPlan = std::vector<HaloPeer>;  ///< sorted by rank; empty on one rank

/// One rank's share: owned nodes that no other rank sees (interior), owned nodes that are someone's ghosts
/// (boundary), then `layers` rings of ghosts; each group in global order.
struct Part {
  std::vector<GlobalIndex> global;  ///< local -> global
  Index num_interior = 0;           ///< owned and nobody's ghost
  Index num_owned = 0;
  HaloPlan halo;
  Index num_local() const { return static_cast<Index>(global.size()); }
};
/// \pre links are symmetric, every owner is at least 0. A rank may own nothing. No communication: every rank knows
/// `owner`.
Part make_part(const Adjacency& graph, std::span<const int> owner, int rank, int layers = 1);
/// The whole graph on one rank.
Part whole_part(Index num_nodes);

/// Figures of a partition.
struct PartitionReport {
  int parts = 0;
  std::int64_t edge_cut = 0;         ///< links between different owners, each once
  double imbalance = 1;              ///< largest part over average
  std::vector<Index> owned, ghosts;  ///< per part, one layer
};
PartitionReport report(const Adjacency& graph, std::span<const int> owner, int parts);

}  // namespace cotan

#pragma once
// One mesh shared between the ranks of a run in several ways, and its results put together again.
#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "build_config.h"
#include "core/comm.h"
#include "mesh/generate.h"
#include "mesh/graph.h"
#include "mesh/halo.h"
#include "mesh/partition.h"

namespace cotan::shares {

/// Owner of each point, by name for messages.
struct Sharing {
  std::string name;
  std::vector<int> owner;
};

/// Blocks, METIS, scattered points, and sharings that leave ranks without a point.
inline std::vector<Sharing> sharings(const Adjacency& links, int ranks) {
  std::vector<Sharing> out = {{"blocks", block_partitioner()(links, ranks)}};
#if COTAN_HAS_METIS
  out.push_back({"metis", metis_partitioner()(links, ranks)});
#endif
  std::vector<int> scattered(links.size()), gaps(links.size()), last(links.size(), ranks - 1);
  const int used = std::max(1, ranks - 2);  // of seven ranks, 2 and 5 own nothing
  for (Index i = 0; i < links.size(); ++i) {
    scattered[i] = (i * 7 + i / 5) % ranks;
    const int k = static_cast<int>(std::int64_t(i) * used / links.size());
    gaps[i] = ranks < 3 ? 0 : k + (k >= 2) + (k >= 4);
    if (gaps[i] >= ranks) gaps[i] = ranks - 1;
  }
  out.push_back({"scattered", scattered});
  out.push_back({"two ranks empty", gaps});
  out.push_back({"all on the last rank", last});
  return out;
}

/// This rank's share of a mesh.
struct Share {
  Graph graph;
  HaloExchange halo;
};

inline Share make_share(const Mesh& mesh, const Adjacency& links, const Sharing& sharing, const Comm& comm,
                        int layers = 1) {
  const Part part = make_part(links, sharing.owner, comm.rank(), layers);
  return {make_graph(mesh, part), HaloExchange(part.halo, comm)};
}

/// Rows of the whole mesh from the owned rows of every rank, on every rank; collective.
inline at::Tensor collect(const at::Tensor& x, const Share& share, std::int64_t points) {
  const auto n = share.graph.num_owned;
  auto shape = x.sizes().vec();
  shape[0] = points;
  const at::Tensor whole = at::zeros(shape, x.options().requires_grad(false));
  whole.index_copy_(0, share.graph.global.narrow(0, 0, n), x.detach().narrow(0, 0, n));
  return sum_over_ranks(whole, share.halo.comm());
}

}  // namespace cotan::shares

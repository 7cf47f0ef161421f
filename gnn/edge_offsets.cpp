#include "gnn/edge_offsets.h"

#include <ATen/ATen.h>

namespace cotan {
namespace {

at::Tensor graph_of_edge(const EdgeSet& edges, const Graph& graph) {
  return graph.graph_of_node.index_select(0, edges.receiver);
}

// (graphs) the largest of x (E), not negative, over all ranks.
at::Tensor largest_by_graph(const at::Tensor& x, const at::Tensor& graph_of, std::int64_t graphs, const Comm& comm) {
  const at::Tensor starts = at::searchsorted(graph_of, at::arange(graphs + 1, graph_of.options()));
  const at::Tensor most = at::segment_reduce(x.contiguous(), "max", {}, {}, starts, 0, /*unsafe=*/true, /*initial=*/0);
  if (comm.size() == 1) return most;
  at::Tensor host = most.to(at::kCPU, at::kDouble);
  for (std::int64_t g = 0; g < graphs; ++g) host[g] = comm.max(host[g].item<double>());
  return host.to(x.options());
}

}  // namespace

at::Tensor offsets_in_units(const EdgeSet& edges, const Graph& graph, const at::Tensor& scale) {
  const at::Tensor to_sender = -edges.offset, length = to_sender.norm(2, 1, /*keepdim=*/true);
  const at::Tensor of_edge = scale.size(0) == 1 ? scale : scale.index_select(0, graph_of_edge(edges, graph));
  return at::cat({length, to_sender}, 1) / of_edge.reshape({-1, 1});
}

at::Tensor offsets_of_longest(const EdgeSet& edges, const Graph& graph, const Comm& comm) {
  const at::Tensor to_sender = -edges.offset, length = to_sender.norm(2, 1, /*keepdim=*/true);
  const at::Tensor graph_of = graph_of_edge(edges, graph);
  const auto longest = [&](const at::Tensor& x) {
    return largest_by_graph(x, graph_of, graph.num_graphs, comm).index_select(0, graph_of).unsqueeze(1);
  };
  const at::Tensor place = to_sender / (2 * longest(to_sender.abs().amax(1))) + 0.5;
  return at::cat({length / longest(length.squeeze(1)), place}, 1);
}

}  // namespace cotan

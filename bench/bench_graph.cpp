// Graphs, segment sums, operators and partitions on meshes of about a million points. Items are directed edges (points
// for partitions), so items_per_second is what the goal of 5 million directed edges a second is about.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <map>

#include "build_config.h"
#include "mesh/generate.h"
#include "mesh/graph.h"
#include "mesh/operators.h"
#include "mesh/ordering.h"
#include "mesh/partition.h"
#include "mesh/radius_edges.h"

namespace {

using namespace cotan;

const Mesh& square(int n) {
  static std::map<int, Mesh> meshes;
  if (const auto found = meshes.find(n); found != meshes.end()) return found->second;
  const Mesh rows = rectangle(n, n);
  return meshes.emplace(n, reordered(rows, hilbert_order(rows))).first->second;
}

const Graph& graph_of(int n) {
  static std::map<int, Graph> graphs;
  if (const auto found = graphs.find(n); found != graphs.end()) return found->second;
  return graphs.emplace(n, make_graph(square(n))).first->second;
}

void build_triangles(benchmark::State& state) {
  const Mesh& mesh = square(static_cast<int>(state.range(0)));
  std::int64_t edges = 0;
  for (auto _ : state) edges = make_graph(mesh).edges().size();
  state.SetItemsProcessed(state.iterations() * edges);
}

void build_tetrahedra(benchmark::State& state) {
  const auto n = static_cast<int>(state.range(0));
  const Mesh mesh = box(n, n, n);
  std::int64_t edges = 0;
  for (auto _ : state) edges = make_graph(mesh).edges().size();
  state.SetItemsProcessed(state.iterations() * edges);
}

void world_edges(benchmark::State& state) {
  const Graph& graph = graph_of(static_cast<int>(state.range(0)));
  const auto none = make_edges("none", at::empty({0}, at::kLong), at::empty({0}, at::kLong), graph.num_nodes());
  std::int64_t edges = 0;
  for (auto _ : state) edges = radius_edges("world", graph, graph.position, 1.5 / state.range(0), none).size();
  state.SetItemsProcessed(state.iterations() * edges);
}

// Sums of 128 channels over in-edges, ours beside LibTorch's index_add: the heart of a message-passing step.
template <class Sum>
void sums(benchmark::State& state, const Sum& sum) {
  const Graph& graph = graph_of(static_cast<int>(state.range(0)));
  const at::Tensor x = at::rand({graph.edges().size(), 128}, at::kFloat);
  for (auto _ : state) benchmark::DoNotOptimize(sum(x, graph).data_ptr());
  state.SetItemsProcessed(state.iterations() * graph.edges().size());
}
void sum_by_segments(benchmark::State& state) {
  sums(state, [](const at::Tensor& x, const Graph& g) { return segment_sum(x, g.edges().links); });
}
void sum_by_index_add(benchmark::State& state) {
  sums(state, [](const at::Tensor& x, const Graph& g) {
    return at::zeros({g.num_nodes(), x.size(1)}, x.options()).index_add_(0, g.edges().receiver, x);
  });
}
void sum_by_sender(benchmark::State& state) {
  sums(state, [](const at::Tensor& x, const Graph& g) { return scatter_sum(x, g.edges().links); });
}

template <class Op>
void operators(benchmark::State& state, const Op& op) {
  const Graph& graph = graph_of(static_cast<int>(state.range(0)));
  const at::Tensor u = at::rand({graph.num_nodes(), 3}, at::kDouble);
  for (auto _ : state) benchmark::DoNotOptimize(op(graph, u).data_ptr());
  state.SetItemsProcessed(state.iterations() * graph.edges().size());
}
void gradients(benchmark::State& state) {
  operators(state, [](const Graph& g, const at::Tensor& u) { return gradient(g, u); });
}
void laplacians(benchmark::State& state) {
  operators(state, [](const Graph& g, const at::Tensor& u) { return apply(cotan_laplacian(g), g, u); });
}

void partition_metis(benchmark::State& state) {
  const Adjacency links = graph_links(square(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    const auto r = report(links, metis_partitioner()(links, 8), 8);
    state.counters["edge_cut"] = double(r.edge_cut);
    state.counters["imbalance"] = r.imbalance;
  }
  state.SetItemsProcessed(state.iterations() * links.size());
}

void halo_lists(benchmark::State& state) {
  const Adjacency links = graph_links(square(static_cast<int>(state.range(0))));
  const auto owner = block_partitioner()(links, 8);
  for (auto _ : state) benchmark::DoNotOptimize(make_part(links, owner, 3).num_local());
  state.SetItemsProcessed(state.iterations() * links.size());
}

BENCHMARK(build_triangles)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(build_tetrahedra)->Arg(55)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(world_edges)->Arg(500)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(sum_by_segments)->Arg(300)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(sum_by_index_add)->Arg(300)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(sum_by_sender)->Arg(300)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(gradients)->Arg(500)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(laplacians)->Arg(500)->Unit(benchmark::kMillisecond)->UseRealTime();
#if COTAN_HAS_METIS
BENCHMARK(partition_metis)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();
#endif
BENCHMARK(halo_lists)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

// MeshGraphNet: a step of a rollout and a training step (forward, backward) on a triangulated square of about
// range(0) points, range(1) wide, range(2) blocks. COTAN_KERNELS=plain measures LibTorch's operations alone.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <map>

#include "gnn/fused_mlp.h"
#include "gnn/model.h"
#include "mesh/generate.h"
#include "mesh/ordering.h"

namespace {

using namespace cotan;

struct Setting {
  Graph graph;
  std::unique_ptr<Model> model;
  HaloExchange alone;
  at::Tensor state, mask, next;
  ModelInput input() const {
    ModelInput in{graph, alone, 0.0, 0.01};
    in.state = state;
    in.prescribed_mask = mask;
    in.prescribed_next = next;
    return in;
  }
};

Setting setting(benchmark::State& state, const std::string& options) {
  const int n = static_cast<int>(std::lround(std::sqrt(double(state.range(0)))));
  const Mesh rows = rectangle(n - 1, n - 1);
  Setting s;
  s.graph = to(make_graph(reordered(rows, hilbert_order(rows))), at::kFloat);
  s.model = make_model("mesh_graph_net",
                       Config::parse_text("prescribed: none\nwidth: " + std::to_string(state.range(1)) +
                                          "\nblocks: " + std::to_string(state.range(2)) + options),
                       {{{"velocity", 2}}, {}, {}, 2}, 1);
  s.state = at::rand({s.graph.num_nodes(), 2}, at::kFloat);
  s.mask = at::zeros({s.graph.num_nodes(), 2}, at::kBool);
  s.next = at::zeros_like(s.state);
  s.model->accumulate(s.input(), at::rand_like(s.state));
  state.SetLabel(std::string(row_kernels_name()));
  return s;
}

void forward(benchmark::State& state) {
  const Setting s = setting(state, "");
  const at::NoGradGuard quiet;
  for (auto _ : state) benchmark::DoNotOptimize(s.model->forward(s.input()).data_ptr());
}

void training(benchmark::State& state, const std::string& options) {
  const Setting s = setting(state, options);
  std::vector<at::Tensor> leaves;
  for (const auto& p : s.model->parameters()) leaves.push_back(p.value);
  for (auto _ : state) {
    const at::Tensor loss = s.model->forward(s.input()).square().sum();
    benchmark::DoNotOptimize(torch::autograd::grad({loss}, leaves, {}, {}, false, true));
  }
}
void train(benchmark::State& state) {
  training(state, "");
}
void train_recomputing(benchmark::State& state) {
  training(state, "\nrecompute: true");
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Args({1000, 32, 4})->Args({2000, 64, 8})->Args({2000, 128, 15})->Args({20000, 128, 15});
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}
BENCHMARK(forward)->Apply(sizes);
BENCHMARK(train)->Apply(sizes);
BENCHMARK(train_recomputing)->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();

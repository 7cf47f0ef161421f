#include "gnn/peak_memory.h"

#include <ATen/ATen.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <memory>

namespace cotan {
namespace {

// LibTorch's allocators report here what they hand out (positive) and take back (negative).
struct Counter final : c10::MemoryReportingInfoBase {
  std::int64_t now = 0, peak = 0;
  void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device) override {
    now += size;
    peak = std::max(peak, now);
  }
  bool memoryProfilingEnabled() const override { return true; }
};

Segments cell_points_of(const at::Tensor& cells, std::int64_t points) {
  const at::Tensor offsets = at::arange(cells.size(0) + 1, cells.options()) * cells.size(1);
  return make_segments(offsets, cells.reshape(-1), points);
}

// The first `count` points with the edges and cells among them; all owned, so that no rank waits for another.
Graph first_points(const Graph& graph, std::int64_t count) {
  Graph out = graph;
  for (at::Tensor* t : {&out.position, &out.role, &out.volume, &out.graph_of_node, &out.global})
    *t = t->narrow(0, 0, count);
  out.num_owned = count;
  out.owned = at::ones({count}, graph.owned.options());
  if (graph.cells.defined()) {
    out.cells = graph.cells.index_select(0, (graph.cells < count).all(1).nonzero().squeeze(1));
    out.cell_points = cell_points_of(out.cells, count);
  }
  for (EdgeSet& set : out.edge_sets) {
    const at::Tensor kept = (set.sender() < count).logical_and(set.receiver < count).nonzero().squeeze(1);
    const auto rows = [&](const at::Tensor& t) { return t.defined() ? t.index_select(0, kept) : t; };
    const at::Tensor weight = rows(set.weight);  // in the order they had: the numbers do not matter here
    const at::Tensor measure = set.measure.defined() ? set.measure.narrow(0, 0, count) : at::Tensor();
    set = make_edges(set.name, rows(set.sender()), rows(set.receiver), count, rows(set.offset), rows(set.shift));
    set.weight = weight;
    set.measure = measure;
  }
  return out;
}

Sample first_points(const Sample& sample, std::int64_t count) {
  Sample out = sample;
  out.graph = std::make_shared<const Graph>(first_points(*sample.graph, count));
  out.halo = {};
  out.frames = sample.frames.narrow(1, 0, count);
  if (sample.inputs.defined()) out.inputs = sample.inputs.narrow(1, 0, count);
  out.fixed = sample.fixed.narrow(0, 0, count);
  return out;
}

// What activations grow with.
double size_of(const Graph& graph) {
  double size = static_cast<double>(graph.num_nodes());
  for (const auto& set : graph.edge_sets) size += static_cast<double>(set.size());
  return size;
}

}  // namespace

std::int64_t peak_bytes(const std::function<void()>& work) {
  const auto counter = std::make_shared<Counter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
  work();
  return counter->peak;
}

double estimated_step_bytes(const Model& model, const Sample& sample, const TrainOptions& options) {
  constexpr std::int64_t kPoints = 2000;
  const at::Tensor scale = at::ones({num_components(model.shape().state)}, at::kDouble);
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model.parameters()) leaves.push_back(parameter.value);
  const Sample small = first_points(sample, std::min(kPoints, sample.graph->num_nodes()));
  const auto bytes = static_cast<double>(peak_bytes([&] {
    torch::autograd::grad({sample_error(model, small, options, scale)}, leaves, {}, /*retain_graph=*/false,
                          /*create_graph=*/false, /*allow_unused=*/true);
  }));
  return bytes * size_of(*sample.graph) / std::max(size_of(*small.graph), 1.0);
}

}  // namespace cotan

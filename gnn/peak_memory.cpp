#include "gnn/peak_memory.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <memory>

#include "gnn/loss.h"

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

}  // namespace

std::int64_t peak_bytes(const std::function<void()>& work) {
  const auto counter = std::make_shared<Counter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
  work();
  return counter->peak;
}

std::int64_t peak_bytes_of_step(const Model& model, const Sample& sample, std::int64_t unroll) {
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model.parameters()) leaves.push_back(parameter.value);
  return peak_bytes([&] {
    torch::autograd::grad({squared_error(model, sample, unroll)}, leaves, {}, /*retain_graph=*/false,
                          /*create_graph=*/false, /*allow_unused=*/true);
  });
}

}  // namespace cotan

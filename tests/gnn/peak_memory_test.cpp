#include "gnn/peak_memory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "gnn/loss.h"
#include "tests/gnn/small_data.h"

namespace cotan {
namespace {

using namespace testing_gnn;

TEST(PeakBytes, CountsWhatLivesTogether) {
  const at::Tensor before = at::zeros({1 << 20});
  EXPECT_EQ(peak_bytes([] {}), 0);
  const auto one_after_another = [] {
    for (int i = 0; i < 3; ++i) at::empty({1000}, at::kDouble);
  };
  EXPECT_EQ(peak_bytes(one_after_another), 8000);
  const auto together = [] { const at::Tensor a = at::empty({1000}, at::kDouble), b = at::empty({500}, at::kDouble); };
  EXPECT_EQ(peak_bytes(together), 12000);
}

std::int64_t peak_of(std::int64_t points, const std::string& options) {
  const auto model = make_model("mesh_graph_net", Config::parse_text(options), {{{"u", 1}}, {}, {}, 2}, 1);
  TrajectorySource source;
  source.graph = std::make_shared<Graph>(grid_graph(points, points));
  source.times = {0, 1};
  source.fixed = at::zeros({points * points, 1}, at::kBool);
  source.read = [=](std::int64_t k0, std::int64_t k1) {
    return std::pair(at::zeros({k1 - k0, points * points, 1}, at::kFloat), at::Tensor());
  };
  const Sample sample = windows({source}, {})->get(0);
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : model->parameters()) leaves.push_back(parameter.value);
  const auto whole = static_cast<double>(
      peak_bytes([&] { torch::autograd::grad({squared_error(*model, sample, 1)}, leaves, {}, false, false, true); }));
  EXPECT_NEAR(estimated_step_bytes(*model, sample, {}), whole, 0.1 * whole) << points << " squared points, " << options;
  return static_cast<std::int64_t>(whole);
}

// What the estimate of a training's memory stands on: activations grow with points and edges, and with the blocks.
TEST(PeakBytes, OfAStepGrowWithTheMeshAndTheBlocks) {
  const std::string small = "width: 16\nprescribed: none\nblocks: 6", large = "width: 16\nprescribed: none\nblocks: 12";
  const auto size = [](double n) { return n * n + 2 * (n * (n - 1) * 2 + (n - 1) * (n - 1)); };  // points and edges
  const double ratio = static_cast<double>(peak_of(60, small)) / static_cast<double>(peak_of(30, small));
  EXPECT_NEAR(ratio, size(60) / size(30), 0.1 * ratio);
  const double deeper = static_cast<double>(peak_of(40, large)) / static_cast<double>(peak_of(40, small));
  EXPECT_GT(deeper, 1.5);
  EXPECT_LT(deeper, 2.1);
  EXPECT_LT(peak_of(40, large + "\nrecompute: true"), 0.6 * static_cast<double>(peak_of(40, large)));
}

}  // namespace
}  // namespace cotan

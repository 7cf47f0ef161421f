#pragma once
// Trajectories that tests of training share.
#include "gnn/dataset.h"
#include "tests/gnn/small_graph.h"

namespace cotan::testing_gnn {

/// `frames` random frames of a velocity and an input field on a grid, 0.1 s apart; boundary points are prescribed.
inline TrajectorySource small_trajectory(std::int64_t frames, std::uint64_t seed, std::int64_t* reads = nullptr) {
  TrajectorySource source;
  source.graph = std::make_shared<Graph>(grid_graph(6, 4));
  for (std::int64_t k = 0; k < frames; ++k) source.times.push_back(0.1 * static_cast<double>(k));
  const at::Tensor values = testing_checks::random_tensor({frames, 24, 2}, seed).cumsum(0) * 0.1;
  const at::Tensor wind = testing_checks::random_tensor({frames, 24, 1}, seed + 1000);
  source.read = [=](std::int64_t k0, std::int64_t k1) {
    if (reads) ++*reads;
    return std::pair(values.slice(0, k0, k1), wind.slice(0, k0, k1));
  };
  source.parameters = at::full({1, 1}, 0.1 * static_cast<double>(seed), at::kDouble);
  source.fixed = (source.graph->role != 0).unsqueeze(1).expand({24, 2});
  source.name = "trajectory " + std::to_string(seed);
  return source;
}

}  // namespace cotan::testing_gnn

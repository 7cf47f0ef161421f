#pragma once
// One triangle, three points, whole numbers: trajectories whose errors can be taken by hand.
#include <ATen/ATen.h>

#include "apps/learned_data.h"

namespace cotan::testing_apps {

inline Mesh one_triangle() {
  MeshData data;
  data.points = {0, 0, 1, 0, 0, 1};
  data.types = {CellType::triangle};
  data.cells.push_row(std::vector<Index>{0, 1, 2});
  return Mesh(std::move(data));
}

/// A scalar field `u` that is given at points of the role inflow.
inline LearnedConfig scalar_config() {
  LearnedConfig config;
  SelectedField field;
  field.spec = {"u", 1, On::points, "K"};
  field.from = "u";
  field.components = {0};
  config.state = {field};
  config.prescribed = {{"u", {Role::inflow}}};
  return config;
}

/// Frames (K, 3) one second apart, as one trajectory; point 0 has the role inflow, so that u is given there.
inline LearnedTrajectory small_trajectory(const at::Tensor& frames) {
  LearnedTrajectory out;
  out.mesh = std::make_shared<const Mesh>(one_triangle());
  out.roles = {Role::inflow, Role::interior, Role::interior};
  const auto graph = std::make_shared<const Graph>(make_graph(*out.mesh, out.roles));
  out.global = graph->global;
  out.source.graph = graph;
  for (std::int64_t k = 0; k < frames.size(0); ++k) out.source.times.push_back(static_cast<double>(k));
  const at::Tensor values = frames.unsqueeze(2).index_select(1, graph->global);
  out.source.read = [values](std::int64_t k0, std::int64_t k1) {
    return std::pair(values.slice(0, k0, k1), at::Tensor());
  };
  out.source.fixed = (graph->role == static_cast<std::int64_t>(Role::inflow)).unsqueeze(1);
  out.fixed = at::zeros_like(out.source.fixed).index_copy(0, graph->global, out.source.fixed);
  out.source.name = "by hand";
  return out;
}

}  // namespace cotan::testing_apps

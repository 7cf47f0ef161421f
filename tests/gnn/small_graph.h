#pragma once
// Graphs and model inputs that tests of networks share: a triangulated grid with moved points, in double.
#include <algorithm>

#include "core/check.h"
#include "gnn/model.h"
#include "tests/checks.h"

namespace cotan::testing_gnn {

inline at::Tensor random_order(std::int64_t n, std::uint64_t seed) {
  return testing_checks::random_tensor({n}, seed).argsort();
}

inline EdgeSet edges_between(std::string name, const at::Tensor& sender, const at::Tensor& receiver,
                             const at::Tensor& position) {
  return make_edges(std::move(name), sender, receiver, position.size(0),
                    position.index_select(0, receiver) - position.index_select(0, sender));
}

/// nx by ny points, spacing 0.1, moved by up to 0.02; edges along the rows, columns and one diagonal, both directions.
/// Roles: inflow left, outflow right, wall below and above.
/// \param order order[i] is the grid number of point i; undefined: as the grid counts
inline Graph grid_graph(std::int64_t nx, std::int64_t ny, const at::Tensor& order = {}) {
  const std::int64_t n = nx * ny;
  const at::Tensor ids = at::arange(n, at::kLong).view({ny, nx});
  std::vector<at::Tensor> from, to;
  const auto join = [&](const at::Tensor& a, const at::Tensor& b) {
    for (const auto& [s, r] : {std::pair(a, b), std::pair(b, a)}) {
      from.push_back(s.flatten());
      to.push_back(r.flatten());
    }
  };
  join(ids.slice(1, 0, nx - 1), ids.slice(1, 1, nx));
  join(ids.slice(0, 0, ny - 1), ids.slice(0, 1, ny));
  join(ids.slice(0, 0, ny - 1).slice(1, 0, nx - 1), ids.slice(0, 1, ny).slice(1, 1, nx));
  const at::Tensor x = ids.remainder(nx).flatten(), y = ids.floor_divide(nx).flatten();
  at::Tensor role = at::zeros({n}, at::kLong);
  role.masked_fill_((y == 0).logical_or(y == ny - 1), 6).masked_fill_(x == nx - 1, 5).masked_fill_(x == 0, 4);
  const at::Tensor position =
      at::stack({x, y}, 1).to(at::kDouble) * 0.1 + testing_checks::random_tensor({n, 2}, 3).clamp(-2, 2) * 0.01;
  const at::Tensor old = order.defined() ? order : at::arange(n, at::kLong), now = old.argsort();
  Graph graph;
  graph.position = position.index_select(0, old);
  graph.role = role.index_select(0, old);
  graph.volume = at::full({n}, 0.01, at::kDouble);
  graph.edge_sets = {
      edges_between("mesh", now.index_select(0, at::cat(from)), now.index_select(0, at::cat(to)), graph.position)};
  graph.graph_of_node = at::zeros({n}, at::kLong);
  graph.num_owned = n;
  graph.owned = at::ones({n}, at::kBool);
  graph.global = old;
  return graph;
}

/// A velocity, an input field, a parameter of the case.
inline ModelShape small_shape() {
  return {{{"velocity", 2}}, {{"wind", 1}}, {"viscosity"}, 2};
}

/// Fields of points by their grid number, so that renumbered graphs get the same ones.
inline ModelInput small_input(const Graph& graph, std::uint64_t seed = 1) {
  static const HaloExchange alone;
  const std::int64_t n = graph.num_nodes();
  const auto field = [&](std::int64_t columns, std::uint64_t salt) {
    return testing_checks::random_tensor({n, columns}, 10 * seed + salt).index_select(0, graph.global);
  };
  ModelInput input{graph, alone, 0.0, 0.1};
  input.state = field(2, 1);
  input.previous = field(2, 2);
  input.inputs = field(1, 3);
  input.parameters = at::full({graph.num_graphs, 1}, 0.3, at::kDouble);
  input.prescribed_mask = (graph.role != 0).unsqueeze(1).expand({n, 2});
  input.prescribed_next = field(2, 4) * input.prescribed_mask;
  return input;
}

/// A small network in double whose statistics have seen a few inputs.
inline std::unique_ptr<Model> small_model(const std::string& options = "", std::uint64_t seed = 5) {
  Config config = Config::parse_text("width: 8\nblocks: 3\n" + options);
  auto model = make_model("mesh_graph_net", config, small_shape(), seed);
  model->to(at::kDouble);
  const Graph graph = grid_graph(7, 5);
  for (std::uint64_t k = 1; k < 4; ++k) {
    model->accumulate(small_input(graph, k), 0.1 * testing_checks::random_tensor({graph.num_nodes(), 2}, 50 + k));
  }
  return model;
}

inline const at::Tensor& find(const std::vector<NamedTensor>& list, const std::string& name) {
  const auto entry = std::find_if(list.begin(), list.end(), [&](const auto& x) { return x.name == name; });
  if (entry == list.end()) throw Error("no tensor " + name);
  return entry->value;
}

}  // namespace cotan::testing_gnn

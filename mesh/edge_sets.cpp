#include "mesh/edge_sets.h"

#include <algorithm>
#include <string_view>

#include "mesh/laplacian.h"
#include "mesh/stencil.h"

namespace cotan {
namespace {

struct Maker {
  std::string_view name;
  EdgeSet (*make)(const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic, const Comm& comm);
};
constexpr Maker kMakers[] = {
    {kLaplacian, [](const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic,
                    const Comm&) { return laplacian_edges(mesh, graph, periodic); }},
    {kStencil, [](const Mesh& mesh, const Graph& graph, std::span<const PeriodicPair> periodic,
                  const Comm& comm) { return stencil_edges(mesh, graph, periodic, {}, comm); }},
};

}  // namespace

Graph with_edge_sets(Graph graph, const Mesh& mesh, std::span<const PeriodicPair> periodic,
                     std::span<const std::string> names, const Comm& comm) {
  for (const auto& [name, make] : kMakers) {
    const bool has = std::any_of(graph.edge_sets.begin(), graph.edge_sets.end(),
                                 [&, set = name](const EdgeSet& edges) { return edges.name == set; });
    if (has || std::find(names.begin(), names.end(), name) == names.end()) continue;
    graph.edge_sets.push_back(make(mesh, graph, periodic, comm));
  }
  return graph;
}

}  // namespace cotan

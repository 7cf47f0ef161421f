#include "mesh/edge_sets.h"

#include <algorithm>
#include <string_view>

#include "mesh/laplacian.h"
#include "mesh/mirror_edges.h"
#include "mesh/stencil.h"

namespace cotan {
namespace {

struct Setting {
  std::string_view name;
  const Mesh& mesh;
  const Graph& graph;
  std::span<const PeriodicPair> periodic;
  std::span<const char> given;
  const Comm& comm;
};

// Sides of the border with a corner whose values the equations find, but for glued ones.
std::vector<Facet> free_sides(const Mesh& mesh, std::span<const char> given, std::span<const PeriodicPair> periodic) {
  const Adjacency copies = glued_copies(mesh, periodic);
  std::vector<Facet> free;
  for (const Facet& facet : boundary_facets(mesh)) {
    const auto corners = facet_corners(mesh, facet);
    const bool is_glued = std::all_of(corners.begin(), corners.end(), [&](Index i) { return !copies[i].empty(); });
    const bool is_given =
        std::all_of(corners.begin(), corners.end(), [&](Index i) { return !given.empty() && given[i] != 0; });
    if (!is_glued && !is_given) free.push_back(facet);
  }
  return free;
}

// With the weights of the kernel that was fitted to such stencils, for who fits none of its own.
EdgeSet fitted_stencil(const Setting& of) {
  const int count = *stencil_count(of.name);
  EdgeSet set =
      stencil_edges(of.mesh, of.graph, of.periodic, {count, free_sides(of.mesh, of.given, of.periodic)}, of.comm);
  if (count == 0) set.weight = stencil_weights(set, of.graph.cell_dim, fitted_kernel());
  return set;
}

struct Maker {
  bool (*makes)(std::string_view name);
  EdgeSet (*make)(const Setting& of);
};
constexpr Maker kMakers[] = {
    {[](std::string_view name) { return name == kLaplacian; },
     [](const Setting& of) { return laplacian_edges(of.mesh, of.graph, of.periodic); }},
    {[](std::string_view name) { return stencil_count(name).has_value(); }, fitted_stencil},
    {[](std::string_view name) { return name == kMirror; },
     [](const Setting& of) {
       return mirror_edges(of.mesh, of.graph, free_sides(of.mesh, of.given, of.periodic), of.periodic);
     }},
};

}  // namespace

Graph with_edge_sets(Graph graph, const Mesh& mesh, std::span<const PeriodicPair> periodic,
                     std::span<const std::string> names, std::span<const char> given, const Comm& comm) {
  for (const std::string& name : names) {
    const bool has = std::any_of(graph.edge_sets.begin(), graph.edge_sets.end(),
                                 [&](const EdgeSet& edges) { return edges.name == name; });
    for (const auto& [makes, make] : kMakers) {
      if (!has && makes(name)) graph.edge_sets.push_back(make({name, mesh, graph, periodic, given, comm}));
    }
  }
  return graph;
}

}  // namespace cotan

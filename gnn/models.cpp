#include <algorithm>

#include "gnn/mesh_graph_net.h"
#include "gnn/phympgn.h"

namespace cotan {

std::span<const ModelEntry> models() {
  static constexpr ModelEntry kModels[] = {
      {"mesh_graph_net", "MeshGraphNets: encoder, message passing along mesh edges, decoder", make_mesh_graph_net,
       count_mesh_graph_net, edge_sets_of_mesh_graph_net, [] { return describe_options<MeshGraphNetOptions>(); }},
      {"phympgn", "PhyMPGN: known diffusion by a Laplace block, the rest by messages along mesh edges", make_phympgn,
       count_phympgn, edge_sets_of_phympgn, [] { return describe_options<PhyMpgnOptions>(); }},
  };
  return kModels;
}

namespace {

const ModelEntry& find_model(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& entry : models()) {
    if (entry.name == name) return entry;
    names.emplace_back(entry.name);
  }
  throw InputError(unknown_name("model", name, names));
}

}  // namespace

std::unique_ptr<Model> make_model(std::string_view name, const Config& options, const ModelShape& shape,
                                  std::uint64_t seed) {
  return find_model(name).make(options, shape, seed);
}

std::vector<std::string> edge_sets_of(std::string_view name, const Config& options) {
  return find_model(name).edge_sets(options);
}

std::int64_t count_parameters(std::string_view name, const Config& options, const ModelShape& shape) {
  return find_model(name).count(options, shape);
}

}  // namespace cotan

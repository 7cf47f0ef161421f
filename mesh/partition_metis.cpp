#include <metis.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/check.h"
#include "mesh/partition.h"

namespace cotan {
namespace {

const char* reason(int status) {
  switch (status) {
    case METIS_ERROR_INPUT:
      return "its input is invalid";
    case METIS_ERROR_MEMORY:
      return "it ran out of memory";
    default:
      return "no reason given";
  }
}

std::vector<int> metis(const Adjacency& graph, int parts, const MetisOptions& how) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<idx_t>::max());
  COTAN_REQUIRE(graph.links.size() <= most,
                "METIS counts links to " << most << "; this graph has " << graph.links.size());
  std::vector<idx_t> offsets(graph.offsets.begin(), graph.offsets.end());
  std::vector<idx_t> links(graph.links.begin(), graph.links.end());
  idx_t nodes = graph.size(), constraints = 1, count = parts, cut = 0;
  std::vector<idx_t> settings(METIS_NOPTIONS), owner(graph.size());
  METIS_SetDefaultOptions(settings.data());
  settings[METIS_OPTION_SEED] = how.seed;
  settings[METIS_OPTION_NUMBERING] = 0;
  settings[METIS_OPTION_UFACTOR] = std::max<idx_t>(1, static_cast<idx_t>(std::lround((how.imbalance - 1) * 1000)));
  const int status = METIS_PartGraphKway(&nodes, &constraints, offsets.data(), links.data(), nullptr, nullptr, nullptr,
                                         &count, nullptr, nullptr, settings.data(), &cut, owner.data());
  COTAN_REQUIRE(status == METIS_OK, "METIS found no partition of " << graph.size() << " nodes into " << parts
                                                                   << " parts: " << reason(status));
  return {owner.begin(), owner.end()};
}

}  // namespace

Partitioner metis_partitioner(MetisOptions options) {
  COTAN_REQUIRE(options.imbalance >= 1,
                "imbalance " << options.imbalance << "; it is largest part over average, so at least 1");
  return [options](const Adjacency& graph, int parts) {
    COTAN_REQUIRE(parts >= 1, "a partition into " << parts << " parts; at least 1 is needed");
    std::vector<int> owner(graph.size(), 0);
    if (parts == 1 || graph.size() == 0) return owner;
    // METIS divides by what is left of a part: a node for each is the only partition then, and wants no search.
    if (parts >= graph.size()) {
      std::iota(owner.begin(), owner.end(), 0);
      return owner;
    }
    if (graph.links.empty()) return block_partitioner()(graph, parts);
    return metis(graph, parts, options);
  };
}

}  // namespace cotan

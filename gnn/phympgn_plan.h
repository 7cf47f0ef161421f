#pragma once
#include <optional>

#include "gnn/formulas.h"
#include "gnn/known_terms.h"
#include "gnn/phympgn.h"
#include "mesh/roles.h"

namespace cotan {

/// PhyMPGN's options with what follows from them.
struct PhyMpgnPlan {
  PhyMpgnOptions options;
  std::vector<std::int64_t> encoder, decoder, hidden;
  std::vector<Role> roles;
  std::int64_t components = 0, node_features = 0, edge_features = 0;
  std::optional<KnownTerms> known, flux;                                     // always there; may be empty
  std::optional<Formulas> diffusion, state_scale, rate_scale, length_scale;  // empty: none, or from data
};

/// \throw InputError naming line and key
PhyMpgnPlan plan_of(const Config& config, const ModelShape& shape);
/// Edge sets of the graph that such a network reads, "mesh" first.
std::vector<std::string> edge_sets_of(const PhyMpgnOptions& options);

}  // namespace cotan

#include "gnn/phympgn_plan.h"

#include <algorithm>

#include "core/check.h"
#include "mesh/mirror_edges.h"

namespace cotan {
namespace {

constexpr const char* kData = "data";

std::vector<std::int64_t> widths_of(const std::string& list, const Config& key) {
  std::vector<std::int64_t> widths;
  for (const auto& word : split_list(list)) {
    const bool digits = word.size() < 6 && word.find_first_not_of("0123456789") == std::string::npos;
    const std::int64_t width = digits ? std::stoll(word) : 0;
    COTAN_REQUIRE(width >= 1 && width <= 65536,
                  key.where() << ": '" << word << "' in \"" << list << "\", expected widths from 1 to 65536");
    widths.push_back(width);
  }
  return widths;
}

std::vector<Role> roles_of(const std::string& list, const Config& key) {
  std::vector<Role> roles;
  for (const auto& word : split_list(list)) {
    try {
      roles.push_back(role_from(word));
    } catch (const InputError& e) {
      throw InputError(key.where() + ": " + e.what());
    }
    COTAN_REQUIRE(std::count(roles.begin(), roles.end(), roles.back()) == 1,
                  key.where() << ": the role '" << word << "' stands twice");
  }
  COTAN_REQUIRE(!roles.empty(), key.where() << ": no role is named");
  return roles;
}

void check_shape_of(const ModelShape& shape) {
  COTAN_REQUIRE(!shape.state.empty(), "the model has no state field to move");
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    const FieldUse use = shape.use(f);
    COTAN_REQUIRE(
        use.order == 1 && use.sees == Sees::value && !use.is_position,
        "field '" << shape.state[f].name
                  << "': phympgn predicts rates of fields that it sees; expected order 1, sees: value, and no "
                     "position");
  }
  for (const auto* fields : {&shape.state, &shape.inputs}) {
    for (const auto& field : *fields) {
      COTAN_REQUIRE(field.on == On::points, "field '" << field.name << "' is on " << to_string(field.on)
                                                      << "s; phympgn takes fields on points");
    }
  }
}

}  // namespace

PhyMpgnPlan plan_of(const Config& config, const ModelShape& shape) {
  check_shape_of(shape);
  PhyMpgnPlan plan;
  plan.options = read_options<PhyMpgnOptions>(config);
  const auto& options = plan.options;
  plan.encoder = widths_of(options.encoder, config["encoder"]);
  plan.decoder = widths_of(options.decoder, config["decoder"]);
  plan.hidden.assign(options.hidden, options.width);
  plan.roles = roles_of(options.roles, config["roles"]);
  plan.components = num_components(shape.state);
  plan.node_features = plan.components + num_components(shape.inputs) +
                       (options.sees_parameters ? std::ssize(shape.parameters) : 0) +
                       (options.coordinates ? shape.dim : 0) + std::ssize(plan.roles);
  plan.edge_features = plan.components + 1 + shape.dim;
  plan.known.emplace(options.known, config["known"], shape);
  plan.flux.emplace(options.flux, config["flux"], shape);
  COTAN_REQUIRE(options.flux.empty() || (!options.diffusion.empty() && options.edges == kEdgeScales[0]),
                config["flux"].where()
                    << ": a flux through sides is diffusion * du/dn; expected a diffusion beside it, and edges: "
                    << kEdgeScales[0]);
  const auto formulas = [&](const std::string& text, const char* key, std::int64_t columns) {
    return text.empty() || text == kData
               ? std::nullopt
               : std::optional<Formulas>(std::in_place, text, config[key], shape.parameters, columns);
  };
  COTAN_REQUIRE(options.laplace.laplace == "none" || !options.diffusion.empty(),
                config.where() << ": no diffusion coefficient; expected diffusion: a formula of the parameters ("
                               << (shape.parameters.empty() ? "none are named" : join(shape.parameters, ", "))
                               << "), or laplace: none");
  plan.diffusion = formulas(options.diffusion, "diffusion", plan.components);
  plan.state_scale = formulas(options.state_scale, "state_scale", plan.components);
  plan.rate_scale = formulas(options.rate_scale, "rate_scale", plan.components);
  plan.length_scale = formulas(options.length_scale, "length_scale", 1);
  return plan;
}

std::vector<std::string> edge_sets_of(const PhyMpgnOptions& options) {
  std::vector<std::string> names{"mesh"};
  const std::vector<std::string> at_sides =
      options.flux.empty() ? std::vector<std::string>{} : std::vector<std::string>{kMirror};
  for (const auto& sets : {LaplaceBlock::edge_sets(options.laplace), KnownTerms::edge_sets(options.known), at_sides,
                           KnownTerms::edge_sets(options.flux)}) {
    for (const auto& name : sets) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::vector<std::string> edge_sets_of_phympgn(const Config& options) {
  return edge_sets_of(read_options<PhyMpgnOptions>(options));
}

std::int64_t count_phympgn(const Config& options, const ModelShape& shape) {
  const PhyMpgnPlan plan = plan_of(options, shape);
  const std::int64_t width = plan.options.width;
  const auto mlp = [](std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out) {
    std::int64_t count = 0;
    for (const std::int64_t next : hidden) {
      count += (in + 1) * next;
      in = next;
    }
    return count + (in + 1) * out;
  };
  return mlp(plan.node_features, plan.encoder, width) + mlp(plan.edge_features, plan.encoder, width) +
         plan.options.layers * (mlp(3 * width, plan.hidden, width) + mlp(2 * width, plan.hidden, width)) +
         mlp(width, plan.decoder, plan.components) +
         LaplaceBlock::count(plan.options.laplace, plan.components, shape.dim);
}

}  // namespace cotan

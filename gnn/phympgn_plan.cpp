#include "gnn/phympgn_plan.h"

#include <algorithm>

#include "core/check.h"

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

}  // namespace cotan

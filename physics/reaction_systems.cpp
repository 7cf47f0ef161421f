#include "physics/reaction_systems.h"

#include "core/check.h"

namespace cotan {
namespace {

constexpr const char* kSides =
    "FIELD: value | FIELD_flux: diffusivity dFIELD/dn | FIELD_robin_coefficient with FIELD_robin_ambient: diffusivity "
    "dFIELD/dn = coefficient (ambient - FIELD) | periodic: the side opposite | nothing: no flux";

SystemText heat() {
  return {"heat",
          {{.name = "temperature", .unit = "K", .diffusivity = "conductivity", .capacity = "heat_capacity"}},
          {},
          false,
          {"conductivity", "heat_capacity"}};
}

SystemText burgers() {
  return {"burgers",
          {{.name = "velocity", .unit = "m/s", .is_vector = true, .diffusivity = "viscosity"}},
          {},
          true,
          {"viscosity"}};
}

SystemText fitzhugh_nagumo() {
  return {"fitzhugh_nagumo",
          {{.name = "u", .diffusivity = "diffusivity_u", .reaction = "u - u^3 - v + alpha"},
           {.name = "v", .diffusivity = "diffusivity_v", .reaction = "beta*(u - v)"}},
          {},
          false,
          {"diffusivity_u", "diffusivity_v", "alpha", "beta"}};
}

SystemText gray_scott() {
  return {"gray_scott",
          {{.name = "u", .diffusivity = "diffusivity_u", .reaction = "feed*(1 - u) - u*v^2"},
           {.name = "v", .diffusivity = "diffusivity_v", .reaction = "u*v^2 - (feed + kill)*v"}},
          {},
          false,
          {"diffusivity_u", "diffusivity_v", "feed", "kill"}};
}

SystemText allen_cahn() {
  return {"allen_cahn",
          {{.name = "u", .diffusivity = "rate*width^2", .reaction = "rate*(u - u^3)"}},
          {},
          false,
          {"rate", "width"}};
}

std::vector<FieldSpec> specs(const SystemText& text, int dim) {
  std::vector<FieldSpec> out;
  for (const auto& field : text.fields) out.push_back({field.name, field.is_vector ? dim : 1, On::points, field.unit});
  return out;
}

// A row for a system that is a function of nothing.
template <SystemText (*system)()>
Problem row(std::string_view about, std::map<std::string, std::string> parameters) {
  return {system().name,
          about,
          [](int dim) { return specs(system(), dim); },
          std::move(parameters),
          kSides,
          [](const ProblemInput& input) { return set_up_system(input, system()); },
          true};
}

std::string formula(const Config& node, const std::string& key, const std::string& absent) {
  return node.has(key) ? node[key].text() : absent;
}

// options: {fields: {u: {diffusivity: …, reaction: …, capacity: …, unit: …}, …}, velocity: […]}
ProblemSetup make_reaction_diffusion(const ProblemInput& input) {
  const Config options = input.spec.options, fields = options["fields"];
  const std::string where = (fields.kind() == Config::Kind::map ? fields : input.spec.source).where();
  COTAN_REQUIRE(fields.kind() == Config::Kind::map && !fields.entries().empty(),
                where << ": reaction_diffusion needs options.fields: a map from the name of each field to its "
                         "diffusivity and reaction");
  SystemText text{"reaction_diffusion", {}};
  for (const auto& [name, node] : fields.entries()) {
    COTAN_REQUIRE(node.kind() == Config::Kind::map, node.where() << ": expected a map with diffusivity, reaction");
    node.only_keys({"diffusivity", "reaction", "capacity", "unit"});
    text.fields.push_back({.name = name,
                           .unit = formula(node, "unit", ""),
                           .diffusivity = formula(node, "diffusivity", "0"),
                           .reaction = formula(node, "reaction", "0"),
                           .capacity = formula(node, "capacity", "1")});
  }
  if (options.has("velocity")) {
    for (const auto& item : options["velocity"].items()) text.velocity.push_back(item.text());
  }
  return set_up_system(input, text);
}

}  // namespace

std::vector<Problem> reaction_diffusion_problems() {
  const std::string per_area = " [m^2/s]";
  return {
      {"reaction_diffusion",
       "fields that diffuse, react and are carried by formulas of the case: linear elements, implicit-explicit steps",
       [](int) { return std::vector<FieldSpec>(); },
       {},
       kSides,
       make_reaction_diffusion,
       true},
      row<heat>("a temperature: heat_capacity du/dt = div(conductivity grad u) + source",
                {{"conductivity", "[W/(m K)]"}, {"heat_capacity", "density times specific heat [J/(m^3 K)]"}}),
      row<burgers>("a velocity that carries itself: du/dt + (u . grad) u = viscosity lap u",
                   {{"viscosity", per_area.substr(1)}}),
      row<fitzhugh_nagumo>("an activator u and an inhibitor v: reactions u - u^3 - v + alpha and beta (u - v)",
                           {{"diffusivity_u", per_area.substr(1)},
                            {"diffusivity_v", per_area.substr(1)},
                            {"alpha", "drive"},
                            {"beta", "rate of the inhibitor [1/s]"}}),
      row<gray_scott>("two substances: reactions feed (1 - u) - u v^2 and u v^2 - (feed + kill) v",
                      {{"diffusivity_u", per_area.substr(1)},
                       {"diffusivity_v", per_area.substr(1)},
                       {"feed", "[1/s]"},
                       {"kill", "[1/s]"}}),
      row<allen_cahn>("two phases u = -1 and 1: du/dt = rate (width^2 lap u + u - u^3)",
                      {{"rate", "[1/s]"}, {"width", "of an interface [m]"}}),
  };
}

}  // namespace cotan

#include <algorithm>
#include <limits>
#include <map>

#include "core/check.h"
#include "physics/advection_diffusion.h"

namespace cotan {
namespace {

const std::vector<std::string> kConditions = {"u", "flux", "robin_coefficient", "robin_ambient"};

Coefficient read_coefficient(const Config& node, const ProblemInput& input, double low, double absent) {
  if (node.kind() == Config::Kind::null) return absent;
  return {parse_expressions(node, 1, input.parameters).front(), input.parameters, node.where(), low};
}

Coefficient read_diffusivity(const Config& options, const ProblemInput& input) {
  if (options.has("diffusivity")) return read_coefficient(options["diffusivity"], input, 0, 0);
  const auto parameter = input.parameters.find("diffusivity");
  COTAN_REQUIRE(parameter != input.parameters.end(),
                input.spec.source.where() << ": advection_diffusion needs a diffusivity [m^2/s]: under parameters, or "
                                             "as a formula under options");
  return {Expression(parameter->second), {}, input.spec.source["parameters"]["diffusivity"].where(), 0};
}

std::vector<Coefficient> read_velocity(const Config& node, const ProblemInput& input, std::vector<std::string>& notes) {
  const int dim = input.mesh->dim();
  std::vector<Coefficient> velocity(dim);
  if (node.kind() == Config::Kind::null) {
    notes.push_back("no velocity: diffusion alone");
    return velocity;
  }
  const auto formulas = parse_expressions(node, dim, input.parameters);
  for (int k = 0; k < dim; ++k) velocity[k] = {formulas[k], input.parameters, node.where()};
  return velocity;
}

Upwinding read_upwinding(const Config& node) {
  if (node.kind() == Config::Kind::null) return Upwinding::automatic;
  const std::string word = node.text();
  const std::vector<std::string> words = {"auto", "on", "off"};
  COTAN_REQUIRE(std::find(words.begin(), words.end(), word) != words.end(),
                node.where() << ": " << unknown_name("supg", word, words));
  return word == "on" ? Upwinding::on : word == "off" ? Upwinding::off : Upwinding::automatic;
}

bool is_natural(const BoundaryEntry& entry) {
  return entry.values.contains("flux") || entry.values.contains("robin_coefficient");
}

void check_conditions(const BoundaryEntry& entry) {
  const auto has = [&](const char* name) { return entry.values.contains(name); };
  const std::string where = entry.source.where();
  for (const auto& [name, value] : entry.values) {
    COTAN_REQUIRE(std::find(kConditions.begin(), kConditions.end(), name) != kConditions.end(),
                  where << ": " << unknown_name("condition", name, kConditions));
    COTAN_REQUIRE(value.size() == 1 && value[0].kind() == Config::Kind::scalar,
                  where << "." << name << ": expected one expression, u is a scalar");
  }
  COTAN_REQUIRE(!(has("u") && is_natural(entry)),
                where << ": u fixes the value; flux or robin_coefficient beside it would have no effect");
  COTAN_REQUIRE(has("robin_coefficient") == has("robin_ambient"),
                where << ": robin_coefficient [m/s] and robin_ambient go together");
}

NaturalSide read_side(const BoundaryEntry& entry, const ProblemInput& input) {
  const auto read = [&](const char* name, double low) {
    const auto found = entry.values.find(name);
    return found == entry.values.end() ? Coefficient() : read_coefficient(found->second[0], input, low, 0);
  };
  constexpr double kAny = -std::numeric_limits<double>::infinity();
  return {{}, read("flux", kAny), read("robin_coefficient", 0), read("robin_ambient", kAny)};
}

// Natural conditions by side; where sides of several entries coincide, the later entry wins.
std::vector<NaturalSide> read_sides(const ProblemInput& input, const Boundary& boundary) {
  std::map<Facet, std::size_t> owner;
  std::vector<NaturalSide> sides(boundary.sides.size());
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const BoundaryEntry& entry = *boundary.sides[i].entry;
    check_conditions(entry);
    if (!is_natural(entry)) continue;
    COTAN_REQUIRE(!boundary.sides[i].facets.empty(), entry.source.where()
                                                         << ": '" << entry.selector
                                                         << "' has points but no sides for a flux to go through");
    sides[i] = read_side(entry, input);
    for (const Facet facet : boundary.sides[i].facets) owner[facet] = i;
  }
  for (const auto& [facet, i] : owner) sides[i].facets.push_back(facet);
  std::erase_if(sides, [](const NaturalSide& side) { return side.facets.empty(); });
  return sides;
}

void note_free_sides(const Boundary& boundary, std::vector<std::string>& notes) {
  std::vector<std::string> bare;
  for (const auto& side : boundary.sides) {
    if (side.entry->values.empty()) bare.push_back(side.entry->selector);
  }
  if (!bare.empty()) notes.push_back("no condition, so no diffusive flux through: " + join(bare));
  if (!boundary.uncovered.empty()) {
    notes.push_back(std::to_string(boundary.uncovered.size()) +
                    " sides that no entry of boundary names: no diffusive flux through them");
  }
}

}  // namespace

Transport read_transport(const ProblemInput& input, const Boundary& boundary, std::vector<std::string>& notes) {
  const Config& options = input.spec.options;
  options.only_keys({"velocity", "diffusivity", "reaction", "source", "theta", "supg"});
  Transport transport;
  transport.velocity = read_velocity(options["velocity"], input, notes);
  transport.diffusivity = read_diffusivity(options, input);
  transport.reaction = read_coefficient(options["reaction"], input, -std::numeric_limits<double>::infinity(), 0);
  transport.source = read_coefficient(options["source"], input, -std::numeric_limits<double>::infinity(), 0);
  transport.upwinding = read_upwinding(options["supg"]);
  transport.sides = read_sides(input, boundary);
  note_free_sides(boundary, notes);
  return transport;
}

}  // namespace cotan

#include <algorithm>

#include "core/check.h"
#include "physics/advection_diffusion.h"

namespace cotan {
namespace {

const std::vector<std::string> kConditions = {"u", "flux", "robin_coefficient", "robin_ambient"};

Coefficient read_diffusivity(const Config& options, const ProblemInput& input) {
  if (options.has("diffusivity")) return read_coefficient(options["diffusivity"], input.parameters, 0);
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
    notes.emplace_back("no velocity: diffusion alone");
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

void check_conditions(const BoundaryEntry& entry) {
  const std::string where = entry.source.where();
  for (const auto& [name, value] : entry.values) {
    COTAN_REQUIRE(std::find(kConditions.begin(), kConditions.end(), name) != kConditions.end(),
                  where << ": " << unknown_name("condition", name, kConditions));
    COTAN_REQUIRE(value.size() == 1 && value[0].kind() == Config::Kind::scalar,
                  where << "." << name << ": expected one expression, u is a scalar");
  }
}

}  // namespace

Transport read_transport(const ProblemInput& input, const Boundary& boundary, std::vector<std::string>& notes) {
  const Config& options = input.spec.options;
  options.only_keys({"velocity", "diffusivity", "reaction", "source", "theta", "supg"});
  Transport transport;
  transport.velocity = read_velocity(options["velocity"], input, notes);
  transport.diffusivity = read_diffusivity(options, input);
  transport.reaction = read_coefficient(options["reaction"], input.parameters);
  transport.source = read_coefficient(options["source"], input.parameters);
  transport.upwinding = read_upwinding(options["supg"]);
  for (const auto& side : boundary.sides) check_conditions(*side.entry);
  transport.sides = natural_sides(input, boundary, advection_diffusion_fields(input.mesh->dim())[0], 0, "");
  note_free_sides(boundary, "no diffusive flux", notes);
  return transport;
}

}  // namespace cotan

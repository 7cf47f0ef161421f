#include <algorithm>
#include <map>

#include "core/check.h"
#include "physics/navier_stokes.h"

namespace cotan {
namespace {

const std::vector<std::string> kConditions = {"velocity", "velocity_normal", "pressure"};

Coefficient read_coefficient(const Config& node, const ProblemInput& input) {
  return {parse_expressions(node, 1, input.parameters).front(), input.parameters, node.where()};
}

double read_viscosity(const ProblemInput& input) {
  const Config& source = input.spec.source;
  const auto found = input.parameters.find("viscosity");
  COTAN_REQUIRE(found != input.parameters.end(),
                source.where() << ": navier_stokes needs the kinematic viscosity [m^2/s]: parameters: {viscosity: …}");
  COTAN_REQUIRE(found->second > 0, source["parameters"]["viscosity"].where()
                                       << ": " << found->second
                                       << " is out of range (kinematic viscosity [m^2/s]; above 0)");
  return found->second;
}

std::vector<Coefficient> read_force(const Config& node, const ProblemInput& input) {
  std::vector<Coefficient> force;
  if (node.kind() == Config::Kind::null) return force;
  for (const auto& formula : parse_expressions(node, input.mesh->dim(), input.parameters)) {
    force.emplace_back(formula, input.parameters, node.where());
  }
  return force;
}

// On elements of second order a side has all nodes of its facets, whatever chose them.
Boundary resolve_on(const Mesh& mesh, const ProblemInput& input) {
  Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  for (auto& side : boundary.sides) {
    for (const Facet facet : side.facets) {
      const auto nodes = facet_nodes(mesh, facet);
      side.points.insert(side.points.end(), nodes.begin(), nodes.end());
    }
    std::sort(side.points.begin(), side.points.end());
    side.points.erase(std::unique(side.points.begin(), side.points.end()), side.points.end());
  }
  return boundary;
}

bool is_open(Role role) {
  return role == Role::outflow || role == Role::other;
}

void check_conditions(const BoundaryEntry& entry) {
  const auto has = [&](const char* name) { return entry.values.contains(name); };
  const std::string where = entry.source.where();
  for (const auto& [name, value] : entry.values) {
    COTAN_REQUIRE(std::find(kConditions.begin(), kConditions.end(), name) != kConditions.end(),
                  where << ": " << unknown_name("condition", name, kConditions));
    COTAN_REQUIRE(name == "velocity" || (value.size() == 1 && value[0].kind() == Config::Kind::scalar),
                  where << "." << name << ": expected one expression");
  }
  COTAN_REQUIRE(!(has("velocity") && has("velocity_normal")),
                where << ": velocity has the normal component in it; velocity_normal beside it would have no effect");
  if (has("pressure") && has("velocity")) {
    const auto& given = entry.values.at("velocity");
    COTAN_REQUIRE(std::any_of(given.begin(), given.end(), [](const auto& v) { return v.kind() == Config::Kind::null; }),
                  where << ": velocity fixes all components; pressure beside it would have no effect (null leaves a "
                           "component free)");
  }
  COTAN_REQUIRE(!(has("pressure") && has("velocity_normal")),
                where << ": with velocity_normal nothing flows freely; pressure beside it would have no effect");
  COTAN_REQUIRE(!entry.values.empty() || is_open(entry.role),
                where << ": a " << to_string(entry.role)
                      << " without a condition would be open: give velocity: [0, 0] (no slip) or velocity_normal: 0 "
                         "(slip), or the role outflow");
}

// Facets by the last entry that says something of their kind.
std::map<Facet, std::size_t> owners(const Boundary& boundary, const std::string& condition) {
  std::map<Facet, std::size_t> owner;
  for (std::size_t i = 0; i < boundary.sides.size(); ++i) {
    const auto& side = boundary.sides[i];
    const bool says = side.entry->values.contains(condition);
    COTAN_REQUIRE(!says || condition == "velocity" || !side.facets.empty(),
                  side.entry->source.where()
                      << "." << condition << ": '" << side.entry->selector << "' has points but no sides");
    for (const Facet facet : side.facets) {
      if (says) {
        owner[facet] = i;
      } else if (side.entry->values.contains("velocity")) {
        owner.erase(facet);  // a later velocity takes the place of slip
      }
    }
  }
  return owner;
}

template <class Side, class Make>
std::vector<Side> sides_of(const Boundary& boundary, const std::string& condition, Make make) {
  std::map<std::size_t, std::vector<Facet>> facets;
  for (const auto& [facet, side] : owners(boundary, condition)) facets[side].push_back(facet);
  std::vector<Side> sides;
  for (const auto& [side, of_side] : facets) {
    sides.push_back(make(of_side, boundary.sides[side].entry->values.at(condition)[0]));
  }
  return sides;
}

void note_openings(const Boundary& boundary, const VelocityConstraints& constraints, Flow& flow,
                   std::vector<std::string>& notes) {
  const Mesh& mesh = *flow.forms->space().mesh;
  const auto open = [&](Facet facet) { return !constraints.closes(facet); };
  const auto border = boundary_facets(mesh);
  flow.enclosed = std::none_of(border.begin(), border.end(), open);
  if (flow.enclosed) {
    notes.emplace_back("the velocity is given on all sides: the pressure's mean is set to 0");
    return;
  }
  std::vector<std::string> bare;
  for (const auto& side : boundary.sides) {
    if (side.entry->values.empty() && std::any_of(side.facets.begin(), side.facets.end(), open)) {
      bare.push_back(side.entry->selector);
    }
  }
  if (!bare.empty()) notes.push_back("open, with viscosity du/dn - p n = 0: " + join(bare));
  const auto unnamed = std::count_if(boundary.uncovered.begin(), boundary.uncovered.end(), open);
  if (unnamed > 0) {
    notes.push_back(std::to_string(unnamed) +
                    " sides that no entry of boundary names: open, viscosity du/dn - p n = 0");
  }
}

std::vector<FlowCase::Body> read_bodies(const Config& node, const Mesh& mesh) {
  std::vector<FlowCase::Body> bodies;
  if (node.kind() == Config::Kind::null) return bodies;
  COTAN_REQUIRE(node.kind() == Config::Kind::list, node.where() << ": expected a list of names of sets");
  for (const Config& item : node.items()) {
    std::vector<Facet> facets;
    try {
      facets = mesh.facets_of(item.text());
    } catch (const InputError& error) {
      throw InputError(item.where() + ": " + error.what());
    }
    FlowCase::Body body{"force_" + item.text(), {}};
    for (const Facet facet : facets) {
      const auto nodes = facet_nodes(mesh, facet);
      body.nodes.insert(body.nodes.end(), nodes.begin(), nodes.end());
    }
    std::sort(body.nodes.begin(), body.nodes.end());
    body.nodes.erase(std::unique(body.nodes.begin(), body.nodes.end()), body.nodes.end());
    bodies.push_back(std::move(body));
  }
  return bodies;
}

}  // namespace

FlowCase read_flow(const ProblemInput& input, std::shared_ptr<const TaylorHood> space,
                   std::vector<std::string>& notes) {
  const Config& options = input.spec.options;
  options.only_keys({"steady", "convection", "body_force", "forces"});
  FlowCase out;
  out.flow = std::make_shared<Flow>();
  Flow& flow = *out.flow;
  flow.viscosity = read_viscosity(input);
  flow.force = read_force(options["body_force"], input);
  flow.convection = !options.has("convection") || options["convection"].boolean();
  out.steady = options.has("steady") && options["steady"].boolean();
  out.bodies = read_bodies(options["forces"], *space->mesh);
  const Boundary boundary = resolve_on(*space->mesh, input);
  for (const auto& side : boundary.sides) check_conditions(*side.entry);
  flow.openings = sides_of<PressureSide>(boundary, "pressure", [&](std::vector<Facet> facets, const Config& value) {
    return PressureSide{std::move(facets), read_coefficient(value, input)};
  });
  auto slips = sides_of<NormalSide>(boundary, "velocity_normal", [&](std::vector<Facet> facets, const Config& value) {
    return NormalSide{std::move(facets), read_coefficient(value, input)};
  });
  const std::vector<FieldSpec> velocity = {navier_stokes_fields(space->dim)[0]};
  flow.constraints = std::make_shared<const VelocityConstraints>(
      space, prescriptions(boundary, velocity, input.parameters), std::move(slips), input.parameters);
  flow.forms = std::make_shared<const FlowForms>(space);
  note_openings(boundary, *flow.constraints, flow, notes);
  return out;
}

}  // namespace cotan

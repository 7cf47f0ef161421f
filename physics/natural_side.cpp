#include "physics/natural_side.h"

#include <map>

#include "core/check.h"
#include "physics/assembly.h"

namespace cotan {
namespace {

// The entry's value of one component under a name; null where it has none, or leaves the component out.
Config value_of(const BoundaryEntry& entry, const std::string& name, const FieldSpec& field, int component) {
  const auto found = entry.values.find(name);
  if (found == entry.values.end()) return Config()["none"];
  COTAN_REQUIRE(static_cast<int>(found->second.size()) == field.components,
                entry.source.where() << "." << name << ": " << found->second.size() << " expressions found, "
                                     << field.components << " expected");
  return found->second[component];
}

struct Words {
  Config flux, coefficient, ambient, value;
  Words(const BoundaryEntry& entry, const FieldSpec& field, int component, const std::string& prefix)
      : flux(value_of(entry, prefix + "flux", field, component)),
        coefficient(value_of(entry, prefix + "robin_coefficient", field, component)),
        ambient(value_of(entry, prefix + "robin_ambient", field, component)),
        value(value_of(entry, field.name, field, component)) {}
};

bool is_there(const Config& node) {
  return node.kind() != Config::Kind::null;
}

}  // namespace

void add_robin(const Mesh& mesh, const NaturalSide& side, int degree, double t, SparseMatrix& stiffness) {
  if (side.robin_coefficient.is_zero()) return;
  std::vector<double> block, coefficient;
  for_each_facet(mesh, side.facets, degree, [&](std::span<const Index> nodes, const CellValues& v) {
    side.robin_coefficient.at(v.position, v.dim, t, coefficient);
    block.assign(nodes.size() * nodes.size(), 0);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        for (int b = 0; b < v.num_nodes; ++b) {
          block[a * v.num_nodes + b] += v.weights[q] * coefficient[q] * v.value(q, a) * v.value(q, b);
        }
      }
    }
    add_block(stiffness, nodes, block);
  });
}

void add_side_load(const Mesh& mesh, const NaturalSide& side, int degree, double t, std::vector<double>& load) {
  std::vector<double> flux, coefficient, ambient;
  for_each_facet(mesh, side.facets, degree, [&](std::span<const Index> nodes, const CellValues& v) {
    side.flux.at(v.position, v.dim, t, flux);
    side.robin_coefficient.at(v.position, v.dim, t, coefficient);
    side.robin_ambient.at(v.position, v.dim, t, ambient);
    for (int q = 0; q < v.num_points; ++q) {
      const double density = v.weights[q] * (flux[q] + coefficient[q] * ambient[q]);
      for (int a = 0; a < v.num_nodes; ++a) load[nodes[a]] += density * v.value(q, a);
    }
  });
}

Coefficient read_coefficient(const Config& node, const std::map<std::string, double>& parameters, double low,
                             double absent) {
  if (node.kind() == Config::Kind::null) return absent;
  return {parse_expressions(node, 1, parameters).front(), parameters, node.where(), low};
}

std::vector<NaturalSide> natural_sides(const ProblemInput& input, const Boundary& boundary, const FieldSpec& field,
                                       int component, const std::string& prefix) {
  std::map<Facet, std::size_t> owner;
  std::vector<NaturalSide> sides(boundary.sides.size());
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const BoundaryEntry& entry = *boundary.sides[i].entry;
    const std::string where = entry.source.where();
    const Words words(entry, field, component, prefix);
    COTAN_REQUIRE(is_there(words.coefficient) == is_there(words.ambient),
                  where << ": " << prefix << "robin_coefficient and " << prefix << "robin_ambient go together");
    if (!is_there(words.flux) && !is_there(words.coefficient)) continue;
    COTAN_REQUIRE(!is_there(words.value), where << ": " << field.name << " fixes the value; " << prefix << "flux or "
                                                << prefix << "robin_coefficient beside it would have no effect");
    COTAN_REQUIRE(!boundary.sides[i].facets.empty(),
                  where << ": '" << entry.selector << "' has points but no sides for a flux to go through");
    sides[i] = {{},
                read_coefficient(words.flux, input.parameters),
                read_coefficient(words.coefficient, input.parameters, 0),
                read_coefficient(words.ambient, input.parameters)};
    for (const Facet facet : boundary.sides[i].facets) owner[facet] = i;
  }
  for (const auto& [facet, i] : owner) sides[i].facets.push_back(facet);
  std::erase_if(sides, [](const NaturalSide& side) { return side.facets.empty(); });
  return sides;
}

void note_free_sides(const Boundary& boundary, const std::string& what, std::vector<std::string>& notes) {
  std::vector<std::string> bare;
  for (const auto& side : boundary.sides) {
    if (side.entry->values.empty() && side.entry->partner.empty()) bare.push_back(side.entry->selector);
  }
  if (!bare.empty()) notes.push_back("no condition, so " + what + " through: " + join(bare));
  if (!boundary.uncovered.empty()) {
    notes.push_back(std::to_string(boundary.uncovered.size()) + " sides that no entry of boundary names: " + what +
                    " through them");
  }
}

}  // namespace cotan

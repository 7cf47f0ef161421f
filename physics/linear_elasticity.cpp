#include <algorithm>
#include <array>
#include <map>

#include "core/check.h"
#include "physics/assembly.h"
#include "physics/motion_system.h"
#include "physics/motions.h"
#include "physics/natural_side.h"

namespace cotan {
namespace {

constexpr int kDegree = 4;

/// Hooke's law at places of the mesh.
struct Material {
  Coefficient young, poisson, density;
  bool plane_stress = false;  // of a sheet in two dimensions; else strain across it is 0

  // Lame's constants from values at one place.
  std::array<double, 2> lame(double e, double nu) const {
    const double mu = e / (2 * (1 + nu)), lambda = e * nu / ((1 + nu) * (1 - 2 * nu));
    return {plane_stress ? 2 * lambda * mu / (lambda + 2 * mu) : lambda, mu};
  }
};

Coefficient parameter(const ProblemInput& input, const std::string& name, double low) {
  if (input.spec.options.has(name)) return read_coefficient(input.spec.options[name], input.parameters, low);
  const auto found = input.parameters.find(name);
  COTAN_REQUIRE(found != input.parameters.end(), input.spec.source.where()
                                                     << ": linear_elasticity needs " << name
                                                     << ": a number under parameters, or a formula under options");
  return {Expression(found->second), {}, input.spec.source["parameters"][name].where(), low};
}

std::vector<Index> unknowns_at(std::span<const Index> nodes, int dim) {
  std::vector<Index> out;
  for (const Index p : nodes) {
    for (int k = 0; k < dim; ++k) out.push_back(p * dim + k);
  }
  return out;
}

// lambda div u div w + 2 mu strain(u) : strain(w), and density u . w.
void assemble(const Mesh& mesh, const Material& material, MotionCase& motion) {
  const int dim = mesh.dim();
  std::vector<double> young, poisson, density, m, k;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    material.young.at(v.position, dim, 0, young);
    material.poisson.at(v.position, dim, 0, poisson);
    material.density.at(v.position, dim, 0, density);
    const std::size_t n = nodes.size() * dim;
    m.assign(n * n, 0);
    k.assign(n * n, 0);
    for (int q = 0; q < v.num_points; ++q) {
      const auto [lambda, mu] = material.lame(young[q], poisson[q]);
      for (int a = 0; a < v.num_nodes; ++a) {
        for (int b = 0; b < v.num_nodes; ++b) {
          const double *ga = v.gradient(q, a), *gb = v.gradient(q, b);
          double slopes = 0;
          for (int x = 0; x < dim; ++x) slopes += ga[x] * gb[x];
          for (int i = 0; i < dim; ++i) {
            double* row = &k[(std::size_t(a) * dim + i) * n + std::size_t(b) * dim];
            for (int j = 0; j < dim; ++j) row[j] += v.weights[q] * (lambda * ga[i] * gb[j] + mu * ga[j] * gb[i]);
            row[i] += v.weights[q] * mu * slopes;
            m[(std::size_t(a) * dim + i) * n + std::size_t(b) * dim + i] +=
                v.weights[q] * density[q] * v.value(q, a) * v.value(q, b);
          }
        }
      }
    }
    const auto rows = unknowns_at(nodes, dim);
    add_block(motion.mass, rows, m);
    add_block(motion.stiffness, rows, k);
  });
}

/// A force on sides [N/m^2], by component.
struct Traction {
  std::vector<Facet> facets;
  std::vector<Coefficient> force;
};

std::vector<Traction> read_tractions(const ProblemInput& input, const Boundary& boundary) {
  const int dim = input.mesh->dim();
  std::map<Facet, std::size_t> owner;
  std::vector<Traction> tractions(boundary.sides.size());
  for (std::size_t i = 0; i < tractions.size(); ++i) {
    const BoundaryEntry& entry = *boundary.sides[i].entry;
    for (const auto& [name, value] : entry.values) {
      const std::vector<std::string> known = {"displacement", "traction"};
      COTAN_REQUIRE(std::count(known.begin(), known.end(), name),
                    entry.source.where() << ": " << unknown_name("condition", name, known));
    }
    const auto found = entry.values.find("traction");
    if (found == entry.values.end()) continue;
    COTAN_REQUIRE(!boundary.sides[i].facets.empty(),
                  entry.source.where() << ": '" << entry.selector << "' has points but no sides for a traction");
    const auto formulas = parse_expressions(found->second, dim, input.parameters, entry.source);
    for (const auto& formula : formulas)
      tractions[i].force.emplace_back(formula, input.parameters, entry.source.where() + ".traction");
    for (const Facet facet : boundary.sides[i].facets) owner[facet] = i;
  }
  for (const auto& [facet, i] : owner) tractions[i].facets.push_back(facet);
  std::erase_if(tractions, [](const Traction& t) { return t.facets.empty(); });
  return tractions;
}

void add_force(std::span<const Index> nodes, const CellValues& v, std::span<const Coefficient> force, double t,
               std::vector<double>& load) {
  std::vector<double> values;
  for (int k = 0; k < v.dim; ++k) {
    force[k].at(v.position, v.dim, t, values);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) load[nodes[a] * v.dim + k] += v.weights[q] * values[q] * v.value(q, a);
    }
  }
}

std::vector<Coefficient> read_body_force(const ProblemInput& input) {
  const Config node = input.spec.options["body_force"];
  std::vector<Coefficient> force;
  if (node.kind() == Config::Kind::null) return force;
  for (const auto& formula : parse_expressions(node, input.mesh->dim(), input.parameters))
    force.emplace_back(formula, input.parameters, node.where());
  return force;
}

Material read_material(const ProblemInput& input, bool inertia) {
  const Config& options = input.spec.options;
  Material material{parameter(input, "youngs_modulus", 1e-300), parameter(input, "poissons_ratio", -1),
                    inertia ? parameter(input, "density", 1e-300) : Coefficient(1)};
  if (!options.has("plane")) return material;
  const std::vector<std::string> words = {"strain", "stress"};
  const std::string word = options["plane"].text();
  COTAN_REQUIRE(std::count(words.begin(), words.end(), word), options["plane"].where()
                                                                  << ": " << unknown_name("plane", word, words));
  COTAN_REQUIRE(input.mesh->dim() == 2, options["plane"].where() << ": plane " << word << " of a mesh in "
                                                                 << input.mesh->dim() << " dimensions; expected 2");
  material.plane_stress = word == "stress";
  return material;
}

}  // namespace

ProblemSetup make_linear_elasticity(const ProblemInput& input) {
  const Mesh& mesh = *input.mesh;
  const Config& options = input.spec.options;
  const int dim = mesh.dim();
  COTAN_REQUIRE(mesh.cell_dim() == dim, "linear_elasticity is for bodies of the space's dimension, not for shells");
  options.only_keys({"youngs_modulus", "poissons_ratio", "density", "plane", "body_force", "inertia", "dissipation"});
  const bool inertia = !options.has("inertia") || options["inertia"].boolean();
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  const SparseMatrix pattern = point_matrix(mesh, dim);
  MotionCase motion{{"displacement", dim, On::points, "m"},
                    {"velocity", dim, On::points, "m/s"},
                    pattern,
                    pattern,
                    pattern,
                    {},
                    inertia};
  assemble(mesh, read_material(input, inertia), motion);
  motion.load = [mesh_of = input.mesh, tractions = read_tractions(input, boundary),
                 force = read_body_force(input)](double t) {
    std::vector<double> load(mesh_of->points().size(), 0.0);
    for (const auto& one : tractions) {
      for_each_facet(*mesh_of, one.facets, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
        add_force(nodes, v, one.force, t, load);
      });
    }
    if (!force.empty()) {
      for_each_cell(*mesh_of, kDegree,
                    [&](std::span<const Index> nodes, const CellValues& v) { add_force(nodes, v, force, t, load); });
    }
    return load;
  };
  motion.radius = 1 - (options.has("dissipation") ? options["dissipation"].number() : 0);
  COTAN_REQUIRE(motion.radius >= 0 && motion.radius <= 1, options["dissipation"].where()
                                                              << ": out of range (of motions that the step does not "
                                                                 "resolve; 0, none, to 1)");
  ProblemSetup setup;
  note_free_sides(boundary, "no force", setup.notes);
  set_motion(input, boundary, std::move(motion), setup);
  return setup;
}

std::vector<Problem> motion_problems() {
  return {
      {"wave",
       "waves: d2u/dt2 + damping du/dt = div(speed^2 grad u) + source; linear elements, energy kept",
       [](int) {
         return std::vector<FieldSpec>{{"u", 1, On::points, ""}, {"u_rate", 1, On::points, "1/s"}};
       },
       {{"speed", "[m/s], or a formula under options"}, {"damping", "[1/s], 0 unless said"}},
       "u: value | u_flux: speed^2 du/dn | u_robin_coefficient with u_robin_ambient | absorbing: true, lets waves out "
       "| "
       "periodic: the side opposite | nothing: no flux",
       make_wave,
       true},
      {"linear_elasticity",
       "small displacements of elastic bodies: at rest, or moving by the generalised alpha method",
       [](int dim) {
         return std::vector<FieldSpec>{{"displacement", dim, On::points, "m"}, {"velocity", dim, On::points, "m/s"}};
       },
       {{"youngs_modulus", "[Pa]"}, {"poissons_ratio", "below 1/2"}, {"density", "[kg/m^3], of bodies that move"}},
       "displacement: components, null leaves one free | traction: force a side's area [Pa] | periodic: the side "
       "opposite | nothing: no force",
       make_linear_elasticity,
       true}};
}

}  // namespace cotan

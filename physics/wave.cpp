#include <algorithm>

#include "core/check.h"
#include "physics/assembly.h"
#include "physics/motion_system.h"
#include "physics/motions.h"
#include "physics/natural_side.h"

namespace cotan {
namespace {

constexpr int kDegree = 4;

// Matrices of the cells: plain mass, damping and the stiffness of speed^2.
void assemble_cells(const Mesh& mesh, const Coefficient& speed, const Coefficient& damping, MotionCase& motion) {
  std::vector<double> c, d, m, b, k;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    speed.at(v.position, v.dim, 0, c);
    damping.at(v.position, v.dim, 0, d);
    for (auto* block : {&m, &b, &k}) block->assign(nodes.size() * nodes.size(), 0);
    for (int q = 0; q < v.num_points; ++q) {
      for (int i = 0; i < v.num_nodes; ++i) {
        for (int j = 0; j < v.num_nodes; ++j) {
          double slopes = 0;
          for (int x = 0; x < v.dim; ++x) slopes += v.gradient(q, i)[x] * v.gradient(q, j)[x];
          const double product = v.weights[q] * v.value(q, i) * v.value(q, j);
          m[i * v.num_nodes + j] += product;
          b[i * v.num_nodes + j] += d[q] * product;
          k[i * v.num_nodes + j] += v.weights[q] * c[q] * c[q] * slopes;
        }
      }
    }
    add_block(motion.mass, nodes, m);
    add_block(motion.damping, nodes, b);
    add_block(motion.stiffness, nodes, k);
  });
}

bool is_absorbing(const BoundaryEntry& entry) {
  const auto found = entry.values.find("absorbing");
  return found != entry.values.end() && found->second.front().boolean();
}

void check_sides(const ProblemInput& input) {
  const std::vector<std::string> known = {"u", "u_flux", "u_robin_coefficient", "u_robin_ambient", "absorbing"};
  for (const auto& entry : input.spec.boundary) {
    for (const auto& [name, value] : entry.values) {
      COTAN_REQUIRE(std::count(known.begin(), known.end(), name),
                    entry.source.where() << ": " << unknown_name("condition", name, known));
    }
  }
}

// A number under parameters or a formula under options.
Coefficient parameter(const ProblemInput& input, const std::string& name, double absent) {
  if (input.spec.options.has(name)) return read_coefficient(input.spec.options[name], input.parameters, 0);
  const auto found = input.parameters.find(name);
  return found == input.parameters.end() ? Coefficient(absent) : Coefficient(found->second);
}

}  // namespace

ProblemSetup make_wave(const ProblemInput& input) {
  const Mesh& mesh = *input.mesh;
  const Config& options = input.spec.options;
  require_linear_cells(mesh, "wave");
  options.only_keys({"speed", "damping", "source", "dissipation"});
  COTAN_REQUIRE(input.parameters.contains("speed") || options.has("speed"),
                input.spec.source.where()
                    << ": wave needs a speed [m/s]: under parameters, or a formula under options");
  check_sides(input);
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  const Coefficient speed = parameter(input, "speed", 0), damping = parameter(input, "damping", 0);
  const SparseMatrix pattern = point_matrix(mesh);
  MotionCase motion{{"u", 1, On::points, ""}, {"u_rate", 1, On::points, "1/s"}, pattern, pattern, pattern, {}};
  assemble_cells(mesh, speed, damping, motion);
  auto sides = natural_sides(input, boundary, motion.value, 0, "u_");
  for (const auto& side : sides) add_robin(mesh, side, kDegree, 0, motion.stiffness);
  for (const auto& side : boundary.sides) {  // speed^2 du/dn = -speed du/dt lets plane waves out
    if (is_absorbing(*side.entry)) add_robin(mesh, {side.facets, {}, speed, {}}, kDegree, 0, motion.damping);
  }
  const Coefficient source = read_coefficient(options["source"], input.parameters);
  motion.load = [mesh_of = input.mesh, sides, source](double t) {
    std::vector<double> load(mesh_of->num_points(), 0.0), values;
    for (const auto& side : sides) add_side_load(*mesh_of, side, kDegree, t, load);
    if (source.is_zero()) return load;
    for_each_cell(*mesh_of, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
      source.at(v.position, v.dim, t, values);
      for (int q = 0; q < v.num_points; ++q) {
        for (int a = 0; a < v.num_nodes; ++a) load[nodes[a]] += v.weights[q] * values[q] * v.value(q, a);
      }
    });
    return load;
  };
  motion.radius = 1 - (options.has("dissipation") ? options["dissipation"].number() : 0);
  COTAN_REQUIRE(motion.radius >= 0 && motion.radius <= 1, options["dissipation"].where()
                                                              << ": out of range (of waves that the step does not "
                                                                 "resolve; 0, none, to 1)");
  ProblemSetup setup;
  note_free_sides(boundary, "no flux", setup.notes);
  set_motion(input, boundary, std::move(motion), setup);
  return setup;
}

}  // namespace cotan

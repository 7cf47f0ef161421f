#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "physics/cloth.h"
#include "physics/initial.h"

namespace cotan {
namespace {

constexpr double kShareOfStable = 0.5;  // of the stable step, which is that of the sheet at rest

at::Tensor rows_of(std::span<const double> values) {
  const auto out = at::empty({static_cast<std::int64_t>(values.size()) / 3, 3}, at::kDouble);
  std::copy(values.begin(), values.end(), out.data_ptr<double>());
  return out;
}

std::vector<double> values_of(const at::Tensor& rows) {
  const at::Tensor values = rows.to(at::kCPU, at::kDouble).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

/// What the System's functions share.
struct Sheet {
  std::shared_ptr<const Mesh> mesh;
  Cloth cloth;
  std::vector<Prescription> given;
  std::map<std::string, double> parameters;

  void impose(double t, std::vector<double>& displacement) const {
    for (const auto& entry : given) {
      const auto values = evaluate({entry.value}, *mesh, entry.points, t, parameters, entry.where);
      for (std::size_t i = 0; i < values.size(); ++i) displacement[3 * entry.points[i] + entry.component] = values[i];
    }
  }
  std::vector<double> position(std::span<const double> displacement) const {
    std::vector<double> x(mesh->points().begin(), mesh->points().end());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += displacement[i];
    return x;
  }
  // Half a push, a drift, half a push, as often as stability wants.
  State step(double t, double dt, const State& now) const {
    auto u = values_of(now["displacement"]), v = values_of(now["velocity"]);
    const auto times = static_cast<int>(std::ceil(dt / (kShareOfStable * cloth.stable_step())));
    const double h = dt / std::max(times, 1);
    auto a = cloth.acceleration(position(u), v);
    for (int k = 0; k < std::max(times, 1); ++k) {
      for (std::size_t i = 0; i < u.size(); ++i) u[i] += h * (v[i] += h / 2 * a[i]);
      impose(t + (k + 1) * h, u);
      a = cloth.acceleration(position(u), v);
      for (std::size_t i = 0; i < u.size(); ++i) v[i] += h / 2 * a[i];
    }
    return State({{"displacement", On::points, rows_of(u)}, {"velocity", On::points, rows_of(v)}});
  }
};

double parameter(const ProblemInput& input, const std::string& name, bool needed, double low) {
  const auto found = input.parameters.find(name);
  COTAN_REQUIRE(!needed || found != input.parameters.end(), input.spec.source.where()
                                                                << ": cloth needs the parameter " << name);
  const double value = found == input.parameters.end() ? 0 : found->second;
  COTAN_REQUIRE(value >= low, input.spec.source["parameters"][name].where()
                                  << ": " << value << " is out of range (" << name << "; at least " << low << ")");
  return value;
}

void require_sheet(const Mesh& mesh) {
  COTAN_REQUIRE(mesh.dim() == 3 && mesh.cell_dim() == 2,
                "cloth is a surface of triangles in space: this mesh has cells "
                "of dimension "
                    << mesh.cell_dim() << " in " << mesh.dim() << " dimensions");
  for (Index c = 0; c < mesh.num_cells(); ++c)
    COTAN_REQUIRE(mesh.type(c) == CellType::triangle,
                  "cloth: cell " << c << " is a " << shape(mesh.type(c)).name << "; expected triangles");
}

std::array<double, 3> read_gravity(const ProblemInput& input) {
  std::array<double, 3> gravity = {0, 0, -9.81};
  const Config node = input.spec.options["gravity"];
  if (node.kind() == Config::Kind::null) return gravity;
  const auto formulas = parse_expressions(node, 3, input.parameters);
  for (int k = 0; k < 3; ++k) {
    COTAN_REQUIRE(!formulas[k].uses("x") && !formulas[k].uses("y") && !formulas[k].uses("z") && !formulas[k].uses("t"),
                  node.where() << ": gravity is the same everywhere and at all times");
    std::vector<double> variables(4, 0.0);
    for (const auto& [name, value] : input.parameters) variables.push_back(value);
    gravity[k] = formulas[k](variables);
  }
  return gravity;
}

std::vector<FieldSpec> fields(int) {
  return {{"displacement", 3, On::points, "m"}, {"velocity", 3, On::points, "m/s"}};
}

ProblemSetup make(const ProblemInput& input) {
  const Mesh& mesh = *input.mesh;
  require_sheet(mesh);
  input.spec.options.only_keys({"gravity"});
  input.spec.initial.only_keys({"displacement", "velocity"});
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  for (const auto& entry : input.spec.boundary) {
    for (const auto& [name, value] : entry.values)
      COTAN_REQUIRE(
          name == "displacement",
          entry.source.where() << ": " << unknown_name("condition", name, std::vector<std::string>{"displacement"}));
  }
  ProblemSetup setup;
  setup.fields = fields(3);
  setup.roles = boundary.roles;
  const auto given = prescriptions(boundary, std::span(setup.fields).first(1), input.parameters);
  setup.prescribed = prescribed_masks(given, setup.fields, mesh.num_points());
  std::vector<char> held(mesh.points().size(), 0);
  for (const auto& entry : given) {
    for (const Index p : entry.points) held[3 * p + entry.component] = 1;
  }
  const Cloth::Material material{parameter(input, "density", true, 1e-300), parameter(input, "stretching", true, 0),
                                 parameter(input, "bending", false, 0), parameter(input, "damping", false, 0),
                                 read_gravity(input)};
  auto sheet = std::make_shared<Sheet>(Sheet{input.mesh, Cloth(mesh, material, held), given, input.parameters});
  std::vector<std::vector<double>> start;
  for (const auto& field : setup.fields)
    start.push_back(
        initial_values(input.spec.initial[field.name], field, mesh, input.parameters, input.seed, input.draw));
  sheet->impose(0, start[0]);
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (held[i]) start[1][i] = 0;
  }
  setup.initial = {
      0, Fields({{"displacement", On::points, rows_of(start[0])}, {"velocity", On::points, rows_of(start[1])}})};
  std::ostringstream note;
  note << "steps of at most " << kShareOfStable * sheet->cloth.stable_step()
       << " s are made, for stability, within each of the case's";
  setup.notes.push_back(note.str());
  setup.system.lift = [](std::span<const Frame> first) {
    return State({{"displacement", On::points, first.back().fields["displacement"]},
                  {"velocity", On::points, first.back().fields["velocity"]}});
  };
  setup.system.step = [sheet](double t, double dt, const State& state) { return sheet->step(t, dt, state); };
  setup.system.view = [](const State& state) { return state; };
  return setup;
}

}  // namespace

Problem cloth_problem() {
  return {"cloth",
          "a sheet of masses and springs with bending, in gravity: Stormer and Verlet's method",
          fields,
          {{"density", "[kg/m^2]"},
           {"stretching", "Young's modulus times thickness [N/m]"},
           {"bending", "[N m], 0 unless said"},
           {"damping", "[1/s], 0 unless said"}},
          "displacement: components, null leaves one free | nothing: free",
          make};
}

}  // namespace cotan

#include "physics/steady.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/check.h"
#include "physics/assembly.h"
#include "physics/initial.h"

namespace cotan {
namespace {

constexpr double kAny = -std::numeric_limits<double>::infinity();
constexpr double kMostImbalance = 1e-3;  // of sources and fluxes with nowhere to go, relative to what there is of them
constexpr double kMostAmplified = 1e12;  // |A| |x| / |b|, from where on round-off decides
constexpr double kFewPoints = 10;        // a wavelength
constexpr std::size_t kMostCompared = 256;  // values of a field that draws are compared by

// Random fields of the case, by name.
std::shared_ptr<const NodalFields> read_random(const ProblemInput& input) {
  auto fields = std::make_shared<NodalFields>();
  for (const auto& [name, node] : input.spec.options["random"].entries()) {
    COTAN_REQUIRE(!input.parameters.contains(name) && name != "x" && name != "y" && name != "z" && name != "t",
                  node.where() << ": '" << name << "' is a parameter or coordinate already");
    COTAN_REQUIRE(node.kind() == Config::Kind::map, node.where() << ": expected a random field such as "
                                                                    "{random_fourier: {modes: 4}}");
    (*fields)[name] = initial_values(node, {name}, *input.mesh, input.parameters, input.seed, input.draw);
  }
  return fields;
}

// Reads formulas that may use random fields.
class Reader {
 public:
  explicit Reader(const ProblemInput& input) : input_(input), fields_(read_random(input)), names_(input.parameters) {
    for (const auto& entry : *fields_) names_[entry.first] = 0;
  }
  FieldCoefficient operator()(const Config& node, double low, double absent) const {
    if (node.kind() == Config::Kind::null) return absent;
    return {parse_expressions(node, 1, names_).front(), input_.parameters, fields_, node.where(), low};
  }
  // One formula, or dim lists of dim.
  std::vector<FieldCoefficient> tensor(const Config& node, double absent) const {
    if (node.kind() != Config::Kind::list) return {(*this)(node, 0, absent)};
    const auto dim = static_cast<std::size_t>(input_.mesh->dim());
    std::vector<FieldCoefficient> out;
    for (const auto& row : node.items()) {
      COTAN_REQUIRE(node.items().size() == dim && row.kind() == Config::Kind::list && row.items().size() == dim,
                    node.where() << ": expected one formula, or a tensor: " << dim << " lists of " << dim);
      for (const auto& entry : row.items()) out.push_back((*this)(entry, kAny, 0));
    }
    return out;
  }

 private:
  const ProblemInput& input_;
  std::shared_ptr<const NodalFields> fields_;
  std::map<std::string, double> names_;  // of parameters and fields
};

void check_conditions(const BoundaryEntry& entry) {
  const std::vector<std::string> known = {"u", "flux", "robin_coefficient", "robin_ambient"};
  for (const auto& [name, value] : entry.values) {
    COTAN_REQUIRE(std::find(known.begin(), known.end(), name) != known.end(),
                  entry.source.where() << ": " << unknown_name("condition", name, known));
  }
}

HostField interleaved(FieldSpec spec, const std::vector<FieldCoefficient>& components, const Mesh& mesh) {
  HostField out{std::move(spec), {}};
  const std::size_t width = components.size();
  out.values.resize(width * mesh.num_points());
  for (std::size_t k = 0; k < width; ++k) {
    const auto values = components[k].at_points(mesh);
    for (std::size_t p = 0; p < values.size(); ++p) out.values[p * width + k] = values[p];
  }
  return out;
}

// Appends some values of a field, spread over it.
void compare_by(const std::vector<double>& values, std::vector<double>& likeness) {
  const std::size_t stride = values.size() / kMostCompared + 1;
  for (std::size_t i = 0; i < values.size(); i += stride) likeness.push_back(values[i]);
}

// What a network gets, and what draws of a sequence are compared by.
void describe(const Elliptic& problem, const ProblemInput& input, ProblemSetup& setup) {
  const Mesh& mesh = *input.mesh;
  auto& fields = setup.static_fields;
  fields.push_back(interleaved({"k", static_cast<int>(problem.k.size())}, problem.k, mesh));
  if (!problem.wave_number.is_zero()) fields.push_back(interleaved({"kappa"}, {problem.wave_number}, mesh));
  for (const auto& field : fields) compare_by(field.values, setup.likeness);
  for (const auto& parameter : input.parameters) setup.likeness.push_back(parameter.second);
  if (!problem.source.is_zero()) fields.push_back(interleaved({"f"}, {problem.source}, mesh));
}

// The linear problem of one draw.
class SteadyScalar {
 public:
  SteadyScalar(const ProblemInput& input, Elliptic problem, const std::vector<Prescription>& fixed, std::string name)
      : mesh_(input.mesh),
        problem_(std::move(problem)),
        name_(std::move(name)),
        is_fixed_(mesh_->num_points(), 0),
        given_(mesh_->num_points(), 0.0) {
    for (const auto& entry : fixed) {
      const auto values = evaluate({entry.value}, *mesh_, entry.points, 0, input.parameters, entry.where);
      for (std::size_t i = 0; i < values.size(); ++i) {
        is_fixed_[entry.points[i]] = 1;
        given_[entry.points[i]] = values[i];
      }
    }
  }

  // Whether a constant may be added to every solution.
  bool floats() const {
    return problem_.wave_number.is_zero() && std::count(is_fixed_.begin(), is_fixed_.end(), 1) == 0 &&
           std::all_of(problem_.sides.begin(), problem_.sides.end(),
                       [](const NaturalSide& side) { return side.robin_coefficient.is_zero(); });
  }
  void fix_mean(double mean) { mean_ = mean; }

  std::vector<double> solve(const LinearSolver& solver) const {
    LinearSystem system = assemble(*mesh_, point_matrix(*mesh_), problem_);
    std::vector<double> weights;
    auto is_fixed = is_fixed_;
    if (mean_) {
      weights = point_measures(*mesh_);
      balance(system.right, weights);
      is_fixed[0] = 1;  // any one value picks one of the solutions; the mean is shifted after
    }
    prescribe(system, is_fixed, given_);
    std::vector<double> u = solver(system.matrix, system.right);
    require_tame(system, u);
    if (mean_) shift(u, weights);
    return u;
  }

 private:
  // Without a value given anywhere, what sources and fluxes bring must be nothing in all; quadrature leaves a little.
  void balance(std::vector<double>& right, const std::vector<double>& weights) const {
    double sum = 0, size = 0, volume = 0;
    for (std::size_t p = 0; p < right.size(); ++p) {
      sum += right[p];
      size += std::abs(right[p]);
      volume += weights[p];
    }
    COTAN_REQUIRE(std::abs(sum) <= kMostImbalance * size,
                  name_ << ": there is no solution: no side fixes u, and sources and fluxes bring " << sum
                        << " in all, where there must be nothing");
    for (std::size_t p = 0; p < right.size(); ++p) right[p] -= sum * weights[p] / volume;
  }

  void shift(std::vector<double>& u, const std::vector<double>& weights) const {
    double sum = 0, volume = 0;
    for (std::size_t p = 0; p < u.size(); ++p) {
      sum += weights[p] * u[p];
      volume += weights[p];
    }
    for (double& value : u) value += *mean_ - sum / volume;
  }

  void require_tame(const LinearSystem& system, const std::vector<double>& u) const {
    double a = 0, x = 0, b = 0;
    for (const double value : system.matrix.values) a = std::max(a, std::abs(value));
    for (const double value : u) x = std::max(x, std::abs(value));
    for (const double value : system.right) b = std::max(b, std::abs(value));
    if (x == 0 || a * x <= kMostAmplified * b) return;
    std::ostringstream message;
    message << name_ << ": the right side is amplified " << a * x / b
            << " times: the equation is so near a resonance that round-off decides";
    throw NumericsError(message.str());
  }

  std::shared_ptr<const Mesh> mesh_;
  Elliptic problem_;
  std::string name_;
  std::vector<char> is_fixed_;  // (points)
  std::vector<double> given_;   // (points)
  std::optional<double> mean_;
};

void take_mean(const Config& node, SteadyScalar& solver, const ProblemInput& input) {
  const bool given = node.kind() != Config::Kind::null;
  COTAN_REQUIRE(given || !solver.floats(),
                input.spec.source.where() << ": no side fixes u, so any constant may be added to it: say options.mean, "
                                             "or u or a robin_coefficient on a side");
  COTAN_REQUIRE(!given || solver.floats(), node.where() << ": the sides fix u already");
  if (given) solver.fix_mean(node.number());
}

ProblemSetup make(const ProblemInput& input, const std::string& name, bool wave_number) {
  const Mesh& mesh = *input.mesh;
  require_linear_cells(mesh, name);
  COTAN_REQUIRE(input.spec.initial.entries().empty(), input.spec.initial.where()
                                                          << ": " << name << " is steady: it starts from nothing");
  ProblemSetup setup;
  setup.fields = steady_fields(mesh.dim());
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  setup.roles = boundary.roles;
  Elliptic problem = read_elliptic(input, boundary, wave_number, setup.notes);
  describe(problem, input, setup);
  const double points = points_per_wavelength(mesh, problem);
  if (points < kFewPoints) {
    std::ostringstream note;
    note.precision(3);
    note << "only " << points << " points a wavelength: waves travel too slowly below about " << kFewPoints;
    setup.notes.push_back(note.str());
  }
  const auto fixed = prescriptions(boundary, setup.fields, input.parameters);
  setup.prescribed = prescribed_masks(fixed, setup.fields, mesh.num_points());
  auto solver = std::make_shared<SteadyScalar>(input, std::move(problem), fixed, name);
  if (!wave_number) take_mean(input.spec.options["mean"], *solver, input);
  setup.steady = [solver](const LinearSolver& by) {
    const auto u = solver->solve(by);
    at::Tensor column = at::empty({static_cast<std::int64_t>(u.size()), 1}, at::kDouble);
    std::copy(u.begin(), u.end(), column.data_ptr<double>());
    return Fields({{"u", On::points, std::move(column)}});
  };
  return setup;
}

}  // namespace

std::vector<FieldSpec> steady_fields(int) {
  return {{"u", 1, On::points, ""}};
}

Elliptic read_elliptic(const ProblemInput& input, const Boundary& boundary, bool wave_number,
                       std::vector<std::string>& notes) {
  const Config& options = input.spec.options;
  if (wave_number)
    options.only_keys({"k", "f", "kappa", "random", "solver"});
  else
    options.only_keys({"k", "f", "mean", "random", "solver"});
  if (options.has("solver")) make_linear_solver(read_options<LinearSolverOptions>(options["solver"]));  // or refuse
  const Reader read(input);
  Elliptic problem;
  problem.k = read.tensor(options["k"], 1);
  problem.source = read(options["f"], kAny, 0);
  if (wave_number) problem.wave_number = read(options.at("kappa"), 0, 0);
  for (const auto& side : boundary.sides) check_conditions(*side.entry);
  problem.sides = natural_sides(input, boundary, steady_fields(input.mesh->dim())[0], 0, "");
  note_free_sides(boundary, "no flux", notes);
  return problem;
}

ProblemSetup make_poisson(const ProblemInput& input) {
  return make(input, "poisson", false);
}

ProblemSetup make_helmholtz(const ProblemInput& input) {
  return make(input, "helmholtz", true);
}

}  // namespace cotan

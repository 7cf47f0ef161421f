#include <ATen/ops/empty.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "core/check.h"
#include "physics/assembly.h"
#include "physics/initial.h"
#include "physics/reaction_systems.h"

namespace cotan {
namespace {

using Values = std::vector<std::vector<double>>;

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// The text with a word replaced by a formula.
std::string with_word(const std::string& text, const std::string& word, const std::string& formula) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at) ++end;
    const std::string piece = text.substr(at, end - at);
    out += piece == word ? "(" + formula + ")" : piece;
    at = end;
  }
  return out;
}

/// Reads a system: names, formulas, options, sides.
class Reader {
 public:
  Reader(const ProblemInput& input, const SystemText& text, const Boundary& boundary)
      : input_(input), text_(text), boundary_(boundary), options_(input.spec.options) {
    for (const auto& field : text.fields)
      fields_.push_back({field.name, field.is_vector ? input.mesh->dim() : 1, On::points, field.unit});
    check_options();
    variables_ = case_variables(input.parameters);
    for (const auto& name : component_names()) {
      COTAN_REQUIRE(std::find(variables_.begin(), variables_.end(), name) == variables_.end(),
                    input.spec.source.where() << ": '" << name << "' is a field and a parameter or coordinate too");
      variables_.push_back(name);
    }
  }

  const std::vector<FieldSpec>& fields() const { return fields_; }

  std::vector<std::string> component_names() const {
    std::vector<std::string> names;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      for (int k = 0; k < fields_[f].components; ++k)
        names.push_back(text_.fields[f].is_vector ? fields_[f].name + "_" + "xyz"[k] : fields_[f].name);
    }
    return names;
  }

  ReactingSystem system() const {
    ReactingSystem out;
    const auto names = component_names();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      for (int k = 0; k < fields_[f].components; ++k) out.components.push_back(component(f, k, names));
    }
    std::vector<std::string> velocity = text_.velocity;
    if (text_.carries_itself) velocity.assign(names.begin(), names.begin() + fields_.front().components);
    COTAN_REQUIRE(velocity.empty() || static_cast<int>(velocity.size()) == input_.mesh->dim(),
                  options_["velocity"].where() << ": " << velocity.size() << " formulas, expected one for each of "
                                               << input_.mesh->dim() << " coordinates");
    for (const auto& formula : velocity) out.velocity.push_back(parse(formula, "velocity"));
    return out;
  }

  void check_sides() const {
    std::vector<std::string> known;
    for (const auto& field : fields_) {
      known.push_back(field.name);
      for (const char* word : {"flux", "robin_coefficient", "robin_ambient"}) known.push_back(prefix(field) + word);
    }
    for (const auto& entry : input_.spec.boundary) {
      for (const auto& [name, value] : entry.values) {
        COTAN_REQUIRE(std::count(known.begin(), known.end(), name),
                      entry.source.where() << ": " << unknown_name("condition", name, known));
      }
    }
  }

 private:
  std::string prefix(const FieldSpec& field) const { return field.name + "_"; }

  void check_options() const {
    std::vector<std::string> known = {"source"};
    if (text_.parameters.empty()) known.insert(known.end(), {"fields", "velocity"});
    known.insert(known.end(), text_.parameters.begin(), text_.parameters.end());
    options_.only_keys(known);
    std::vector<std::string> names;
    for (const auto& field : fields_) names.push_back(field.name);
    options_["source"].only_keys(names);
    for (const auto& name : text_.parameters) {
      COTAN_REQUIRE(input_.parameters.contains(name) || options_.has(name),
                    input_.spec.source.where() << ": " << text_.name << " needs " << name
                                               << ": a number under parameters, or a formula under options");
    }
  }

  // With formulas in the place of parameters.
  std::string filled(std::string formula) const {
    for (const auto& name : text_.parameters) {
      if (options_.has(name)) formula = with_word(formula, name, options_[name].text());
    }
    return formula;
  }

  std::string where(const std::string& what) const { return options_.where() + ": " + what; }

  Expression parse(const std::string& formula, const std::string& what) const {
    try {
      return Expression::parse(filled(formula), variables_);
    } catch (const InputError& e) {
      throw InputError(where(what) + ": " + e.what());
    }
  }

  Coefficient steady(const std::string& formula, const std::string& what, double low) const {
    const auto place = case_variables(input_.parameters);
    const std::string text = filled(formula);
    try {
      const Coefficient out(Expression::parse(text, place), input_.parameters, where(what), low);
      COTAN_REQUIRE(!out.depends_on_time(), "'" << text << "' depends on t; expected a steady one");
      return out;
    } catch (const InputError& e) {
      throw InputError(where(what) + ": " + e.what());
    }
  }

  ReactingComponent component(std::size_t f, int k, const std::vector<std::string>& names) const {
    const FieldText& field = text_.fields[f];
    std::size_t number = k;
    for (std::size_t before = 0; before < f; ++before) number += fields_[before].components;
    std::string reaction = field.reaction;
    if (options_["source"].has(field.name)) {
      const Config node = options_["source"][field.name];
      reaction =
          "(" + reaction + ") + (" + parse_expressions(node, fields_[f].components, input_.parameters)[k].text() + ")";
    }
    ReactingComponent out{names[number], steady(field.capacity, "capacity of " + field.name, 1e-300),
                          steady(field.diffusivity, "diffusivity of " + field.name, 0),
                          parse(reaction, "reaction of " + field.name),
                          natural_sides(input_, boundary_, fields_[f], k, prefix(fields_[f]))};
    for (const auto& side : out.sides) {
      COTAN_REQUIRE(!side.robin_coefficient.depends_on_time(),
                    input_.spec.source.where()
                        << ": " << prefix(fields_[f]) << "robin_coefficient depends on t; expected a steady one");
    }
    return out;
  }

  const ProblemInput& input_;
  const SystemText& text_;
  const Boundary& boundary_;
  Config options_;
  std::vector<FieldSpec> fields_;
  std::vector<std::string> variables_;
};

// Fields at the points, from components at the unknowns, and back.
Fields fields_of(const Values& u, const std::vector<FieldSpec>& specs, const Unknowns& unknowns) {
  std::vector<Fields::Entry> entries;
  std::size_t first = 0;
  for (const auto& spec : specs) {
    const auto points = static_cast<std::int64_t>(unknowns.of_point.size());
    const at::Tensor values = at::empty({points, spec.components}, at::kDouble);
    double* out = values.data_ptr<double>();
    for (std::int64_t p = 0; p < points; ++p) {
      for (int k = 0; k < spec.components; ++k) *out++ = u[first + k][unknowns.of_point[p]];
    }
    first += spec.components;
    entries.push_back({spec.name, spec.on, values});
  }
  return Fields(std::move(entries));
}

Values values_of(const Fields& fields, const std::vector<FieldSpec>& specs, const Unknowns& unknowns) {
  Values u;
  for (const auto& spec : specs) {
    const at::Tensor there = fields[spec.name];
    check_shape({there.sizes().data(), there.sizes().size()},
                {static_cast<std::int64_t>(unknowns.of_point.size()), spec.components}, spec.name);
    const at::Tensor values = there.to(at::kCPU, at::kDouble).contiguous();
    const double* in = values.data_ptr<double>();
    for (int k = 0; k < spec.components; ++k) {
      std::vector<double> component;
      for (const Index p : unknowns.point) component.push_back(in[std::size_t(p) * spec.components + k]);
      u.push_back(std::move(component));
    }
  }
  return u;
}

System make_system(std::shared_ptr<ReactionDiffusion> solver, std::vector<FieldSpec> specs) {
  System system;
  system.lift = [solver, specs](std::span<const Frame> first) {
    Values u = values_of(first.back().fields, specs, solver->unknowns());
    solver->impose(first.back().t, u);
    return fields_of(u, specs, solver->unknowns());
  };
  system.step = [solver, specs](double t, double dt, const State& state) {
    Values u = values_of(state, specs, solver->unknowns());
    solver->step(t, dt, u);
    return fields_of(u, specs, solver->unknowns());
  };
  system.view = [](const State& state) { return state; };
  return system;
}

// As other integrators take it; implicit ones are preconditioned by what is stiff.
RatedProblem make_rated(const std::shared_ptr<ReactionDiffusion>& solver, const std::vector<FieldSpec>& specs,
                        double step) {
  const double difference = 1e-4 * step;
  const auto part = [=](bool stiff, bool rest) {
    return [=](double t, const State& u) {
      return State(fields_of(solver->slope(t, values_of(u, specs, solver->unknowns()), stiff, rest, difference), specs,
                             solver->unknowns()));
    };
  };
  RatedProblem out;
  out.rate.whole.f = part(true, true);
  out.rate.whole.shifted_inverse = [=](double t, const State&, double gamma) -> StateMap {
    return [=, inverse = solver->shifted_inverse(t, gamma)](const State& b) {  // with the solver, which it leans on
      return State(fields_of(inverse(values_of(b, specs, solver->unknowns())), specs, solver->unknowns()));
    };
  };
  RatePart stiff{part(true, false)};
  stiff.shifted_inverse = out.rate.whole.shifted_inverse;
  out.rate.stiff = stiff;
  out.rate.mild = part(false, true);
  std::size_t first = 0;
  for (const auto& spec : specs) {
    Values fixed;
    for (int k = 0; k < spec.components; ++k)
      fixed.emplace_back(solver->fixed(first + k).begin(), solver->fixed(first + k).end());
    first += spec.components;
    const at::Tensor mask = fields_of(fixed, {spec}, solver->unknowns())[spec.name] != 0;
    if (!mask.any().item<bool>()) continue;
    out.prescribed.add(spec.name, mask, [=](double t) {
      Values u(solver->num_components(), std::vector<double>(solver->unknowns().size(), 0.0));
      solver->impose(t, u);
      return fields_of(u, specs, solver->unknowns())[spec.name];
    });
  }
  return out;
}

// Prescriptions, their components counted through all fields.
std::vector<Prescription> through_all(std::vector<Prescription> given, const std::vector<FieldSpec>& specs) {
  for (auto& one : given) {
    for (const auto& spec : specs) {
      if (spec.name == one.field) break;
      one.component += spec.components;
    }
  }
  return given;
}

double least_diffusivity(const Mesh& mesh, const ReactingSystem& system) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<double> values;
  for (const auto& component : system.components) {
    component.diffusivity.at(mesh.points(), mesh.dim(), 0, values);
    least = std::min(least, *std::min_element(values.begin(), values.end()));
  }
  return least;
}

// What convection is to the mesh and to the step at the start.
void note_convection(const ProblemInput& input, const ReactionDiffusion& solver, const Values& u, double diffusivity,
                     std::vector<std::string>& notes) {
  if (!solver.convection()) return;
  const auto most = solver.convection()->largest(solver.velocity(0, u));
  std::ostringstream note;
  note.precision(3);
  note << "at the start the largest element Peclet number is " << most.speed_length / (2 * diffusivity)
       << " (nothing is upwinded: fronts ring above 1)";
  if (input.spec.step > 0) {
    note << " and the Courant number " << input.spec.step * most.speed_over_length << " (explicit: keep it below "
         << kMostCourant << ")";
  }
  notes.push_back(note.str());
}

}  // namespace

ProblemSetup set_up_system(const ProblemInput& input, const SystemText& text) {
  const Mesh& mesh = *input.mesh;
  require_linear_cells(mesh, text.name);
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  const Reader reader(input, text, boundary);
  reader.check_sides();
  ReactingSystem system = reader.system();
  const double diffusivity = least_diffusivity(mesh, system);
  ProblemSetup setup;
  setup.fields = reader.fields();
  setup.roles = boundary.roles;
  note_free_sides(boundary, "no flux", setup.notes);
  const auto fixed = prescriptions(boundary, setup.fields, input.parameters);
  setup.prescribed = prescribed_masks(fixed, setup.fields, mesh.num_points());
  auto solver = std::make_shared<ReactionDiffusion>(input.mesh, std::move(system), through_all(fixed, setup.fields),
                                                    input.parameters, boundary.periodic);
  std::vector<std::string> names;
  for (const auto& field : setup.fields) names.push_back(field.name);
  input.spec.initial.only_keys(names);
  Values u;
  for (const auto& field : setup.fields) {
    if (!input.spec.initial.has(field.name))
      setup.notes.push_back("no initial value of " + field.name + ": it starts from 0");
    const auto start =
        initial_values(input.spec.initial[field.name], field, mesh, input.parameters, input.seed, input.draw);
    for (int k = 0; k < field.components; ++k) {
      u.emplace_back();
      for (const Index p : solver->unknowns().point) u.back().push_back(start[std::size_t(p) * field.components + k]);
    }
  }
  solver->impose(0, u);
  solver->check_formulas(0, u);
  note_convection(input, *solver, u, diffusivity, setup.notes);
  setup.initial = {0, fields_of(u, setup.fields, solver->unknowns())};
  setup.system = make_system(solver, setup.fields);
  setup.rated = [solver, specs = setup.fields, step = input.spec.step] { return make_rated(solver, specs, step); };
  return setup;
}

}  // namespace cotan

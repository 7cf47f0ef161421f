#include "apps/facts.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "apps/case_mesh.h"
#include "apps/cli.h"
#include "apps/strict.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "gnn/checkpoint.h"
#include "io/displacement.h"
#include "io/mesh_io.h"
#include "io/msh.h"
#include "io/safetensors.h"
#include "mesh/case.h"

namespace cotan {
namespace {

// Extrema of a field, window by window.
class FieldFacts {
 public:
  explicit FieldFacts(FieldSpec spec) : spec_(std::move(spec)) {}
  void add(std::span<const double> values) {
    for (const double x : values) {
      if (!std::isfinite(x)) {
        ++non_finite_;
        continue;
      }
      min_ = std::min(min_, x);
      max_ = std::max(max_, x);
    }
  }
  Facts facts() const {
    Facts f = {
        {"name", spec_.name}, {"components", spec_.components}, {"on", to_string(spec_.on)}, {"unit", spec_.unit}};
    const bool any = min_ <= max_;
    f["min"] = any ? Facts(min_) : Facts();
    f["max"] = any ? Facts(max_) : Facts();
    f["non_finite"] = non_finite_;
    return f;
  }

 private:
  FieldSpec spec_;
  double min_ = std::numeric_limits<double>::infinity(), max_ = -min_;
  std::int64_t non_finite_ = 0;
};

void add_sets(Facts& sets, const Mesh& mesh, const auto& of_kind, const char* on) {
  for (const auto& [name, members] : of_kind) {
    const std::string key = sets.contains(name) ? name + " (" + on + ")" : name;  // one name may stand for two kinds
    sets[key] = {{"size", members.size()}, {"on", on}};
    if (const auto number = mesh.data().numbers.find(name); number != mesh.data().numbers.end()) {
      sets[key]["number"] = number->second;
    }
  }
}

Facts with_kind(const char* kind, const Mesh& mesh) {
  Facts facts = {{"kind", kind}};
  facts.update(facts_of(mesh));
  return facts;
}

// The keys that every kind has, empty where it has none of them.
void complete(Facts& facts) {
  const Facts otherwise = {{"dim", nullptr},          {"points", nullptr},       {"cells", Facts::object()},
                           {"sets", Facts::object()}, {"trajectories", 0},       {"steps", 0},
                           {"times", nullptr},        {"fields", Facts::array()}};
  for (const auto& [key, value] : otherwise.items()) {
    if (!facts.contains(key)) facts[key] = value;
  }
}

Facts mesh_file_facts(const std::filesystem::path& path, bool in_plane, bool strict) {
  std::vector<std::string> notes;
  const Snapshot snapshot = in_plane ? read_in_plane(path, &notes) : read_snapshot(path, &notes);
  if (strict) require_as_it_stands(path.string(), snapshot.mesh, notes);
  Facts facts = with_kind("mesh", snapshot.mesh);
  const auto odd = oddities(snapshot.mesh);
  notes.insert(notes.end(), odd.begin(), odd.end());
  for (const auto& field : snapshot.fields) {
    FieldFacts of_field(field.spec);
    of_field.add(field.values);
    facts["fields"].push_back(of_field.facts());
  }
  if (lower_extension(path) == ".msh") {
    for (const auto& sides : read_msh(path).periodic)
      facts["periodic"].push_back({{"from", sides.from}, {"to", sides.to}, {"shift", sides.shift}});
  }
  if (!notes.empty()) facts["notes"] = notes;
  return facts;
}

void add_values(const Trajectory& trajectory, std::size_t field, FieldFacts& facts) {
  constexpr std::size_t kWindow = 16;  // frames at a time
  const ArchiveField& f = trajectory.fields()[field];
  const std::size_t frames = f.is_static ? 1 : trajectory.times().size();
  for (std::size_t k = 0; k < frames; k += kWindow) {
    facts.add(as_doubles(trajectory.read(f.spec.name, k, std::min(frames, k + kWindow))));
  }
}

std::vector<std::string> field_names(const Trajectory& trajectory) {
  std::vector<std::string> names;
  for (const auto& field : trajectory.fields()) names.push_back(field.spec.name);
  return names;
}

Facts archive_facts(const std::filesystem::path& path, const ArchiveOptions& options, bool strict) {
  const auto archive = with_displacement(open_archive(path, options));
  COTAN_REQUIRE(archive->size() > 0, path.string() << ": an archive without trajectories");
  const auto first = archive->open(0);
  Facts facts = with_kind("archive", first->mesh());
  if (strict) require_as_it_stands(path.string(), first->mesh(), first->notes());
  std::vector<FieldFacts> fields;
  for (const auto& field : first->fields()) fields.emplace_back(field.spec);
  std::size_t frames = 0;
  for (std::size_t i = 0; i < archive->size(); ++i) {
    const auto trajectory = i == 0 ? nullptr : archive->open(i);
    const Trajectory& t = trajectory ? *trajectory : *first;
    frames += t.times().size();
    COTAN_REQUIRE(field_names(t) == field_names(*first), t.name() << ": has the fields " << join(field_names(t))
                                                                  << ", and the first trajectory "
                                                                  << join(field_names(*first)));
    for (std::size_t k = 0; k < fields.size(); ++k) add_values(t, k, fields[k]);
  }
  facts["trajectories"] = archive->size();
  facts["steps"] = first->times().size();
  facts["frames"] = frames;
  facts["times"] = {{"first", first->times().front()}, {"last", first->times().back()}};
  for (const auto& field : fields) facts["fields"].push_back(field.facts());
  facts["parameters"] = first->parameters();
  for (const Role role : first->roles()) {
    auto& count = facts["roles"][std::string(to_string(role))];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  for (const auto& [name, numbers] : archive->splits()) facts["splits"][name] = numbers.size();
  if (const auto notes = first->notes(); !notes.empty()) facts["notes"] = notes;
  return facts;
}

// [low, high]; what is no range by its name.
Facts facts_of(const ParameterRange& range) {
  if (range.kind == ParameterRange::Kind::normal) return {{"normal", {range.low, range.high}}};
  if (range.kind == ParameterRange::Kind::choice) return {{"choice", range.choices}};
  if (range.kind == ParameterRange::Kind::in_turn) return {{"in_turn", range.choices}};
  return {range.low, range.high};
}

Facts case_facts(const std::filesystem::path& path, const CommonArguments& common) {
  const Case spec = parse_case(load_config(path, common));
  std::vector<std::string> notes;
  const auto mesh = load_case_mesh(spec, {common.seed, 0, draw_parameters(spec, common.seed, 0)}, notes);
  Facts facts = with_kind("case", *mesh);
  facts["problem"] = spec.problem;
  if (spec.step > 0) {
    facts["steps"] = std::llround(spec.end / spec.step);
    facts["times"] = {{"first", 0.0}, {"last", spec.end}};
  }
  for (const auto& [name, range] : spec.parameters) facts["parameters"][name] = facts_of(range);
  const Boundary boundary = resolve_boundary(*mesh, spec.boundary);
  for (const auto& side : boundary.sides) {
    facts["boundary"].push_back({{"selector", side.entry->selector},
                                 {"role", to_string(side.entry->role)},
                                 {"sides", side.facets.size()},
                                 {"points", side.points.size()}});
    if (!side.entry->partner.empty()) facts["boundary"].back()["periodic"] = side.entry->partner;
  }
  facts["sides_without_condition"] = boundary.uncovered.size();
  if (!notes.empty()) facts["notes"] = notes;
  return facts;
}

Facts checkpoint_facts(const std::filesystem::path& path) {
  const Checkpoint checkpoint = unpack_checkpoint(read_safetensors(path), path.string());
  const ModelShape& shape = checkpoint.model->shape();
  Facts facts = {{"kind", "checkpoint"}, {"dim", shape.dim}, {"model", checkpoint.model_name}};
  facts["trained_parameters"] = checkpoint.model->num_parameters();
  facts["dt"] = checkpoint.dt;
  facts["optimiser_steps"] = checkpoint.state.step;
  facts["parameters"] = shape.parameters;
  for (const auto& spec : shape.state) facts["fields"].push_back(FieldFacts(spec).facts());
  for (const auto& spec : shape.inputs) facts["inputs"].push_back(FieldFacts(spec).facts());
  return facts;
}

}  // namespace

Facts facts_of(const Mesh& mesh) {
  std::map<std::string, Index> cells;
  for (const CellType type : mesh.types()) ++cells[std::string(shape(type).name)];
  Facts sets = Facts::object();
  add_sets(sets, mesh, mesh.data().facet_sets, "side");
  add_sets(sets, mesh, mesh.data().cell_sets, "cell");
  add_sets(sets, mesh, mesh.data().point_sets, "point");
  return {{"dim", mesh.dim()}, {"points", mesh.num_points()}, {"cells", cells}, {"sets", sets}};
}

Facts facts_of_file(const std::filesystem::path& path, const ArchiveOptions& options, const CommonArguments& common) {
  require_input(path);
  const std::string extension = lower_extension(path);
  const bool is_yaml = extension == ".yaml" || extension == ".yml";
  const bool is_case = is_yaml && !is_archive(path);  // a YAML file may say what arrays are
  COTAN_REQUIRE(is_case || common.set.empty(), "--set is for a case; " << path.string() << " is none");
  Facts facts = extension == ".safetensors" ? checkpoint_facts(path)
                : is_case                   ? case_facts(path, common)
                : is_archive(path)          ? archive_facts(path, options, common.strict)
                                            : mesh_file_facts(path, options.in_plane, common.strict);
  complete(facts);
  return facts;
}

}  // namespace cotan

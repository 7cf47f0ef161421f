#include "apps/initial_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "apps/case_mesh.h"
#include "apps/fields.h"
#include "apps/onto_mesh.h"
#include "core/check.h"
#include "io/mesh_io.h"
#include "mesh/cell_average.h"

namespace cotan {
namespace {

/// What `from` says: a path, or a map.
struct Source {
  std::filesystem::path file;
  Config time = Config()["none"], fields = Config()["none"];
  std::int64_t trajectory = 0;
  TransferBy by = TransferBy::linear;
};

Source parse_source(const Config& from) {
  Source out;
  if (from.kind() == Config::Kind::scalar) {
    out.file = relative_to(from, from.text());
    return out;
  }
  COTAN_REQUIRE(from.kind() == Config::Kind::map, from.where() << ": expected a file, or a map with file, time, …");
  from.only_keys({"file", "time", "trajectory", "by", "fields"});
  out.file = relative_to(from, from.at("file").text());
  out.time = from["time"];
  out.fields = from["fields"];
  if (from.has("trajectory")) out.trajectory = from["trajectory"].integer();
  if (!from.has("by")) return out;
  const std::string by = from["by"].text();
  COTAN_REQUIRE(
      by == "linear" || by == "nearest",
      from["by"].where() << ": " << unknown_name("transfer", by, std::vector<std::string>{"linear", "nearest"}));
  if (by == "nearest") out.by = TransferBy::nearest;
  return out;
}

/// The number of the frame at the time that is asked for, to round-off; the last one without.
std::size_t frame_at(const Config& time, const std::vector<double>& times) {
  if (time.kind() == Config::Kind::null || time.text() == "last") return times.size() - 1;
  const double wanted = time.number();
  const auto nearest = std::min_element(
      times.begin(), times.end(), [&](double a, double b) { return std::abs(a - wanted) < std::abs(b - wanted); });
  COTAN_REQUIRE(std::abs(*nearest - wanted) <= 1e-6 * std::max(std::abs(wanted), std::abs(times.back())),
                time.where() << ": no frame at t = " << wanted << " s; " << times.size() << " frames from "
                             << times.front() << " to " << times.back() << ", the nearest at " << *nearest);
  return static_cast<std::size_t>(nearest - times.begin());
}

Snapshot read_frame(const Config& from, const Source& source) {
  if (!is_archive(source.file)) {
    COTAN_REQUIRE(source.trajectory == 0, from.where() << ": " << source.file.string() << " is no archive, trajectory "
                                                       << source.trajectory << " asked for");
    std::vector<std::string> notes;
    Snapshot found = read_snapshot(source.file, &notes);
    if (source.time.kind() != Config::Kind::null) frame_at(source.time, {found.time});
    return found;
  }
  const auto archive = open_archive(source.file);
  const auto count = static_cast<std::int64_t>(archive->size());
  COTAN_REQUIRE(source.trajectory >= 0 && source.trajectory < count,
                from.where() << ": trajectory " << source.trajectory << " of " << count << " (they count from 0)");
  const auto trajectory = archive->open(static_cast<std::size_t>(source.trajectory));
  COTAN_REQUIRE(!trajectory->times().empty(), from.where() << ": " << trajectory->name() << " has no frames");
  const std::size_t k = frame_at(source.time, trajectory->times());
  Snapshot out{trajectory->mesh(k), {}, trajectory->times()[k]};
  for (const auto& field : trajectory->fields())
    out.fields.push_back({field.spec, as_doubles(trajectory->read(field.spec.name, k, k + 1))});
  return out;
}

/// `fields: {velocity: U}`: of the file's fields those that are named, under the case's names.
void choose(const Config& fields, Snapshot& frame) {
  if (fields.kind() == Config::Kind::null) return;
  std::vector<std::string> there;
  for (const auto& field : frame.fields) there.push_back(field.spec.name);
  std::vector<HostField> chosen;
  for (const auto& [name, node] : fields.entries()) {
    const auto at = std::find(there.begin(), there.end(), node.text());
    COTAN_REQUIRE(at != there.end(), node.where() << ": " << unknown_name("field", node.text(), there));
    chosen.push_back(frame.fields[std::size_t(at - there.begin())]);
    chosen.back().spec.name = name;
  }
  frame.fields = std::move(chosen);
}

/// The case with the file's fields as if they were 0, so that the problem takes them for given.
Case with_stand_ins(Case spec, const std::vector<HostField>& fields) {
  for (const auto& field : fields) {
    std::string zeros = "[";
    for (int c = 0; c < field.spec.components; ++c) zeros += c == 0 ? "0" : ", 0";
    spec.initial = spec.initial.with(field.spec.name, zeros + "]");
  }
  return spec;
}

/// Given values stand over the file's, as the problem does it with its own start.
void impose_given(const ProblemInput& input, const FieldSpec& field, at::Tensor& values) {
  const Boundary boundary = resolve_boundary(*input.mesh, input.spec.boundary);
  for (const auto& one : prescriptions(boundary, {&field, 1}, input.parameters)) {
    const auto given = evaluate({one.value}, *input.mesh, one.points, 0, input.parameters, one.where);
    for (std::size_t i = 0; i < given.size(); ++i) values[one.points[i]][one.component] = given[i];
  }
}

}  // namespace

InitialFile::InitialFile(const Config& from, const std::shared_ptr<const Mesh>& mesh) : from_(from) {
  const Source source = parse_source(from);
  try {
    Snapshot frame = read_frame(from, source);
    choose(source.fields, frame);
    Snapshot moved = move_onto({mesh, source.by}, frame);
    std::optional<CellAverage> average;
    for (auto& field : moved.fields) {
      if (field.spec.on == On::cells) {
        if (!average) average.emplace(*mesh);
        field.values = average->at_points(field.values, field.spec.components);
        field.spec.on = On::points;
      }
      if (field.spec.on == On::points) fields_.push_back(std::move(field));
    }
  } catch (const InputError& error) {
    const std::string what = error.what(), where = from.where();
    throw InputError(what.starts_with(where) ? what : where + ": " + what);
  }
}

const HostField* InitialFile::find(const FieldSpec& wanted) const {
  for (const auto& field : fields_) {
    if (field.spec.name != wanted.name) continue;
    COTAN_REQUIRE(field.spec.components == wanted.components,
                  from_.where() << ": field '" << wanted.name << "' has " << field.spec.components
                                << " components there, " << wanted.components << " are needed");
    return &field;
  }
  return nullptr;
}

std::vector<std::string> InitialFile::names() const {
  std::vector<std::string> out;
  for (const auto& field : fields_) out.push_back(field.spec.name);
  return out;
}

ProblemSetup make_with_initial_file(ProblemInput input) {
  const Config from = input.spec.initial["from"];
  if (from.kind() == Config::Kind::null) return set_up_problem(input);
  const InitialFile file(from, input.mesh);
  input.spec.initial = input.spec.initial.without("from");
  std::vector<HostField> given;
  std::vector<std::string> wanted;
  for (const FieldSpec& spec : find_problem(input.spec.problem).fields(input.mesh->dim())) {
    wanted.push_back(spec.name);
    if (input.spec.initial.has(spec.name)) continue;
    if (const HostField* field = file.find(spec)) given.push_back(*field);
  }
  COTAN_REQUIRE(!given.empty(), from.where() << ": no field of the problem (" << join(wanted)
                                             << ") that the case does not give is there, which has "
                                             << join(file.names()) << "; `fields: {NAME: THEIRS}` names them");
  input.spec = with_stand_ins(std::move(input.spec), given);
  ProblemSetup setup = set_up_problem(input);
  for (const HostField& field : given) {
    at::Tensor values = tensor_of(field).clone();
    impose_given(input, field.spec, values);
    setup.initial.fields = setup.initial.fields.with(field.spec.name, values);
  }
  return setup;
}

}  // namespace cotan

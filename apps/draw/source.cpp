#include "apps/draw/source.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "core/check.h"
#include "core/log.h"
#include "io/mesh_io.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

constexpr std::string_view kReference = "_reference", kError = "_error";  // as `cotan rollout` names them

std::vector<std::string> names_of(const std::vector<FieldSpec>& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  return names;
}

bool is_drawn(const FieldSpec& spec) {
  return spec.on == On::points || spec.on == On::cells;
}

const FieldSpec& find_field(const std::vector<FieldSpec>& specs, const std::string& name) {
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == name; });
  COTAN_REQUIRE(found != specs.end(), unknown_name("field", name, names_of(specs)));
  return *found;
}

// -1: the length.
int component_number(const std::string& word) {
  if (word.empty() || word == "length") return -1;
  constexpr std::string_view axes = "xyz";
  if (word.size() == 1 && axes.find(word[0]) != axes.npos) return int(axes.find(word[0]));
  const bool digits =
      word.size() < 4 && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  COTAN_REQUIRE(digits, "--component " << word << ": expected x, y, z, a number from 0, or length");
  return std::stoi(word);
}

std::vector<std::string> wanted_names(const std::vector<FieldSpec>& specs, const std::string& list) {
  std::vector<std::string> names;
  if (!list.empty()) {
    std::istringstream words(list);
    for (std::string word; std::getline(words, word, ',');) names.push_back(find_field(specs, word).name);
    return names;
  }
  std::set<std::string> known;
  for (const auto& spec : specs) known.insert(spec.name);
  const auto goes_with_another = [&](const std::string& name, std::string_view ending) {
    return name.ends_with(ending) && known.count(name.substr(0, name.size() - ending.size()));
  };
  for (const auto& spec : specs) {
    const bool drawn = is_drawn(spec) && spec.name != "role" && !goes_with_another(spec.name, kReference) &&
                       !goes_with_another(spec.name, kError);
    if (drawn) names.push_back(spec.name);
  }
  return names;
}

}  // namespace

RenderSource::RenderSource(const RenderOptions& options) {
  if (is_archive(options.input)) {
    ArchiveOptions of;
    of.split = options.split;
    const auto archive = open_archive(options.input, of);
    COTAN_REQUIRE(
        options.trajectory < static_cast<std::int64_t>(archive->size()),
        "--trajectory " << options.trajectory << ": the archive has " << archive->size() << ", numbered from 0");
    trajectory_ = archive->open(std::size_t(options.trajectory));
    times_ = trajectory_->times();
    COTAN_REQUIRE(!times_.empty(), options.input << ": no times in it");
    if (trajectory_->has_static_mesh()) mesh_ = std::make_shared<const Mesh>(trajectory_->mesh());
    return;
  }
  std::vector<std::string> notes;
  Snapshot snapshot = read_snapshot(options.input, &notes);
  for (const auto& note : notes) log_warning(note);
  mesh_ = std::make_shared<const Mesh>(std::move(snapshot.mesh));
  fields_ = std::move(snapshot.fields);
  times_ = {snapshot.time};
  is_bare_ = std::none_of(fields_.begin(), fields_.end(), [](const auto& f) { return is_drawn(f.spec); });
  if (!is_bare_) return;
  log_info(options.input + ": no field in it: cells are coloured by their shape (1: regular, 0: flat)");
  fields_ = {{{"shape", 1, On::cells, ""}, cell_shapes(*mesh_)}};
}

std::vector<FieldSpec> RenderSource::fields() const {
  std::vector<FieldSpec> specs;
  if (trajectory_) {
    for (const auto& field : trajectory_->fields()) specs.push_back(field.spec);
  } else {
    for (const auto& field : fields_) specs.push_back(field.spec);
  }
  return specs;
}

HostField RenderSource::values(const std::string& field, std::size_t k) const {
  const auto specs = fields();
  const FieldSpec& spec = find_field(specs, field);
  if (trajectory_) return {spec, as_doubles(trajectory_->read(field, k, k + 1))};
  return *std::find_if(fields_.begin(), fields_.end(), [&](const auto& f) { return f.spec.name == field; });
}

std::shared_ptr<const Mesh> RenderSource::mesh(std::size_t k) const {
  return mesh_ ? mesh_ : std::make_shared<const Mesh>(trajectory_->mesh(k));
}

std::string RenderedField::title(bool error) const {
  constexpr std::string_view axes = "xyz";
  std::string words = error ? "error of " + name : name;
  if (is_length) words += " (length)";
  if (component >= 0) words += component < 3 ? std::string(" ") + axes[component] : " " + std::to_string(component);
  return unit.empty() ? words : words + " [" + unit + "]";
}

std::vector<RenderedField> rendered_fields(const RenderSource& source, const RenderOptions& options) {
  const auto specs = source.fields();
  const int component = component_number(options.component);
  std::vector<RenderedField> out;
  bool has_component = component < 0;
  for (const auto& name : wanted_names(specs, options.fields)) {
    const FieldSpec& spec = find_field(specs, name);
    COTAN_REQUIRE(is_drawn(spec), "field '" << name << "': one value for the whole, nothing to draw");
    RenderedField field{name,
                        spec.unit,
                        spec.components == 1 ? -1 : component,
                        spec.components > 1 && component < 0,
                        {{name, "", false}}};
    has_component = has_component || component < spec.components;
    COTAN_REQUIRE(field.component < spec.components,
                  "--component " << options.component << ": " << name << " has " << spec.components);
    const auto names = names_of(specs);
    for (const auto ending : {kReference, kError}) {
      const std::string other = name + std::string(ending);
      if (!std::count(names.begin(), names.end(), other)) continue;
      field.kinds[0].label = "prediction";
      field.kinds.push_back({other, std::string(ending.substr(1)), ending == kError});
    }
    out.push_back(std::move(field));
  }
  COTAN_REQUIRE(!out.empty(), options.input << ": no field on points or cells to draw");
  COTAN_REQUIRE(has_component, "--component " << options.component << ": no field has it");
  return out;
}

HostField shown_values(const RenderSource& source, const RenderedField& field, const RenderedField::Kind& kind,
                       std::size_t k) {
  HostField all = source.values(kind.field, k);
  const int components = all.spec.components;
  if (components == 1) return all;
  HostField one{{kind.field, 1, all.spec.on, all.spec.unit}, {}};
  for (auto row = all.values.begin(); row != all.values.end(); row += components) {
    double squares = 0;
    for (int c = 0; c < components; ++c) squares += row[c] * row[c];
    one.values.push_back(field.component >= 0 ? row[field.component] : std::sqrt(squares));
  }
  return one;
}

}  // namespace cotan

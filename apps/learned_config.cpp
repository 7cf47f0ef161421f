#include "apps/learned_config.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"
#include "integrators/methods.h"

namespace cotan {
namespace {

std::vector<std::string> texts(const Config& node) {
  if (node.kind() == Config::Kind::scalar) return {node.text()};
  COTAN_REQUIRE(node.kind() == Config::Kind::list, node.where() << ": expected a name or a list of names");
  std::vector<std::string> words;
  for (const auto& item : node.items()) words.push_back(item.text());
  return words;
}

// velocity: {from: f_13288, components: [0, 1], unit: m/s, use: state}; without `components` all of them
void parse_field(const std::string& name, const Config& node, LearnedConfig& config) {
  SelectedField field;
  field.spec.name = field.from = name;
  bool input = false;
  if (node.kind() != Config::Kind::null) {
    node.only_keys({"from", "components", "unit", "use", "order", "sees", "position", "noise", "vector"});
    if (node.has("from")) field.from = node["from"].text();
    field.has_unit = node.has("unit");
    if (field.has_unit) field.spec.unit = node["unit"].text();
    if (node.has("components")) {
      const Config components = node["components"];
      COTAN_REQUIRE(components.kind() == Config::Kind::list && !components.items().empty(),
                    components.where() << ": expected a list of component numbers, such as [0, 1]");
      field.components.clear();
      for (const auto& item : components.items()) {
        COTAN_REQUIRE(item.integer() >= 0, item.where()
                                               << ": " << item.text() << " is out of range (component; at least 0)");
        field.components.push_back(static_cast<int>(item.integer()));
      }
    }
    const std::string use = node.has("use") ? node["use"].text() : "state";
    const std::vector<std::string> uses = {"state", "input"};
    COTAN_REQUIRE(use == uses[0] || use == uses[1], node["use"].where() << ": " << unknown_name("use", use, uses));
    input = use == "input";
    for (const char* key : {"order", "sees", "position", "noise"}) {
      COTAN_REQUIRE(!input || !node.has(key), node[key].where() << ": is for state fields, not for inputs");
    }
    field.learned = read_field_use(node);
    if (node.has("vector")) field.is_vector = node["vector"].boolean();
    if (node.has("noise")) {
      field.noise = node["noise"].number();
      COTAN_REQUIRE(field.noise >= 0, node["noise"].where() << ": " << field.noise << " is out of range (at least 0)");
    }
  }
  field.spec.components = static_cast<int>(field.components.size());  // 0 until the archive says
  (input ? config.inputs : config.state).push_back(std::move(field));
}

std::map<std::string, std::vector<Role>> parse_prescribed(const Config& node, const LearnedConfig& config) {
  std::map<std::string, std::vector<Role>> prescribed;
  std::vector<std::string> names;
  for (const auto& field : config.state) names.push_back(field.spec.name);
  for (const auto& [name, roles] : node.entries()) {
    COTAN_REQUIRE(std::find(names.begin(), names.end(), name) != names.end(),
                  roles.where() << ": " << unknown_name("state field", name, names));
    for (const auto& role : texts(roles)) {
      try {
        prescribed[name].push_back(role_from(role));
      } catch (const InputError& e) {
        throw InputError(roles.where() + ": " + e.what());
      }
    }
  }
  return prescribed;
}

SplitRule parse_split(const Config& node) {
  SplitRule rule;
  rule.given = true;
  node.only_keys({"by", "validation", "test"});
  if (node.has("by")) {
    const std::vector<std::string> ways = {"trajectory", "time"};
    const std::string by = node["by"].text();
    COTAN_REQUIRE(by == ways[0] || by == ways[1], node["by"].where() << ": " << unknown_name("split", by, ways));
    rule.by_time = by == "time";
  }
  for (auto [key, value] : {std::pair{"validation", &rule.validation}, {"test", &rule.test}}) {
    if (!node.has(key)) continue;
    *value = node[key].number();
    COTAN_REQUIRE(*value >= 0 && *value < 1,
                  node[key].where() << ": " << *value << " is out of range (a fraction; at least 0, below 1)");
  }
  COTAN_REQUIRE(rule.validation + rule.test < 1, node.where() << ": validation and test leave nothing to train on");
  return rule;
}

TrainOptions parse_train(const Config& node) {
  const auto train = read_options<TrainOptions>(node);
  COTAN_REQUIRE(train.final_rate <= train.learning_rate,
                (node.has("learning_rate") ? node["learning_rate"] : node["final_rate"]).where()
                    << ": learning_rate " << train.learning_rate << " is below final_rate " << train.final_rate
                    << (node.has("final_rate") ? "" : " (the default)")
                    << ", and the rate falls from one to the other");
  return train;
}

// A method for a network's rate, one that asks for nothing but slopes: heun, or {method: heun, substeps: 2}, or
// {method: tsitouras, relative: 1e-4, absolute: 1e-6} for steps that keep to these tolerances.
Stepping parse_integrator(const Config& node) {
  const bool is_map = node.kind() == Config::Kind::map;
  const Config name = is_map ? node.at("method") : node;
  std::vector<std::string> names;
  Stepping stepping;
  for (const auto& method : methods()) {
    if (method.family != Family::explicit_stages && method.family != Family::implicit) continue;
    if (method.name == name.text()) stepping.method = method.integrator;
    names.emplace_back(method.name);
  }
  COTAN_REQUIRE(stepping.method, name.where() << ": " << unknown_name("integrator", name.text(), names));
  if (!is_map) return stepping;
  if (node.has("substeps")) {
    stepping.substeps = node["substeps"].integer();
    COTAN_REQUIRE(stepping.substeps >= 1, node["substeps"].where()
                                              << ": " << stepping.substeps << " is out of range (at least 1)");
  }
  const Config tolerances = node.without("method").without("substeps");
  if (tolerances.entries().empty()) return stepping;
  stepping.tolerances = read_options<SolveOptions>(tolerances);
  COTAN_REQUIRE(stepping.method->estimates_error() && stepping.substeps == 1,
                node.where() << ": tolerances need a method that estimates its error, and no substeps");
  return stepping;
}

// Every scalar under its key path.
void flatten(const Config& node, std::map<std::string, std::string>& out) {
  if (node.kind() == Config::Kind::map && !node.entries().empty()) {
    for (const auto& entry : node.entries()) flatten(entry.second, out);
  } else if (node.kind() == Config::Kind::list && !node.items().empty()) {
    for (const auto& item : node.items()) flatten(item, out);
  } else {
    out[node.key_path()] = node.kind() == Config::Kind::scalar ? node.text() : node.to_yaml();
  }
}

// What a configuration says of the numbers, defaults of `train` included.
std::map<std::string, std::string> numbers_of(const Config& config) {
  std::map<std::string, std::string> keys;
  flatten(config.without("archive").without("start_from").without("train"), keys);
  const auto train = Config::parse_text(echo_options(read_options<TrainOptions>(config["train"])));
  for (const auto& [key, value] : train.entries()) keys["train." + key] = value.text();
  for (const char* free : {"train.minutes", "train.patience", "train.validate_every", "train.checkpoint_every"})
    keys.erase(free);
  return keys;
}

// `path` as a YAML word, relative to `folder`. Links are followed: `..` after one means another folder to the system
// than it does in the text.
std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path));
  const fs::path relative = whole.lexically_relative(fs::weakly_canonical(fs::absolute(folder)));
  return yaml_word((relative.empty() ? whole : relative).string());
}

}  // namespace

std::optional<std::string> resume_conflict(const Config& before, const Config& now) {
  const auto old = numbers_of(before), found = numbers_of(now);
  const auto value = [](const auto& keys, const std::string& key) {
    const auto entry = keys.find(key);
    return entry == keys.end() ? std::string("absent") : entry->second;
  };
  for (const auto* keys : {&old, &found}) {
    for (const auto& entry : *keys) {
      const std::string then = value(old, entry.first), today = value(found, entry.first);
      if (then != today) return entry.first + " was " + then + " and is " + today + " now";
    }
  }
  return std::nullopt;
}

LearnedConfig parse_learned_config(const Config& config, const std::filesystem::path& folder) {
  config.only_keys({"archive", "archive_split", "archive_plane", "dt", "stride", "fields", "parameters", "boundary",
                    "prescribed", "split", "model", "integrator", "start_from", "train", "seed", "precision",
                    "symmetry", "validation_rollouts"});
  LearnedConfig out;
  out.source = config;
  if (config.at("archive").kind() == Config::Kind::map) {
    out.archive.push_back(config.file());  // the file itself says what the arrays are
  } else {
    for (const auto& path : texts(config.at("archive"))) out.archive.push_back(folder / path);
  }
  COTAN_REQUIRE(!out.archive.empty(), config["archive"].where()
                                          << ": an empty list; expected a path or a list of paths");
  if (config.has("archive_split")) out.archive_split = config["archive_split"].text();
  if (config.has("archive_plane")) out.archive_plane = config["archive_plane"].boolean();
  if (config.has("dt")) {
    out.dt = config["dt"].number();
    COTAN_REQUIRE(out.dt > 0, config["dt"].where()
                                  << ": " << out.dt << " is out of range (time between frames [s]; above 0)");
  }
  if (config.has("stride")) {
    out.stride = config["stride"].integer();
    COTAN_REQUIRE(out.stride >= 1, config["stride"].where()
                                       << ": " << out.stride << " is out of range (frames; at least 1)");
  }
  for (const auto& [name, node] : config.at("fields").entries()) parse_field(name, node, out);
  COTAN_REQUIRE(!out.state.empty(), config["fields"].where() << ": no field is state: nothing would be learned");
  if (config.has("parameters")) out.parameters = texts(config["parameters"]);
  out.boundary = parse_boundary(config["boundary"]);
  if (config.has("prescribed")) out.prescribed = parse_prescribed(config["prescribed"], out);
  if (config.has("split")) out.split = parse_split(config["split"]);
  out.model = config.at("model");
  if (config.has("start_from")) out.start_from = folder / config["start_from"].text();
  if (config.has("train")) out.train = parse_train(config["train"]);
  if (config.has("integrator")) out.train.stepping = parse_integrator(config["integrator"]);
  for (const auto& field : out.state) out.train.field_noise.push_back(field.noise);
  if (config.has("precision")) out.precision = config["precision"].text();
  const std::vector<std::string> precisions = {"float32", "float64"};
  COTAN_REQUIRE(out.precision == precisions[0] || out.precision == precisions[1],
                config["precision"].where() << ": " << unknown_name("precision", out.precision, precisions));
  if (config.has("symmetry")) {
    out.symmetry = config["symmetry"].text();
    COTAN_REQUIRE(std::find(kMirrors.begin(), kMirrors.end(), out.symmetry) != kMirrors.end(),
                  config["symmetry"].where() << ": " << unknown_name("symmetry", out.symmetry, kMirrors));
  }
  if (config.has("validation_rollouts")) {
    out.validation_rollouts = config["validation_rollouts"].integer();
    COTAN_REQUIRE(out.validation_rollouts >= 0, config["validation_rollouts"].where()
                                                    << ": " << out.validation_rollouts
                                                    << " is out of range (at least 0)");
  }
  return out;
}

void set_components(LearnedConfig& config, const std::function<FieldSpec(const SelectedField&)>& find) {
  for (auto* fields : {&config.state, &config.inputs}) {
    for (auto& field : *fields) {
      const FieldSpec found = find(field);
      if (!field.has_unit) field.spec.unit = found.unit;
      if (!field.components.empty()) continue;
      field.spec.components = found.components;
      field.components.resize(field.spec.components);
      std::iota(field.components.begin(), field.components.end(), 0);
    }
  }
}

std::string echo_for(const LearnedConfig& config, const std::filesystem::path& run, std::uint64_t seed) {
  std::string list;
  for (const auto& path : config.archive) list += (list.empty() ? "" : ", ") + path_from(run, path);
  Config echo = config.source.with("archive", "[" + list + "]").with("seed", std::to_string(seed));
  if (!config.start_from.empty()) echo = echo.with("start_from", path_from(run, config.start_from));
  return echo.to_yaml();
}

namespace {

// Which of the fields a mirror or a turn takes for vectors.
std::vector<bool> vectors_among(const std::vector<SelectedField>& fields, int dim) {
  std::vector<bool> out;
  for (const auto& field : fields)
    out.push_back(field.is_vector.value_or(field.spec.components == dim || field.learned.is_position));
  return out;
}

std::vector<FieldSpec> specs_of(const std::vector<SelectedField>& fields) {
  std::vector<FieldSpec> out;
  for (const auto& field : fields) out.push_back(field.spec);
  return out;
}

// \param name of kMirrors \param key where it stands
Mirror mirror_along(const LearnedConfig& config, const std::string& name, const Config& key, int dim) {
  Mirror mirror;
  const auto axis = std::find(kMirrors.begin(), kMirrors.end(), name) - kMirrors.begin() - 1;
  if (axis < 0) return mirror;
  COTAN_REQUIRE(axis < dim, key.where() << ": " << name << " is not an axis of a mesh in " << dim << " dimensions");
  mirror.axis = static_cast<int>(axis);
  mirror.state = mirror_signs(specs_of(config.state), vectors_among(config.state, dim), mirror.axis);
  mirror.inputs = mirror_signs(specs_of(config.inputs), vectors_among(config.inputs, dim), mirror.axis);
  return mirror;
}

}  // namespace

Mirror mirror_of(const LearnedConfig& config, int dim) {
  return mirror_along(config, config.train.mirror, config.source["train"]["mirror"], dim);
}

Mirror symmetry_of(const LearnedConfig& config, int dim) {
  return mirror_along(config, config.symmetry, config.source["symmetry"], dim);
}

Turn turn_of(const LearnedConfig& config, int dim) {
  Turn turn;
  if (config.train.turn == 0) return turn;
  COTAN_REQUIRE(dim >= 2, config.source["train"]["turn"].where() << ": a mesh in one dimension cannot be turned");
  turn.degrees = config.train.turn;
  turn.state = vector_columns(specs_of(config.state), vectors_among(config.state, dim));
  turn.inputs = vector_columns(specs_of(config.inputs), vectors_among(config.inputs, dim));
  return turn;
}

ModelShape model_shape(const LearnedConfig& config, int dim) {
  ModelShape shape;
  for (const auto& field : config.state) {
    shape.state.push_back(field.spec);
    shape.uses.push_back(field.learned);
  }
  for (const auto& field : config.inputs) shape.inputs.push_back(field.spec);
  shape.parameters = config.parameters;
  shape.dim = dim;
  return shape;
}

std::vector<std::string> edge_sets_of(const LearnedConfig& config) {
  return edge_sets_of(config.model.at("name").text(), config.model.without("name"));
}

std::unique_ptr<Model> make_model(const LearnedConfig& config, int dim, std::uint64_t seed) {
  const std::string name = config.model.at("name").text();
  return make_model(name, config.model.without("name"), model_shape(config, dim), seed);
}

}  // namespace cotan

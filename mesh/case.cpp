#include "mesh/case.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/check.h"

namespace cotan {
namespace {

const std::vector<std::string> kSpace = {"x", "y", "z"};

constexpr double kMostSteps = 1e8;  // of a run: beyond it a key has a slip

// Words of an expression that a parameter may not take.
constexpr std::string_view kTaken[] = {"x", "y", "z", "t", "pi", "e"};

void require_kind(const Config& node, Config::Kind kind, std::string_view expected) {
  COTAN_REQUIRE(node.kind() == kind, node.where() << ": expected " << expected);
}

void require_parameter_name(const std::string& name, const Config& node) {
  const bool is_word =
      !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  COTAN_REQUIRE(is_word, node.where() << ": '" << name << "' is no name (expected letters, digits and _)");
  COTAN_REQUIRE(
      std::find(std::begin(kTaken), std::end(kTaken), name) == std::end(kTaken),
      node.where() << ": the name '" << name << "' is taken: x, y, z, t, pi, e have a meaning in expressions");
}

void parse_time(const Config& node, Case& spec) {
  if (node.kind() == Config::Kind::null) return;
  require_kind(node, Config::Kind::map, "a map with step, end, every");
  node.only_keys({"step", "end", "every", "method"});
  const Config step = node.at("step"), end = node.at("end");
  spec.step = step.number();
  spec.end = end.number();
  COTAN_REQUIRE(spec.step > 0, step.where() << ": " << step.text() << " is out of range (time step [s]; above 0)");
  COTAN_REQUIRE(spec.end >= spec.step, end.where() << ": " << end.text()
                                                   << " is out of range (end time [s]; at least one step of "
                                                   << spec.step << ")");
  COTAN_REQUIRE(spec.end <= kMostSteps * spec.step, end.where() << ": " << end.text() << " is out of range: more than "
                                                                << kMostSteps << " steps of " << spec.step);
  if (!node.has("every")) return;
  const Config every = node["every"];
  const auto count = every.integer();
  COTAN_REQUIRE(count >= 1 && count <= 1'000'000'000,
                every.where() << ": " << every.text() << " is out of range (steps between written frames; at least 1)");
  spec.every = static_cast<int>(count);
}

void parse_output_mesh(const Config& node, Case& spec) {
  spec.output_mesh = node["mesh"];
  if (!node.has("by")) return;
  const std::vector<std::string> ways = {"linear", "nearest"};
  const std::string by = node["by"].text();
  COTAN_REQUIRE(std::count(ways.begin(), ways.end(), by), node["by"].where() << ": " << unknown_name("way", by, ways));
  COTAN_REQUIRE(node.has("mesh"), node["by"].where() << ": by is how values get onto output.mesh, which is not given");
  spec.output_nearest = by == "nearest";
}

void parse_output(const Config& node, Case& spec) {
  node.only_keys({"format", "fields", "mesh", "by"});
  parse_output_mesh(node, spec);
  if (node.has("format")) {
    const std::vector<std::string> formats = {"pvd", "archive"};
    spec.format = node["format"].text();
    COTAN_REQUIRE(std::count(formats.begin(), formats.end(), spec.format),
                  node["format"].where() << ": " << unknown_name("format", spec.format, formats));
  }
  spec.output_fields = node["fields"];
  if (spec.output_fields.kind() == Config::Kind::null) return;
  require_kind(spec.output_fields, Config::Kind::list, "a list of names of fields");
  COTAN_REQUIRE(!spec.output_fields.items().empty(), spec.output_fields.where() << ": no field to write");
}

// A scalar, or a list of scalars, as a list. Null in a list is a component left free.
std::vector<Config> parse_condition(const Config& node) {
  if (node.kind() == Config::Kind::scalar) return {node};
  require_kind(node, Config::Kind::list, "an expression or a list of expressions");
  for (const auto& item : node.items()) {
    COTAN_REQUIRE(item.kind() == Config::Kind::scalar || item.kind() == Config::Kind::null,
                  item.where() << ": expected an expression, or null for a component that is free");
  }
  return node.items();
}

// A role by name, or by its number in the archives.
Role parse_role(const Config& node) {
  const std::string text = node.text();
  if (text.size() == 1 && text[0] >= '0' && text[0] < '0' + kNumRoles) return static_cast<Role>(text[0] - '0');
  try {
    return role_from(text);
  } catch (const InputError& e) {
    throw InputError(node.where() + ": " + e.what());
  }
}

Expression parse_expression(const Config& node, const std::vector<std::string>& variables) {
  try {
    return Expression::parse(node.text(), variables);
  } catch (const InputError& e) {
    throw InputError(node.where() + ": " + e.what());
  }
}

// `periodic: right`. Nothing else can hold on a side that is glued.
void parse_partner(const Config& node, BoundaryEntry& entry) {
  const Config partner = node["periodic"];
  COTAN_REQUIRE(!entry.by_role, node.where() << ": a periodic side is chosen by set or where, not by role_is");
  entry.partner = partner.text();
  entry.role = Role::interior;
  if (entry.by_where) parse_expression(partner, kSpace);
  COTAN_REQUIRE(entry.partner != entry.selector,
                partner.where() << ": '" << entry.partner << "' is glued to itself; expected the side opposite");
  for (const auto& [name, value] : node.entries()) {
    COTAN_REQUIRE(name == "set" || name == "where" || name == "role" || name == "periodic",
                  node.where() << ": " << name << " on a periodic side, which has no condition of its own");
  }
}

// `key` is empty in a list of entries.
BoundaryEntry parse_entry(const std::string& key, const Config& node) {
  require_kind(node, Config::Kind::map, "a map with a role and conditions, such as {role: wall, velocity: [0, 0]}");
  const int selectors = int(node.has("set")) + int(node.has("where")) + int(node.has("role_is"));
  COTAN_REQUIRE(selectors == 1 || (selectors == 0 && !key.empty()),
                node.where() << ": expected one of set, where, role_is; found " << selectors << " of them");
  BoundaryEntry entry;
  entry.source = node;
  entry.selector = key;
  entry.by_where = node.has("where");
  entry.by_role = node.has("role_is");
  if (node.has("set")) entry.selector = node["set"].text();
  if (entry.by_where) {
    entry.selector = node["where"].text();
    parse_expression(node["where"], kSpace);  // reports a bad formula before any mesh is read
  }
  if (entry.by_role) {
    entry.role = parse_role(node["role_is"]);
    entry.selector = std::string(to_string(entry.role));
  }
  if (node.has("periodic")) parse_partner(node, entry);
  if (node.has("role")) entry.role = parse_role(node["role"]);
  for (const auto& [name, value] : node.entries()) {
    if (name != "set" && name != "where" && name != "role_is" && name != "role" && name != "periodic") {
      entry.values[name] = parse_condition(value);
    }
  }
  return entry;
}

}  // namespace

std::vector<BoundaryEntry> parse_boundary(const Config& config) {
  std::vector<BoundaryEntry> entries;
  if (config.kind() == Config::Kind::null) return entries;
  if (config.kind() == Config::Kind::list) {
    for (const auto& item : config.items()) entries.push_back(parse_entry("", item));
    return entries;
  }
  require_kind(config, Config::Kind::map, "a map from set name to entry, or a list of entries");
  for (const auto& [key, node] : config.entries()) entries.push_back(parse_entry(key, node));
  return entries;
}

Case parse_case(const Config& config) {
  require_kind(config, Config::Kind::map, "a case: a map with mesh, problem, parameters, time, initial, boundary");
  config.only_keys({"mesh", "problem", "parameters", "time", "draws", "initial", "boundary", "output", "options"});
  Case spec;
  spec.source = config;
  spec.mesh = config.at("mesh");
  COTAN_REQUIRE(spec.mesh.kind() == Config::Kind::scalar || spec.mesh.kind() == Config::Kind::map,
                spec.mesh.where() << ": expected a file name, or a map such as {gmsh: channel.geo, size: 0.02}");
  if (config.has("problem")) spec.problem = config["problem"].text();
  if (const Config node = config["parameters"]; node.kind() != Config::Kind::null) {
    require_kind(node, Config::Kind::map, "a map from name to number or range");
    for (const auto& [name, value] : node.entries()) {
      require_parameter_name(name, value);
      spec.parameters[name] = parse_parameter(value);
    }
  }
  parse_design(config["draws"], spec);
  parse_time(config["time"], spec);
  const auto map_or_nothing = [&](const char* key, const char* expected) {
    const Config node = config[key];
    if (node.kind() == Config::Kind::null) return Config();
    require_kind(node, Config::Kind::map, expected);
    return node;
  };
  spec.initial = map_or_nothing("initial", "a map from field to expressions");
  spec.boundary = parse_boundary(config["boundary"]);
  parse_output(map_or_nothing("output", "a map with format, fields"), spec);
  spec.options = map_or_nothing("options", "a map with the problem's options");
  return spec;
}

std::vector<std::string> case_variables(const std::map<std::string, double>& parameters) {
  std::vector<std::string> names = {"x", "y", "z", "t"};
  for (const auto& [name, value] : parameters) names.push_back(name);
  return names;
}

std::vector<Expression> parse_expressions(const Config& node, int components,
                                          const std::map<std::string, double>& parameters) {
  return parse_expressions(parse_condition(node), components, parameters, node);
}

std::vector<Expression> parse_expressions(const std::vector<Config>& nodes, int components,
                                          const std::map<std::string, double>& parameters, const Config& where) {
  COTAN_REQUIRE(static_cast<int>(nodes.size()) == components, (nodes.empty() ? where : nodes.front()).where()
                                                                  << ": " << nodes.size() << " expressions found, "
                                                                  << components << " expected");
  const auto variables = case_variables(parameters);
  std::vector<Expression> expressions;
  for (const auto& node : nodes) expressions.push_back(parse_expression(node, variables));
  return expressions;
}

std::vector<double> evaluate(const std::vector<Expression>& expressions, const Mesh& mesh,
                             std::span<const Index> points, double t, const std::map<std::string, double>& parameters,
                             const std::string& where) {
  std::vector<double> variables = {0, 0, 0, t};
  for (const auto& [name, value] : parameters) variables.push_back(value);
  std::vector<double> out;
  out.reserve(points.size() * expressions.size());
  for (const Index p : points) {
    const auto x = mesh.point(p);
    std::copy(x.begin(), x.end(), variables.begin());
    for (const auto& expression : expressions) {
      out.push_back(expression(variables));
      COTAN_REQUIRE(std::isfinite(out.back()), where << ": '" << expression.text() << "' gives " << out.back()
                                                     << " at point " << p << " (" << variables[0] << ", "
                                                     << variables[1] << ", " << variables[2] << "), t = " << t);
    }
  }
  return out;
}

}  // namespace cotan

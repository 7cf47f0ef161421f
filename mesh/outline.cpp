#include "mesh/outline.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/expression.h"
#include "mesh/outline_shapes.h"

namespace cotan {
namespace {

std::function<double(double, double)> parse_background(const Config& node,
                                                       const std::map<std::string, double>& parameters) {
  std::vector<std::string> names = {"x", "y"};
  std::vector<double> values(2);
  for (const auto& [name, value] : parameters) {
    names.push_back(name);
    values.push_back(value);
  }
  try {
    const Expression size = Expression::parse(node.text(), names);
    return [size, values, where = node.where()](double x, double y) mutable {
      values[0] = x;
      values[1] = y;
      const double edge = size(values);
      COTAN_REQUIRE(edge > 0, where << ": '" << size.text() << "' gives an edge of " << edge << " m at (" << x << ", "
                                    << y << "), expected one above 0");
      return edge;
    };
  } catch (const InputError& error) {
    throw InputError(node.where() + ": " + error.what());
  }
}

void parse_sizes(const Config& sizes, const OutlineNumbers& numbers, Outline& outline) {
  if (sizes.kind() == Config::Kind::null) return;
  std::vector<std::string> there = outline.outer.names;
  for (const Loop& hole : outline.holes) there.insert(there.end(), hole.names.begin(), hole.names.end());
  std::sort(there.begin(), there.end());
  there.erase(std::unique(there.begin(), there.end()), there.end());
  for (const auto& [name, node] : sizes.entries()) {
    COTAN_REQUIRE(std::count(there.begin(), there.end(), name), node.where()
                                                                    << ": " << unknown_name("side", name, there));
    outline.sizes[name] = numbers.number(node, "edges at these sides [m]", {0, outline.size, true});
  }
}

void parse_holes(const Config& holes, const OutlineNumbers& numbers, Outline& outline) {
  if (holes.kind() == Config::Kind::null) return;
  COTAN_REQUIRE(holes.kind() == Config::Kind::list, holes.where() << ": expected a list of loops");
  for (const auto& hole : holes.items()) {
    if (hole.kind() != Config::Kind::map || !hole.has("random")) {
      const std::string name = "hole_" + std::to_string(outline.holes.size() + 1);
      outline.holes.push_back(parse_loop(hole, name, outline.boundary_size, numbers));
      continue;
    }
    hole.only_keys({"random"});
    for (Loop& loop : parse_random_holes(hole["random"], outline.outer, outline.holes, outline.boundary_size, numbers))
      outline.holes.push_back(std::move(loop));
  }
}

// Whether a formula or a draw of this node or one below it can differ.
bool varies(const Config& node, const std::vector<std::string>& drawn) {
  switch (node.kind()) {
    case Config::Kind::null:
      return false;
    case Config::Kind::scalar:
      for (const std::string& name : drawn) {
        try {
          if (Expression::parse(node.text(), drawn).uses(name)) return true;
        } catch (const InputError&) {  // a name, or a formula in others
          if (node.text().find(name) != std::string::npos) return true;
        }
      }
      return false;
    case Config::Kind::list:
      return std::any_of(node.items().begin(), node.items().end(),
                         [&](const auto& item) { return varies(item, drawn); });
    case Config::Kind::map:
      break;
  }
  return std::any_of(node.entries().begin(), node.entries().end(), [&](const auto& entry) {
    const bool random = entry.first == "uniform" || entry.first == "random" || entry.first == "random_polygon";
    return random || varies(entry.second, drawn);
  });
}

}  // namespace

Outline parse_outline(const Config& config, const OutlineDraw& draw) {
  COTAN_REQUIRE(config.kind() == Config::Kind::map, config.where() << ": expected a map with outer, holes, size");
  config.only_keys({"outer", "holes", "size", "boundary_size", "sizes", "background", "grading", "min_angle"});
  const OutlineNumbers numbers(config, draw);
  Outline outline;
  outline.size = numbers.number(config.at("size"), "largest edge [m]", above(0));
  outline.boundary_size =
      numbers.number_or(config, "boundary_size", outline.size, "edges at holes [m]", {0, outline.size, true});
  outline.grading = numbers.number_or(config, "grading", outline.grading, "growth of edges with distance", above(0));
  outline.min_angle = numbers.number_or(config, "min_angle", outline.min_angle, "degrees", between(0, kMaxMinAngle));
  outline.outer = parse_loop(config.at("outer"), "outer", outline.size, numbers);
  parse_holes(config["holes"], numbers, outline);
  parse_sizes(config["sizes"], numbers, outline);
  if (config.has("background")) outline.size_at = parse_background(config["background"], draw.parameters);
  return outline;
}

bool outline_varies(const Config& config, const std::vector<std::string>& drawn) {
  return varies(config, drawn);
}

double edge_length_at(const Outline& outline, double distance) {
  const double at_holes = outline.boundary_size > 0 ? outline.boundary_size : outline.size;
  return std::min(outline.size, at_holes + outline.grading * distance);
}

}  // namespace cotan

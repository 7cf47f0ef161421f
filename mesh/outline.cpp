#include "mesh/outline.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/check.h"
#include "core/options.h"

namespace cotan {
namespace {

using Point = std::array<double, 2>;

double number(const Config& node, const char* about, const Range& range) {
  const double value = node.number();
  COTAN_REQUIRE(range.holds(value),
                node.where() << ": " << node.text() << " is out of range (" << about << "; " << range.text() << ")");
  return value;
}

double number_or(const Config& map, const char* key, double otherwise, const char* about, const Range& range) {
  return map.has(key) ? number(map[key], about, range) : otherwise;
}

Point point(const Config& node) {
  COTAN_REQUIRE(node.kind() == Config::Kind::list && node.items().size() == 2, node.where()
                                                                                   << ": expected a point, [x, y]");
  return {number(node.items()[0], "coordinate [m]", {}), number(node.items()[1], "coordinate [m]", {})};
}

// The names of n sides: `names` one by one, or `name` for all.
std::vector<std::string> side_names(const Config& node, std::size_t n, const std::vector<std::string>& otherwise) {
  COTAN_REQUIRE(!(node.has("name") && node.has("names")), node.where() << ": expected one of name, names; found both");
  if (node.has("name")) return std::vector<std::string>(n, node["name"].text());
  if (!node.has("names")) return otherwise;
  const Config names = node["names"];
  COTAN_REQUIRE(names.kind() == Config::Kind::list && names.items().size() == n,
                names.where() << ": expected a list of " << n << " names, one a side");
  std::vector<std::string> found;
  for (const auto& name : names.items()) found.push_back(name.text());
  return found;
}

Loop polygon(const Config& node, const std::string& name) {
  node.only_keys({"points", "name", "names"});
  const Config points = node.at("points");
  COTAN_REQUIRE(points.kind() == Config::Kind::list && points.items().size() >= 3,
                points.where() << ": expected a list of at least three points, [[x, y], ...]");
  Loop loop;
  for (const auto& item : points.items()) {
    const Point x = point(item);
    loop.points.insert(loop.points.end(), x.begin(), x.end());
  }
  const std::size_t n = points.items().size();
  loop.names = side_names(node, n, std::vector<std::string>(n, name));
  return loop;
}

Loop rectangle_loop(const Config& node, const std::string& name) {
  node.only_keys({"low", "high", "name", "names"});
  const Point low = point(node.at("low")), high = point(node.at("high"));
  COTAN_REQUIRE(low[0] < high[0] && low[1] < high[1], node.where() << ": expected low below high in x and y; low ("
                                                                   << low[0] << ", " << low[1] << "), high (" << high[0]
                                                                   << ", " << high[1] << ")");
  Loop loop;
  loop.points = {low[0], low[1], high[0], low[1], high[0], high[1], low[0], high[1]};
  const std::vector<std::string> sides = {"bottom", "right", "top", "left"};
  loop.names = side_names(node, 4, name == "outer" ? sides : std::vector<std::string>(4, name));
  return loop;
}

// \param size length of a side where the number of segments is not given
Loop circle(const Config& node, const std::string& name, double size) {
  node.only_keys({"centre", "radius", "segments", "name"});
  const Point centre = point(node.at("centre"));
  const double radius = number(node.at("radius"), "radius [m]", above(0));
  const double around = 2 * std::numbers::pi * radius;
  double segments = std::max(12.0, std::ceil(around / size));
  if (node.has("segments")) {
    segments = static_cast<double>(node["segments"].integer());
    COTAN_REQUIRE(segments >= 3 && segments <= 1e6,
                  node["segments"].where() << ": " << segments << " is out of range (at least 3, at most 1000000)");
  }
  COTAN_REQUIRE(segments <= 1e6, node.where() << ": a circle of " << segments << " segments (at most 1000000)");
  Loop loop;
  const auto n = static_cast<int>(segments);
  for (int i = 0; i < n; ++i) {
    const double angle = 2 * std::numbers::pi * i / n;
    loop.points.push_back(centre[0] + radius * std::cos(angle));
    loop.points.push_back(centre[1] + radius * std::sin(angle));
  }
  loop.names = side_names(node, n, std::vector<std::string>(n, name));
  return loop;
}

Loop parse_loop(const Config& node, const std::string& name, double size) {
  COTAN_REQUIRE(node.kind() == Config::Kind::map && node.entries().size() == 1,
                node.where() << ": expected one of {polygon: …}, {rectangle: …}, {circle: …}");
  node.only_keys({"polygon", "rectangle", "circle"});
  const auto& [kind, shape] = node.entries().front();
  COTAN_REQUIRE(shape.kind() == Config::Kind::map, shape.where() << ": expected a map");
  if (kind == "polygon") return polygon(shape, name);
  if (kind == "rectangle") return rectangle_loop(shape, name);
  return circle(shape, name, size);
}

}  // namespace

Outline parse_outline(const Config& config) {
  COTAN_REQUIRE(config.kind() == Config::Kind::map, config.where() << ": expected a map with outer, holes, size");
  config.only_keys({"outer", "holes", "size", "boundary_size", "grading", "min_angle"});
  Outline outline;
  outline.size = number(config.at("size"), "largest edge [m]", above(0));
  outline.boundary_size =
      number_or(config, "boundary_size", outline.size, "edges at holes [m]", {0, outline.size, true});
  outline.grading = number_or(config, "grading", outline.grading, "growth of edges with distance", above(0));
  outline.min_angle = number_or(config, "min_angle", outline.min_angle, "degrees", between(0, kMaxMinAngle));
  outline.outer = parse_loop(config.at("outer"), "outer", outline.size);
  const Config holes = config["holes"];
  if (holes.kind() == Config::Kind::null) return outline;
  COTAN_REQUIRE(holes.kind() == Config::Kind::list, holes.where() << ": expected a list of loops");
  for (const auto& hole : holes.items()) {
    const std::string name = "hole_" + std::to_string(outline.holes.size() + 1);
    outline.holes.push_back(parse_loop(hole, name, outline.boundary_size));
  }
  return outline;
}

double edge_length_at(const Outline& outline, double distance) {
  const double at_holes = outline.boundary_size > 0 ? outline.boundary_size : outline.size;
  return std::min(outline.size, at_holes + outline.grading * distance);
}

}  // namespace cotan

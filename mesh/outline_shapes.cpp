#include "mesh/outline_shapes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/check.h"

namespace cotan {
namespace {

using Point = std::array<double, 2>;
constexpr double kMostSegments = 1e6;

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

Loop polygon(const Config& node, const std::string& name, const OutlineNumbers& numbers) {
  node.only_keys({"points", "name", "names"});
  const Config points = node.at("points");
  COTAN_REQUIRE(points.kind() == Config::Kind::list && points.items().size() >= 3,
                points.where() << ": expected a list of at least three points, [[x, y], ...]");
  Loop loop;
  for (const auto& item : points.items()) {
    const Point x = numbers.point(item);
    loop.points.insert(loop.points.end(), x.begin(), x.end());
  }
  const std::size_t n = points.items().size();
  loop.names = side_names(node, n, std::vector<std::string>(n, name));
  return loop;
}

Loop rectangle_loop(const Config& node, const std::string& name, const OutlineNumbers& numbers) {
  node.only_keys({"low", "high", "name", "names"});
  const Point low = numbers.point(node.at("low")), high = numbers.point(node.at("high"));
  COTAN_REQUIRE(low[0] < high[0] && low[1] < high[1], node.where() << ": expected low below high in x and y; low ("
                                                                   << low[0] << ", " << low[1] << "), high (" << high[0]
                                                                   << ", " << high[1] << ")");
  Loop loop;
  loop.points = {low[0], low[1], high[0], low[1], high[0], high[1], low[0], high[1]};
  const std::vector<std::string> sides = {"bottom", "right", "top", "left"};
  loop.names = side_names(node, 4, name == "outer" ? sides : std::vector<std::string>(4, name));
  return loop;
}

void push_polar(Loop& loop, const Point& centre, double radius, double angle) {
  loop.points.push_back(centre[0] + radius * std::cos(angle));
  loop.points.push_back(centre[1] + radius * std::sin(angle));
}

// \param size length of a side where the number of segments is not given
Loop circle(const Config& node, const std::string& name, double size, const OutlineNumbers& numbers) {
  node.only_keys({"centre", "radius", "segments", "name"});
  const Point centre = numbers.point(node.at("centre"));
  const double radius = numbers.number(node.at("radius"), "radius [m]", above(0));
  double segments = std::max(12.0, std::ceil(2 * std::numbers::pi * radius / size));
  if (node.has("segments")) {
    segments = static_cast<double>(numbers.whole(node["segments"], "sides of the circle", between(3, kMostSegments)));
  }
  COTAN_REQUIRE(segments <= kMostSegments,
                node.where() << ": a circle of " << segments << " segments (at most " << kMostSegments << ")");
  Loop loop;
  const auto n = static_cast<int>(segments);
  for (int i = 0; i < n; ++i) push_polar(loop, centre, radius, 2 * std::numbers::pi * i / n);
  loop.names = side_names(node, n, std::vector<std::string>(n, name));
  return loop;
}

// A polygon around its centre whose corners have random angles and distances: neighbours are less than half a turn
// apart, so its sides do not cross.
Loop random_polygon(const Config& node, const std::string& name, const OutlineNumbers& numbers) {
  node.only_keys({"centre", "corners", "radius", "name"});
  const Point centre = numbers.point(node.at("centre"));
  const auto corners = numbers.range(node.at("corners"), "corners", between(3, 1000));
  const auto radius = numbers.range(node.at("radius"), "distance of the corners from the centre [m]", above(0));
  const Random random = numbers.stream(node);
  const auto n = static_cast<int>(std::floor(corners[0] + random.uniform(0) * (corners[1] + 1 - corners[0])));
  const double turn = random.uniform(1);
  Loop loop;
  for (int i = 0; i < n; ++i) {
    const double jitter = 0.4 * (random.uniform(2 + 2 * i) - 0.5);
    push_polar(loop, centre, std::lerp(radius[0], radius[1], random.uniform(3 + 2 * i)),
               2 * std::numbers::pi * (i + turn + jitter) / n);
  }
  loop.names = side_names(node, n, std::vector<std::string>(n, name));
  return loop;
}

/// Shares of the chord: largest camber, where it is, largest thickness.
struct Naca {
  double camber, camber_at, thickness;
};

// Thickness and camber line of the four-digit series \cite jacobs1933, with the coefficient that closes the trailing
// edge.
Point naca_point(const Naca& wing, double x, bool upper) {
  const double half =
      5 * wing.thickness * (0.2969 * std::sqrt(x) + x * (-0.1260 + x * (-0.3516 + x * (0.2843 - x * 0.1036))));
  const double m = wing.camber, p = wing.camber_at;
  if (m == 0) return {x, upper ? half : -half};
  const double scale = x < p ? m / (p * p) : m / ((1 - p) * (1 - p));
  const double line = scale * ((x < p ? 0 : 1 - 2 * p) + 2 * p * x - x * x), slope = scale * 2 * (p - x);
  const double cosine = 1 / std::hypot(1, slope), sine = slope * cosine;
  return upper ? Point{x - half * sine, line + half * cosine} : Point{x + half * sine, line - half * cosine};
}

Naca parse_naca(const Config& node, const OutlineNumbers& numbers) {
  if (!node.has("digits")) {
    return {numbers.number(node.at("camber"), "largest camber over the chord", between(0, 0.2)),
            numbers.number_or(node, "camber_at", 0.4, "place of the camber over the chord", between(0.05, 0.95)),
            numbers.number(node.at("thickness"), "thickness over the chord", between(0.01, 0.5))};
  }
  const std::string digits = node["digits"].text();
  for (const char* key : {"camber", "camber_at", "thickness"})
    COTAN_REQUIRE(!node.has(key), node.where() << ": expected digits or " << key << "; found both");
  COTAN_REQUIRE(digits.size() == 4 && digits.find_first_not_of("0123456789") == digits.npos,
                node["digits"].where() << ": '" << digits << "', expected four digits, \"2412\"");
  const Naca wing{(digits[0] - '0') / 100.0, (digits[1] - '0') / 10.0, std::stoi(digits.substr(2)) / 100.0};
  COTAN_REQUIRE(wing.thickness > 0 && (wing.camber == 0) == (wing.camber_at == 0),
                node["digits"].where() << ": " << digits << " is no wing section: expected a thickness, and a camber "
                                       << "with its place or neither");
  return wing;
}

// From the trailing edge along the upper side to the leading edge and back, points as on a half circle over the chord.
Loop naca(const Config& node, const std::string& name, const OutlineNumbers& numbers) {
  node.only_keys({"digits", "camber", "camber_at", "thickness", "chord", "position", "angle", "points", "name"});
  const Naca wing = parse_naca(node, numbers);
  const double chord = numbers.number_or(node, "chord", 1, "chord [m]", above(0));
  const Point front = node.has("position") ? numbers.point(node["position"]) : Point{0, 0};
  const double angle =
      numbers.number_or(node, "angle", 0, "angle of attack [degrees]", between(-90, 90)) * std::numbers::pi / 180;
  const std::int64_t n =
      node.has("points") ? numbers.whole(node["points"], "sides of each flank", between(4, 100000)) : 60;
  Loop loop;
  for (std::int64_t i = 0; i < 2 * n; ++i) {
    const double turn = std::numbers::pi * static_cast<double>(i) / static_cast<double>(n);
    const Point at = naca_point(wing, (1 + std::cos(turn)) / 2, i < n);
    loop.points.push_back(front[0] + chord * (at[0] * std::cos(angle) + at[1] * std::sin(angle)));
    loop.points.push_back(front[1] + chord * (at[1] * std::cos(angle) - at[0] * std::sin(angle)));
  }
  loop.names = side_names(node, std::size_t(2 * n),
                          std::vector<std::string>(2 * n, name.starts_with("hole_") ? "airfoil" : name));
  return loop;
}

}  // namespace

Loop parse_loop(const Config& node, const std::string& name, double size, const OutlineNumbers& numbers) {
  COTAN_REQUIRE(node.kind() == Config::Kind::map && node.entries().size() == 1,
                node.where() << ": expected one of {polygon: …}, {rectangle: …}, {circle: …}, {naca: …}, "
                             << "{random_polygon: …}");
  node.only_keys({"polygon", "rectangle", "circle", "naca", "random_polygon"});
  const auto& [kind, shape] = node.entries().front();
  COTAN_REQUIRE(shape.kind() == Config::Kind::map, shape.where() << ": expected a map");
  if (kind == "polygon") return polygon(shape, name, numbers);
  if (kind == "rectangle") return rectangle_loop(shape, name, numbers);
  if (kind == "naca") return naca(shape, name, numbers);
  if (kind == "random_polygon") return random_polygon(shape, name, numbers);
  return circle(shape, name, size, numbers);
}

}  // namespace cotan

// Obstacles at random: discs and polygons in discs, of which one after another is thrown until it has room.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/check.h"
#include "mesh/outline_shapes.h"

namespace cotan {
namespace {

using Point = std::array<double, 2>;
constexpr int kThrows = 1000;  // for each obstacle

struct Disc {
  Point centre;
  double radius;
};

Point point_of(const Loop& loop, std::size_t i) {
  const std::size_t n = loop.points.size() / 2;
  return {loop.points[2 * (i % n)], loop.points[2 * (i % n) + 1]};
}

double distance_to_side(const Point& a, const Point& b, const Point& x) {
  const double dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
  const double along = square > 0 ? std::clamp(((x[0] - a[0]) * dx + (x[1] - a[1]) * dy) / square, 0.0, 1.0) : 0;
  return std::hypot(x[0] - a[0] - along * dx, x[1] - a[1] - along * dy);
}

double distance_to(const Loop& loop, const Point& x) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < loop.points.size() / 2; ++i)
    least = std::min(least, distance_to_side(point_of(loop, i), point_of(loop, i + 1), x));
  return least;
}

bool contains(const Loop& loop, const Point& x) {
  bool inside = false;
  for (std::size_t i = 0; i < loop.points.size() / 2; ++i) {
    const Point a = point_of(loop, i), b = point_of(loop, i + 1);
    if ((a[1] > x[1]) == (b[1] > x[1])) continue;
    if (x[0] < a[0] + (x[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) inside = !inside;
  }
  return inside;
}

struct Options {
  std::array<double, 2> count, radius, corners{0, 0};  // no corners: circles
  std::array<double, 4> within;                        // low, high
  double gap, size;
  std::string name;
};

std::array<double, 4> box_of(const Loop& loop) {
  std::array<double, 4> box = {loop.points[0], loop.points[1], loop.points[0], loop.points[1]};
  for (std::size_t i = 0; i < loop.points.size(); ++i) {
    box[i % 2] = std::min(box[i % 2], loop.points[i]);
    box[2 + i % 2] = std::max(box[2 + i % 2], loop.points[i]);
  }
  return box;
}

Options parse_options(const Config& node, const Loop& outer, double size, const OutlineNumbers& numbers) {
  COTAN_REQUIRE(node.kind() == Config::Kind::map, node.where() << ": expected a map with count, radius");
  node.only_keys({"count", "radius", "corners", "within", "gap", "name"});
  Options out;
  out.count = numbers.range(node.at("count"), "obstacles", between(0, 10000));
  out.radius = numbers.range(node.at("radius"), "radius [m]", above(0));
  if (node.has("corners")) out.corners = numbers.range(node["corners"], "corners", between(3, 1000));
  out.gap = numbers.number_or(node, "gap", size, "distance between obstacles [m]", above(0));
  out.name = node.has("name") ? node["name"].text() : "obstacles";
  out.size = size;
  out.within = box_of(outer);
  if (!node.has("within")) return out;
  node["within"].only_keys({"low", "high"});
  const Point low = numbers.point(node["within"].at("low")), high = numbers.point(node["within"].at("high"));
  COTAN_REQUIRE(low[0] <= high[0] && low[1] <= high[1], node["within"].where() << ": expected low below high");
  out.within = {low[0], low[1], high[0], high[1]};
  return out;
}

Loop obstacle(const Disc& disc, const Options& options, const Random& random, std::uint64_t first) {
  const bool is_circle = options.corners[0] == 0;
  int n = std::max(12, static_cast<int>(std::ceil(2 * std::numbers::pi * disc.radius / options.size)));
  if (!is_circle)
    n = static_cast<int>(std::floor(std::lerp(options.corners[0], options.corners[1] + 1, random.uniform(first))));
  const double turn = is_circle ? 0 : random.uniform(first + 1);
  Loop loop;
  for (int i = 0; i < n; ++i) {
    const double jitter = is_circle ? 0 : 0.4 * (random.uniform(first + 2 + i) - 0.5);
    const double angle = 2 * std::numbers::pi * (i + turn + jitter) / n;
    loop.points.push_back(disc.centre[0] + disc.radius * std::cos(angle));
    loop.points.push_back(disc.centre[1] + disc.radius * std::sin(angle));
  }
  loop.names.assign(n, options.name);
  return loop;
}

}  // namespace

std::vector<Loop> parse_random_holes(const Config& node, const Loop& outer, const std::vector<Loop>& holes, double size,
                                     const OutlineNumbers& numbers) {
  const Options options = parse_options(node, outer, size, numbers);
  const Random random = numbers.stream(node);
  const auto count = static_cast<int>(std::floor(std::lerp(options.count[0], options.count[1] + 1, random.uniform(0))));
  std::vector<Disc> discs;
  const auto has_room = [&](const Disc& disc) {
    const double apart = disc.radius + options.gap;
    if (!contains(outer, disc.centre) || distance_to(outer, disc.centre) < apart) return false;
    for (const Loop& hole : holes)
      if (contains(hole, disc.centre) || distance_to(hole, disc.centre) < apart) return false;
    return std::none_of(discs.begin(), discs.end(), [&](const Disc& other) {
      return std::hypot(disc.centre[0] - other.centre[0], disc.centre[1] - other.centre[1]) < apart + other.radius;
    });
  };
  std::vector<Loop> out;
  for (int i = 0; i < count; ++i) {
    Disc disc;
    int thrown = 0;
    do {
      COTAN_REQUIRE(thrown < kThrows, node.where()
                                          << ": no room for obstacle " << i + 1 << " of " << count << " (radius "
                                          << disc.radius << ", gap " << options.gap << ") in " << kThrows << " places");
      const std::uint64_t at = (std::uint64_t(i) << 32) + 3 * std::uint64_t(thrown++) + 1;
      disc = {{std::lerp(options.within[0], options.within[2], random.uniform(at)),
               std::lerp(options.within[1], options.within[3], random.uniform(at + 1))},
              std::lerp(options.radius[0], options.radius[1], random.uniform(at + 2))};
    } while (!has_room(disc));
    discs.push_back(disc);
    out.push_back(obstacle(disc, options, random, (std::uint64_t(i) << 32) + (std::uint64_t(1) << 31)));
  }
  return out;
}

}  // namespace cotan

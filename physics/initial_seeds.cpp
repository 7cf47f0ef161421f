#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "physics/initial_parts.h"

namespace cotan::detail {
namespace {

struct Seed {
  std::array<double, 3> centre{};
  double size = 0;
};

enum class Shape { disc, square, bump };

Shape read_shape(const Config& node) {
  if (node.kind() == Config::Kind::null) return Shape::disc;
  const std::vector<std::string> words = {"disc", "square", "bump"};
  const std::string word = node.text();
  const auto found = std::find(words.begin(), words.end(), word);
  COTAN_REQUIRE(found != words.end(), node.where() << ": " << unknown_name("shape", word, words));
  return static_cast<Shape>(found - words.begin());
}

// How much of the seed's value a place has: 1 in it, 0 outside; a Gaussian for a bump.
double share(const Seed& seed, Shape shape, std::span<const double> x, std::span<const double> period) {
  double square = 0, most = 0;
  for (std::size_t d = 0; d < x.size(); ++d) {
    double distance = std::abs(x[d] - seed.centre[d]);
    if (!period.empty() && period[d] > 0) distance = std::min(distance, std::abs(period[d] - distance));
    square += distance * distance;
    most = std::max(most, distance);
  }
  if (shape == Shape::bump) return std::exp(-square / (2 * seed.size * seed.size));
  return (shape == Shape::disc ? std::sqrt(square) : most) <= seed.size ? 1 : 0;
}

std::vector<Seed> draw_seeds(const Config& node, const Mesh& mesh, const Random& random) {
  const Box box = read_region(node, mesh);
  const auto count = read_range(node["count"], {5, 5}), size = read_range(node["size"], {0, 0});
  COTAN_REQUIRE(count[0] >= 1 && count[1] <= 10000, node["count"].where() << ": expected 1 to 10000 seeds");
  COTAN_REQUIRE(size[0] > 0,
                (node.has("size") ? node["size"] : node).where()
                    << ": random_seeds needs a size above 0: radius, half of a square's side, or width [m]");
  std::uint64_t drawn = 0;
  const auto many = static_cast<int>(std::floor(between({count[0], count[1] + 1}, random.uniform(drawn++))));
  std::vector<Seed> seeds(many);
  for (Seed& seed : seeds) {
    for (int d = 0; d < mesh.dim(); ++d) seed.centre[d] = between(box[d], random.uniform(drawn++));
    seed.size = between(size, random.uniform(drawn++));
  }
  return seeds;
}

}  // namespace

std::vector<double> random_seeds(const Config& node, int components, const Mesh& mesh, const Random& random) {
  node.only_keys({"count", "size", "shape", "inside", "outside", "margin", "within", "periodic"});
  const double inside = node.at("inside").number(), outside = node.has("outside") ? node["outside"].number() : 0;
  const Shape shape = read_shape(node["shape"]);
  const auto seeds = draw_seeds(node, mesh, random);
  std::vector<double> period;
  if (node.has("periodic") && node["periodic"].boolean()) {
    for (const auto& [low, high] : bounding_box(mesh)) period.push_back(high - low);
  }
  std::vector<double> values;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    double most = 0;
    for (const Seed& seed : seeds) most = std::max(most, share(seed, shape, mesh.point(p), period));
    values.insert(values.end(), components, outside + most * (inside - outside));
  }
  return values;
}

}  // namespace cotan::detail

#include "physics/initial_parts.h"

#include <algorithm>

#include "core/check.h"

namespace cotan::detail {

std::array<double, 2> read_range(const Config& node, std::array<double, 2> absent) {
  if (node.kind() == Config::Kind::null) return absent;
  if (node.kind() == Config::Kind::scalar) return {node.number(), node.number()};
  COTAN_REQUIRE(node.kind() == Config::Kind::list && node.items().size() == 2,
                node.where() << ": expected a number or a range [low, high]");
  const std::array<double, 2> range = {node.items()[0].number(), node.items()[1].number()};
  COTAN_REQUIRE(range[0] <= range[1], node.where() << ": low " << range[0] << " is above high " << range[1]);
  return range;
}

double between(std::array<double, 2> range, double u) {
  return range[0] + u * (range[1] - range[0]);
}

Random stream(std::string_view name, std::uint64_t seed, std::uint64_t draw) {
  std::uint64_t key = 14695981039346656037ULL;  // FNV-1a
  for (const char c : name) key = (key ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return Random(seed, purpose::initial, draw, key);
}

Box bounding_box(const Mesh& mesh) {
  Box box(mesh.dim());
  for (int k = 0; k < mesh.dim(); ++k) {
    box[k] = {mesh.point(0)[k], mesh.point(0)[k]};
    for (Index p = 1; p < mesh.num_points(); ++p) {
      box[k] = {std::min(box[k][0], mesh.point(p)[k]), std::max(box[k][1], mesh.point(p)[k])};
    }
  }
  return box;
}

Box read_region(const Config& node, const Mesh& mesh) {
  Box box = bounding_box(mesh);
  if (const Config within = node["within"]; within.kind() != Config::Kind::null) {
    COTAN_REQUIRE(within.kind() == Config::Kind::list && within.items().size() == box.size(),
                  within.where() << ": expected a range [low, high] for each of " << box.size() << " coordinates");
    for (std::size_t k = 0; k < box.size(); ++k) box[k] = read_range(within.items()[k], box[k]);
  }
  const double margin = node.has("margin") ? node["margin"].number() : 0;
  for (auto& [low, high] : box) {
    low += margin;
    high -= margin;
    COTAN_REQUIRE(margin >= 0 && low <= high, node["margin"].where()
                                                  << ": " << margin << " is out of range (distance of centres from the "
                                                  << "border [m]; at least 0, and something must be left)");
  }
  return box;
}

}  // namespace cotan::detail

#include "physics/initial.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/check.h"
#include "core/random.h"

namespace cotan {
namespace {

// A list of two numbers, low and high, or one number for both.
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

// One stream of numbers a field and draw, so that another field or draw changes nothing here.
Random stream(std::string_view field, std::uint64_t seed, std::uint64_t draw) {
  std::uint64_t name = 14695981039346656037ULL;  // FNV-1a
  for (const char c : field) name = (name ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return Random(seed, purpose::initial, draw, name);
}

using Box = std::vector<std::array<double, 2>>;  // (dim) low and high

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

// Where centres are drawn: the mesh's bounding box or `within`, less `margin` on each side.
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

struct Blob {
  std::array<double, 3> centre{};
  double width = 0, amplitude = 0;
};

std::vector<double> random_blobs(const Config& node, int components, const Mesh& mesh, const Random& random) {
  node.only_keys({"count", "width", "amplitude", "margin", "within"});
  const Box box = read_region(node, mesh);
  const auto count = read_range(node["count"], {3, 3}), width = read_range(node["width"], {0.05, 0.2}),
             amplitude = read_range(node["amplitude"], {-1, 1});
  COTAN_REQUIRE(count[0] >= 1 && count[1] <= 10000, node["count"].where() << ": expected 1 to 10000 blobs");
  COTAN_REQUIRE(width[0] > 0, node["width"].where() << ": " << width[0] << " is out of range (width [m]; above 0)");
  std::vector<double> values(std::size_t(mesh.num_points()) * components, 0.0);
  for (int c = 0; c < components; ++c) {
    std::uint64_t drawn = std::uint64_t(c) << 32;
    const auto many = static_cast<int>(std::floor(between({count[0], count[1] + 1}, random.uniform(drawn++))));
    for (int i = 0; i < many; ++i) {
      Blob blob;
      for (int k = 0; k < mesh.dim(); ++k) blob.centre[k] = between(box[k], random.uniform(drawn++));
      blob.width = between(width, random.uniform(drawn++));
      blob.amplitude = between(amplitude, random.uniform(drawn++));
      for (Index p = 0; p < mesh.num_points(); ++p) {
        double square = 0;
        for (int k = 0; k < mesh.dim(); ++k) square += std::pow((mesh.point(p)[k] - blob.centre[k]) / blob.width, 2);
        values[std::size_t(p) * components + c] += blob.amplitude * std::exp(-square / 2);
      }
    }
  }
  return values;
}

// Whole wave numbers up to `modes` in each direction, one of each pair k, -k, without 0.
std::vector<std::array<int, 3>> wave_numbers(int modes, int dim) {
  std::vector<std::array<int, 3>> waves;
  const int my = dim > 1 ? modes : 0, mz = dim > 2 ? modes : 0;
  for (int i = 0; i <= modes; ++i) {
    for (int j = -my; j <= my; ++j) {
      for (int k = -mz; k <= mz; ++k) {
        if (std::array{i, j, k} > std::array{0, 0, 0}) waves.push_back({i, j, k});
      }
    }
  }
  return waves;
}

// sum over k of a_k cos(2 pi k . s + phase), s in [0, 1]^dim over the box, a_k normal with deviation ~ |k|^-decay;
// scaled so that the expected mean square is amplitude^2.
std::vector<double> random_fourier(const Config& node, int components, const Mesh& mesh, const Random& random) {
  node.only_keys({"modes", "amplitude", "decay"});
  const std::int64_t modes = node.has("modes") ? node["modes"].integer() : 4;
  const double amplitude = node.has("amplitude") ? node["amplitude"].number() : 1;
  const double decay = node.has("decay") ? node["decay"].number() : 1;
  COTAN_REQUIRE(modes >= 1 && modes <= 32, node["modes"].where() << ": " << modes
                                                                 << " is out of range (waves along "
                                                                    "the box; at least 1, at most 32)");
  const Box box = bounding_box(mesh);
  const auto waves = wave_numbers(static_cast<int>(modes), mesh.dim());
  double sum = 0;
  for (const auto& k : waves) sum += 0.5 * std::pow(std::hypot(k[0], k[1], k[2]), -2 * decay);
  std::vector<double> values(std::size_t(mesh.num_points()) * components, 0.0);
  for (int c = 0; c < components; ++c) {
    std::uint64_t drawn = std::uint64_t(c) << 32;
    for (const auto& k : waves) {
      const double deviation = amplitude / std::sqrt(sum) * std::pow(std::hypot(k[0], k[1], k[2]), -decay);
      const double factor = deviation * random.normal(drawn);
      const double phase = 2 * std::numbers::pi * random.uniform(drawn + (std::uint64_t(1) << 31));
      ++drawn;
      for (Index p = 0; p < mesh.num_points(); ++p) {
        double angle = phase;
        for (int d = 0; d < mesh.dim(); ++d) {
          const double length = box[d][1] - box[d][0];
          if (length > 0) angle += 2 * std::numbers::pi * k[d] * (mesh.point(p)[d] - box[d][0]) / length;
        }
        values[std::size_t(p) * components + c] += factor * std::cos(angle);
      }
    }
  }
  return values;
}

}  // namespace

std::vector<double> initial_values(const Config& entry, const FieldSpec& field, const Mesh& mesh,
                                   const std::map<std::string, double>& parameters, std::uint64_t seed,
                                   std::uint64_t draw) {
  if (entry.kind() == Config::Kind::null) {
    return std::vector<double>(std::size_t(mesh.num_points()) * field.components, 0.0);
  }
  if (entry.kind() == Config::Kind::map) {
    const std::string forms = ": expected expressions, or one of random_blobs, random_fourier";
    COTAN_REQUIRE(entry.entries().size() == 1, entry.where() << forms);
    entry.only_keys({"random_blobs", "random_fourier"});
    const auto& [form, node] = entry.entries().front();
    COTAN_REQUIRE(node.kind() == Config::Kind::map || node.kind() == Config::Kind::null,
                  node.where() << ": expected a map of options");
    const Config options = node.kind() == Config::Kind::null ? Config() : node;
    const Random random = stream(field.name, seed, draw);
    return form == "random_blobs" ? random_blobs(options, field.components, mesh, random)
                                  : random_fourier(options, field.components, mesh, random);
  }
  const auto expressions = parse_expressions(entry, field.components, parameters);
  std::vector<Index> points(mesh.num_points());
  std::iota(points.begin(), points.end(), 0);
  return evaluate(expressions, mesh, points, 0, parameters, entry.where());
}

}  // namespace cotan

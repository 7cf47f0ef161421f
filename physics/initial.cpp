#include "physics/initial.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/check.h"
#include "physics/initial_parts.h"

namespace cotan {
namespace {

using detail::between;
using detail::bounding_box;
using detail::Box;
using detail::read_range;
using detail::read_region;
using detail::stream;

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

using Form = std::vector<double> (*)(const Config& node, int components, const Mesh& mesh, const Random& random);

struct NamedForm {
  std::string_view name;
  Form form;
  bool shared = false;  // all fields draw the same: what is at random places is there in each
};

constexpr NamedForm kForms[] = {{"random_blobs", random_blobs},
                                {"random_fourier", random_fourier},
                                {"random_waves", detail::random_waves},
                                {"gaussian_random_field", detail::gaussian_random_field},
                                {"random_seeds", detail::random_seeds, true},
                                {"random_noise", detail::random_noise}};

std::vector<std::string> form_names() {
  std::vector<std::string> names;
  for (const auto& form : kForms) names.emplace_back(form.name);
  names.emplace_back("sum");
  return names;
}

// What is drawn, and where the numbers come from.
struct Drawn {
  const FieldSpec& field;
  const Mesh& mesh;
  const std::map<std::string, double>& parameters;
  std::uint64_t seed, draw;
};

std::vector<double> values_of(const Config& entry, const Drawn& drawn, const std::string& name);

// Terms draw by their place, so that two of a kind differ.
std::vector<double> sum_of(const Config& terms, const Drawn& drawn, const std::string& name) {
  std::vector<double> sum(std::size_t(drawn.mesh.num_points()) * drawn.field.components, 0.0);
  int place = 0;
  for (const auto& term : terms.items()) {
    const auto values = values_of(term, drawn, name + "+" + std::to_string(place++));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
  }
  return sum;
}

std::vector<double> random_values(const Config& entry, const Drawn& drawn, const std::string& name) {
  COTAN_REQUIRE(entry.entries().size() == 1, entry.where()
                                                 << ": expected expressions, or one of " << join(form_names()));
  entry.only_keys(form_names());
  const auto& [form, node] = entry.entries().front();
  if (form == "sum") return sum_of(node, drawn, name);
  COTAN_REQUIRE(node.kind() == Config::Kind::map || node.kind() == Config::Kind::null,
                node.where() << ": expected a map of options");
  const Config options = node.kind() == Config::Kind::null ? Config() : node;
  const auto found = std::find_if(std::begin(kForms), std::end(kForms), [&](const auto& f) { return f.name == form; });
  return found->form(options, drawn.field.components, drawn.mesh,
                     stream(found->shared ? std::string(form) : name, drawn.seed, drawn.draw));
}

std::vector<double> values_of(const Config& entry, const Drawn& drawn, const std::string& name) {
  if (entry.kind() == Config::Kind::map) return random_values(entry, drawn, name);
  const auto expressions = parse_expressions(entry, drawn.field.components, drawn.parameters);
  std::vector<Index> points(drawn.mesh.num_points());
  std::iota(points.begin(), points.end(), 0);
  return evaluate(expressions, drawn.mesh, points, 0, drawn.parameters, entry.where());
}

}  // namespace

std::vector<double> initial_values(const Config& entry, const FieldSpec& field, const Mesh& mesh,
                                   const std::map<std::string, double>& parameters, std::uint64_t seed,
                                   std::uint64_t draw) {
  if (entry.kind() == Config::Kind::null) {
    return std::vector<double>(std::size_t(mesh.num_points()) * field.components, 0.0);
  }
  return values_of(entry, {field, mesh, parameters, seed, draw}, field.name);
}

}  // namespace cotan

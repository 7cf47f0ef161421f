#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/check.h"
#include "physics/initial_parts.h"

namespace cotan::detail {
namespace {

constexpr std::size_t kMostWaves = 4'000'000;

// Whole wave numbers first, first + 1, … along each axis of a box with sides of 1.
struct Waves {
  int dim;
  std::array<int, 3> first{}, count{1, 1, 1};
  std::size_t size() const { return std::size_t(count[0]) * count[1] * count[2]; }
};

// The real part of the sum of c exp(2 pi i k . s).
class WaveSum {
 public:
  WaveSum(const Waves& waves, std::vector<std::complex<double>> factors) : waves_(waves), factors_(std::move(factors)) {
    for (int d = 0; d < 3; ++d) powers_[d].assign(waves.count[d], 1.0);
  }
  double operator()(const std::array<double, 3>& s) {
    for (int d = 0; d < waves_.dim; ++d) {
      const std::complex<double> turn = std::polar(1.0, 2 * std::numbers::pi * s[d]);
      std::complex<double> power = std::polar(1.0, 2 * std::numbers::pi * s[d] * waves_.first[d]);
      for (auto& entry : powers_[d]) entry = power, power *= turn;
    }
    const std::complex<double>* factor = factors_.data();
    std::complex<double> sum = 0;
    for (const auto& x : powers_[0]) {
      std::complex<double> plane = 0;
      for (const auto& y : powers_[1]) {
        std::complex<double> line = 0;
        for (const auto& z : powers_[2]) line += *factor++ * z;
        plane += line * y;
      }
      sum += plane * x;
    }
    return sum.real();
  }

 private:
  Waves waves_;
  std::vector<std::complex<double>> factors_;
  std::array<std::vector<std::complex<double>>, 3> powers_;
};

// A point's place in a box, from 0 to 1.
std::array<double, 3> place(const Mesh& mesh, Index p, const Box& box, const std::array<double, 3>& length) {
  std::array<double, 3> s{};
  for (int d = 0; d < mesh.dim(); ++d) s[d] = length[d] > 0 ? (mesh.point(p)[d] - box[d][0]) / length[d] : 0;
  return s;
}

std::array<double, 3> lengths(const Box& box, double more = 0) {
  std::array<double, 3> out{};
  for (std::size_t d = 0; d < box.size(); ++d) out[d] = box[d][1] - box[d][0] + more;
  return out;
}

double number(const Config& node, std::string_view key, double absent) {
  return node.has(key) ? node[key].number() : absent;
}

bool truth(const Config& node, std::string_view key) {
  return node.has(key) && node[key].boolean();
}

std::uint64_t counter(int component, std::uint64_t i) {
  return (std::uint64_t(component) << 40) + i;
}

// The largest value on a grid of 129 points a side (33 in space).
double largest_on_grid(WaveSum& sum, int dim) {
  const int n = dim == 3 ? 33 : 129;
  double most = -std::numeric_limits<double>::infinity();
  for (int k = 0; k < (dim > 2 ? n : 1); ++k) {
    for (int j = 0; j < (dim > 1 ? n : 1); ++j) {
      for (int i = 0; i < n; ++i) most = std::max(most, sum({i / (n - 1.0), j / (n - 1.0), k / (n - 1.0)}));
    }
  }
  return most;
}

}  // namespace

std::vector<double> gaussian_random_field(const Config& node, int components, const Mesh& mesh, const Random& random) {
  node.only_keys({"length", "amplitude", "mean", "periodic"});
  const double length = node.at("length").number(), amplitude = number(node, "amplitude", 1),
               mean = number(node, "mean", 0);
  COTAN_REQUIRE(length > 0, node["length"].where()
                                << ": " << length << " is out of range (covariance length [m]; above 0)");
  const Box box = bounding_box(mesh);
  const auto period = lengths(box, truth(node, "periodic") ? 0 : 6 * length);
  constexpr double kCut = 5;  // wave number times length: beyond it is a millionth of the variance
  Waves waves{mesh.dim()};
  for (int d = 0; d < mesh.dim(); ++d) {
    const double most = std::ceil(kCut * period[d] / (2 * std::numbers::pi * length));
    COTAN_REQUIRE(most < kMostWaves, node["length"].where() << ": " << length << " m is too short for this mesh");
    waves.first[d] = static_cast<int>(-most);
    waves.count[d] = 2 * static_cast<int>(most) + 1;
  }
  COTAN_REQUIRE(waves.size() <= kMostWaves, node["length"].where()
                                                << ": " << length << " m takes " << waves.size()
                                                << " waves over this mesh, more than " << kMostWaves);
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i < waves.count[0]; ++i) {
    for (int j = 0; j < waves.count[1]; ++j) {
      for (int k = 0; k < waves.count[2]; ++k) {
        const std::array<int, 3> whole = {i, j, k};
        double square = 0;
        for (int d = 0; d < mesh.dim(); ++d)
          square += std::pow(2 * std::numbers::pi * (waves.first[d] + whole[d]) / period[d] * length, 2);
        weights.push_back(std::exp(-square / 2));
        sum += weights.back();
      }
    }
  }
  std::vector<double> values(std::size_t(mesh.num_points()) * components);
  for (int c = 0; c < components; ++c) {
    std::vector<std::complex<double>> factors;
    for (std::size_t w = 0; w < weights.size(); ++w) {
      const double deviation = amplitude * std::sqrt(weights[w] / sum);
      factors.emplace_back(deviation * random.normal(counter(c, 2 * w)),
                           deviation * random.normal(counter(c, 2 * w + 1)));
    }
    WaveSum field(waves, std::move(factors));
    for (Index p = 0; p < mesh.num_points(); ++p)
      values[std::size_t(p) * components + c] = mean + field(place(mesh, p, box, period));
  }
  return values;
}

std::vector<double> random_waves(const Config& node, int components, const Mesh& mesh, const Random& random) {
  node.only_keys({"waves", "amplitude", "mean"});
  const std::int64_t count = node.has("waves") ? node["waves"].integer() : 12;
  COTAN_REQUIRE(count >= 2 && count <= 128, node["waves"].where() << ": " << count
                                                                  << " is out of range (waves along the box; at least "
                                                                     "2, at most 128)");
  const double amplitude = number(node, "amplitude", 1), mean = number(node, "mean", 0);
  Waves waves{mesh.dim()};
  for (int d = 0; d < mesh.dim(); ++d) {
    waves.count[d] = static_cast<int>(count);
    waves.first[d] = -static_cast<int>(count / 2);
  }
  const Box box = bounding_box(mesh);
  std::vector<double> values(std::size_t(mesh.num_points()) * components);
  for (int c = 0; c < components; ++c) {
    std::vector<std::complex<double>> factors;  // A sin + B cos is the real part of (B - i A) exp
    for (std::size_t w = 0; w < waves.size(); ++w)
      factors.emplace_back(random.normal(counter(c, 2 * w)), -random.normal(counter(c, 2 * w + 1)));
    WaveSum field(waves, std::move(factors));
    const double scale = amplitude / largest_on_grid(field, mesh.dim());
    for (Index p = 0; p < mesh.num_points(); ++p)
      values[std::size_t(p) * components + c] = mean + scale * field(place(mesh, p, box, lengths(box)));
  }
  return values;
}

std::vector<double> random_noise(const Config& node, int components, const Mesh& mesh, const Random& random) {
  node.only_keys({"amplitude", "mean"});
  const double amplitude = number(node, "amplitude", 1), mean = number(node, "mean", 0);
  std::vector<double> values;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    std::uint64_t key = 0;
    for (const double x : mesh.point(p)) key = random.bits(key ^ std::bit_cast<std::uint64_t>(x + 0.0));  // -0 is 0
    for (int c = 0; c < components; ++c) values.push_back(mean + amplitude * random.normal(key + c));
  }
  return values;
}

}  // namespace cotan::detail

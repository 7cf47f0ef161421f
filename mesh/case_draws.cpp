#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

#include "core/check.h"
#include "core/random.h"
#include "mesh/case.h"

namespace cotan {
namespace {

constexpr double kMostSize = 1e6;  // of a hypercube

// The value below which a share u of a standard normal number lies: Hastings' approximation, then Halley's method.
double normal_quantile(double u) {
  const bool upper = u > 0.5;
  const double tail = std::max(upper ? 1 - u : u, 0x1p-54);
  const double s = std::sqrt(-2 * std::log(tail));
  double x = s - (2.515517 + s * (0.802853 + s * 0.010328)) / (1 + s * (1.432788 + s * (0.189269 + s * 0.001308)));
  for (int i = 0; i < 3; ++i) {
    const double excess = 0.5 * std::erfc(x / std::numbers::sqrt2) - tail;
    const double step = -excess / (std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi));
    x -= step / (1 + x * step / 2);
  }
  return upper ? x : -x;
}

// Primitive polynomials and first direction numbers; \cite joe2008
struct Direction {
  int degree;
  std::uint32_t coefficients;
  std::array<std::uint32_t, 6> first;
};
constexpr Direction kDirections[] = {{1, 0, {1}},
                                     {2, 1, {1, 3}},
                                     {3, 1, {1, 3, 1}},
                                     {3, 2, {1, 1, 1}},
                                     {4, 1, {1, 1, 3, 3}},
                                     {4, 4, {1, 3, 5, 13}},
                                     {5, 2, {1, 1, 5, 5, 17}},
                                     {5, 4, {1, 1, 5, 5, 5}},
                                     {5, 7, {1, 1, 7, 11, 19}},
                                     {5, 11, {1, 1, 5, 1, 1}},
                                     {5, 13, {1, 1, 1, 3, 11}},
                                     {5, 14, {1, 3, 5, 5, 31}},
                                     {6, 1, {1, 3, 3, 9, 7, 49}},
                                     {6, 13, {1, 1, 1, 15, 21, 21}},
                                     {6, 16, {1, 3, 1, 13, 27, 49}}};
constexpr std::size_t kMostDimensions = std::size(kDirections) + 1;

// Component `dimension` of point `i` of Sobol's sequence, as 32 bits after the point; \cite sobol1967
std::uint32_t sobol(std::size_t dimension, std::uint32_t i) {
  std::array<std::uint32_t, 32> v;
  if (dimension == 0) {
    for (int k = 0; k < 32; ++k) v[k] = 1u << (31 - k);
  } else {
    const Direction& d = kDirections[dimension - 1];
    for (int k = 0; k < d.degree; ++k) v[k] = d.first[k] << (31 - k);
    for (int k = d.degree; k < 32; ++k) {
      v[k] = v[k - d.degree] ^ (v[k - d.degree] >> d.degree);
      for (int j = 1; j < d.degree; ++j) {
        if (d.coefficients >> (d.degree - 1 - j) & 1) v[k] ^= v[k - j];
      }
    }
  }
  std::uint32_t out = 0;
  for (int k = 0; i; i >>= 1, ++k) {
    if (i & 1) out ^= v[k];
  }
  return out;
}

// The place of draw i of n in a random order of them all.
std::uint64_t place_in_order(const Random& random, std::uint64_t n, std::uint64_t i) {
  std::vector<std::uint64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (std::uint64_t k = n - 1; k > 0; --k) std::swap(order[k], order[random.below(k + 1, k)]);
  return order[i];
}

// In [0, 1): the share of a parameter's distribution, the dimension-th that is drawn.
double share(const Case& spec, std::uint64_t seed, std::uint64_t draw, std::uint64_t dimension) {
  const double u = Random(seed, purpose::parameters, draw).uniform(dimension);
  if (spec.design == Design::latin_hypercube) {
    const std::uint64_t block = draw / spec.design_size;
    const Random order(seed, purpose::parameters, block, 1 + dimension);
    const auto place = place_in_order(order, spec.design_size, draw % spec.design_size);
    return (static_cast<double>(place) + u) / static_cast<double>(spec.design_size);
  }
  if (spec.design == Design::sobol) {
    const auto shift = static_cast<std::uint32_t>(Random(seed, purpose::parameters, 0, 1 + dimension).bits(0) >> 32);
    return (sobol(dimension, static_cast<std::uint32_t>(draw)) ^ shift) * 0x1p-32 + 0x1p-33;
  }
  return u;
}

std::vector<double> numbers(const Config& list, std::string_view expected, std::size_t least) {
  COTAN_REQUIRE(list.kind() == Config::Kind::list && list.items().size() >= least, list.where()
                                                                                       << ": expected " << expected);
  std::vector<double> out;
  for (const auto& item : list.items()) out.push_back(item.number());
  return out;
}

std::vector<double> two_numbers(const Config& list, std::string_view expected) {
  COTAN_REQUIRE(list.kind() == Config::Kind::list, list.where() << ": expected a list of two numbers, " << expected);
  COTAN_REQUIRE(list.items().size() == 2, list.where()
                                              << ": " << list.items().size() << " entries, expected two: " << expected);
  return numbers(list, expected, 2);
}

}  // namespace

double ParameterRange::at(double u) const {
  // neither a difference nor a quotient of the ends, which need not be finite
  switch (kind) {
    case Kind::uniform:
      return std::clamp(std::lerp(low, high, u), low, high);
    case Kind::log_uniform:
      return std::clamp(std::exp(std::lerp(std::log(low), std::log(high), u)), low, high);
    case Kind::normal:
      return low + high * normal_quantile(u);
    case Kind::choice:
    case Kind::in_turn:
      return choices[std::min(static_cast<std::size_t>(u * static_cast<double>(choices.size())), choices.size() - 1)];
  }
  return low;
}

ParameterRange parse_parameter(const Config& node) {
  using Kind = ParameterRange::Kind;
  if (node.kind() == Config::Kind::scalar) {
    const double value = node.number();
    return {Kind::uniform, value, value, {}};
  }
  const std::string forms =
      "a number, {uniform: [low, high]}, {log_uniform: [low, high]}, {normal: [mean, deviation]}, {choice: [a, b, …]} "
      "or {in_turn: [a, b, …]}";
  COTAN_REQUIRE(node.kind() == Config::Kind::map, node.where() << ": expected " << forms);
  node.only_keys({"uniform", "log_uniform", "normal", "choice", "in_turn"});
  COTAN_REQUIRE(node.entries().size() == 1, node.where()
                                                << ": expected one of uniform, log_uniform, normal, choice, in_turn");
  const auto& [kind, range] = node.entries().front();
  if (kind == "choice" || kind == "in_turn") {
    auto choices = numbers(range, "a list of numbers", 1);
    const auto [low, high] = std::minmax_element(choices.begin(), choices.end());
    return {kind == "choice" ? Kind::choice : Kind::in_turn, *low, *high, choices};
  }
  if (kind == "normal") {
    const auto given = two_numbers(range, "[mean, deviation]");
    COTAN_REQUIRE(given[1] >= 0, range.where() << ": " << given[1] << " is out of range (deviation; at least 0)");
    return {Kind::normal, given[0], given[1], {}};
  }
  const auto given = two_numbers(range, "[low, high]");
  COTAN_REQUIRE(given[0] <= given[1], range.where() << ": low " << given[0] << " is above high " << given[1]);
  const bool logarithmic = kind == "log_uniform";
  COTAN_REQUIRE(!logarithmic || given[0] > 0,
                range.where() << ": low " << given[0] << " is out of range (log_uniform needs above 0)");
  return {logarithmic ? Kind::log_uniform : Kind::uniform, given[0], given[1], {}};
}

void parse_design(const Config& node, Case& spec) {
  if (node.kind() == Config::Kind::null) return;
  std::size_t drawn = 0;
  for (const auto& [name, range] : spec.parameters) {
    drawn += !range.fixed() && range.kind != ParameterRange::Kind::in_turn;
  }
  if (node.kind() == Config::Kind::scalar) {
    const std::vector<std::string> words = {"random", "sobol"};
    const std::string word = node.text();
    COTAN_REQUIRE(std::count(words.begin(), words.end(), word), node.where()
                                                                    << ": " << unknown_name("design", word, words)
                                                                    << ", or {latin_hypercube: N} for N draws");
    spec.design = word == "sobol" ? Design::sobol : Design::random;
    COTAN_REQUIRE(
        spec.design != Design::sobol || drawn <= kMostDimensions,
        node.where() << ": " << drawn << " parameters are drawn, sobol is for " << kMostDimensions << " at most");
    return;
  }
  COTAN_REQUIRE(node.kind() == Config::Kind::map,
                node.where() << ": expected random, sobol or {latin_hypercube: N} for N draws");
  node.only_keys({"latin_hypercube"});
  const Config size = node.at("latin_hypercube");
  COTAN_REQUIRE(
      size.integer() >= 1 && size.integer() <= kMostSize,
      size.where() << ": " << size.text() << " is out of range (draws that share the ranges out; at least 1)");
  spec.design = Design::latin_hypercube;
  spec.design_size = static_cast<std::uint64_t>(size.integer());
}

std::map<std::string, double> draw_parameters(const Case& spec, std::uint64_t seed, std::uint64_t draw) {
  std::map<std::string, double> values;
  std::uint64_t drawn = 0;  // counts ranges only, so that a fixed parameter more changes no draw
  for (const auto& [name, range] : spec.parameters) {
    if (range.kind == ParameterRange::Kind::in_turn) {
      values[name] = range.choices[draw % range.choices.size()];
    } else {
      values[name] = range.fixed() ? range.low : range.at(share(spec, seed, draw, drawn++));
    }
  }
  return values;
}

}  // namespace cotan

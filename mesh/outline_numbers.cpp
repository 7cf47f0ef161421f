#include "mesh/outline_numbers.h"

#include <charconv>
#include <cmath>

#include "core/check.h"
#include "core/expression.h"
#include "core/fnv1a.h"

namespace cotan {
namespace {

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + (text.starts_with('+') ? 1 : 0), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool is_drawn(const Config& node) {
  return node.kind() == Config::Kind::map && node.has("uniform");
}

double formula(const Config& node, const std::map<std::string, double>& parameters) {
  std::vector<std::string> names;
  std::vector<double> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name);
    values.push_back(value);
  }
  try {
    return Expression::parse(node.text(), names)(values);
  } catch (const InputError& error) {
    throw InputError(node.where() + ": " + error.what());
  }
}

}  // namespace

double OutlineNumbers::number(const Config& node, const char* about, const Range& allowed) const {
  double value = 0;
  if (is_drawn(node)) {
    node.only_keys({"uniform"});
    const auto ends = range(node["uniform"], about, allowed);
    value = std::lerp(ends[0], ends[1], stream(node).uniform(0));
  } else {
    const bool plain = draw_.parameters.empty() || node.kind() != Config::Kind::scalar || is_number(node.text());
    value = plain ? node.number() : formula(node, draw_.parameters);
  }
  COTAN_REQUIRE(allowed.holds(value), node.where() << ": " << (is_drawn(node) ? "" : node.text() + " ") << "(" << value
                                                   << ") is out of range (" << about << "; " << allowed.text() << ")");
  return value;
}

double OutlineNumbers::number_or(const Config& map, const char* key, double otherwise, const char* about,
                                 const Range& allowed) const {
  return map.has(key) ? number(map[key], about, allowed) : otherwise;
}

std::int64_t OutlineNumbers::whole(const Config& node, const char* about, const Range& allowed) const {
  if (!is_drawn(node)) {
    const double value = number(node, about, allowed);
    COTAN_REQUIRE(value == std::floor(value), node.where() << ": " << value << ", expected a whole number");
    return static_cast<std::int64_t>(value);
  }
  const auto ends = range(node["uniform"], about, allowed);
  COTAN_REQUIRE(ends[0] == std::floor(ends[0]) && ends[1] == std::floor(ends[1]), node.where()
                                                                                      << ": expected whole numbers");
  const auto many = static_cast<std::uint64_t>(ends[1] - ends[0]) + 1;
  return static_cast<std::int64_t>(ends[0]) + static_cast<std::int64_t>(stream(node).below(many, 0));
}

std::array<double, 2> OutlineNumbers::point(const Config& node) const {
  COTAN_REQUIRE(node.kind() == Config::Kind::list && node.items().size() == 2, node.where()
                                                                                   << ": expected a point, [x, y]");
  return {number(node.items()[0], "coordinate [m]", {}), number(node.items()[1], "coordinate [m]", {})};
}

std::array<double, 2> OutlineNumbers::range(const Config& node, const char* about, const Range& allowed) const {
  if (node.kind() != Config::Kind::list) {
    const double value = number(node, about, allowed);
    return {value, value};
  }
  COTAN_REQUIRE(node.items().size() == 2, node.where() << ": expected a number or a range, [low, high]");
  const std::array<double, 2> ends = {number(node.items()[0], about, allowed), number(node.items()[1], about, allowed)};
  COTAN_REQUIRE(ends[0] <= ends[1], node.where() << ": low " << ends[0] << " is above high " << ends[1]);
  return ends;
}

Random OutlineNumbers::stream(const Config& node) const {
  Fnv1a place;
  std::string path = node.key_path().substr(root_.size());
  if (path.starts_with('.')) path.erase(0, 1);
  place.add(path);
  return Random(draw_.seed, purpose::mesh, draw_.draw, place.value());
}

}  // namespace cotan

#include <charconv>
#include <cmath>

#include "core/check.h"
#include "core/config.h"
#include "core/config_node.h"

namespace cotan {
namespace {

const char* described(Config::Kind kind) {
  switch (kind) {
    case Config::Kind::null:
      return "nothing";
    case Config::Kind::scalar:
      return "a single value";
    case Config::Kind::list:
      return "a list";
    case Config::Kind::map:
      return "a map";
  }
  return "?";
}

// All of the text, or nothing; a leading plus sign is allowed.
template <class T>
bool parse_whole(std::string_view text, T& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end;
}

std::string shortened(const std::string& text) {
  return text.size() > 80 ? text.substr(0, 80) + "…" : text;
}

}  // namespace

std::string detail::joined_path(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : std::string(parent) + "." + std::string(key);
}

Config::Config(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

Config::Config() {
  auto node = std::make_shared<Node>();
  node->kind = Kind::map;
  node->source = "<empty>";
  node_ = std::move(node);
}

Config::Kind Config::kind() const {
  return node_->kind;
}
std::string Config::key_path() const {
  return node_->key_path;
}
std::filesystem::path Config::file() const {
  return node_->file;
}

std::string Config::where() const {
  return node_->source + (node_->line > 0 && !node_->key_path.empty() ? ":" + std::to_string(node_->line) : "") +
         (node_->key_path.empty() ? "" : ": " + node_->key_path);
}

bool Config::has(std::string_view key) const {
  for (const auto& [name, value] : node_->entries) {
    if (name == key) return true;
  }
  return false;
}

Config Config::operator[](std::string_view key) const {
  for (const auto& [name, value] : node_->entries) {
    if (name == key) return value;
  }
  auto absent = std::make_shared<Node>();
  absent->key_path = detail::joined_path(node_->key_path, key);
  absent->source = node_->source;
  absent->file = node_->file;
  absent->line = node_->line;
  return Config(std::move(absent));
}

Config Config::at(std::string_view key) const {
  std::vector<std::string> keys;
  for (const auto& [name, value] : entries()) {
    if (name == key) return value;
    keys.push_back(name);
  }
  throw InputError(where() + ": the key '" + std::string(key) + "' is missing; there are: " + join(keys));
}

// The node of an absent key ends with the Config that operator[] returns: what it refers to must not be in the node.
const std::vector<std::pair<std::string, Config>>& Config::entries() const {
  COTAN_REQUIRE(kind() == Kind::map || kind() == Kind::null,
                where() << ": expected a map of keys, found " << described(kind()));
  static const std::vector<std::pair<std::string, Config>> none;
  return kind() == Kind::map ? node_->entries : none;
}

const std::vector<Config>& Config::items() const {
  COTAN_REQUIRE(kind() == Kind::list || kind() == Kind::null, where()
                                                                  << ": expected a list, found " << described(kind()));
  static const std::vector<Config> none;
  return kind() == Kind::list ? node_->items : none;
}

const std::string& Config::scalar(const char* expected) const {
  COTAN_REQUIRE(kind() == Kind::scalar, where() << ": expected " << expected << ", found " << described(kind()));
  return node_->scalar;
}

std::string Config::text() const {
  return scalar("a text");
}

double Config::number() const {
  const std::string& found = scalar("a number");
  double value = 0;
  COTAN_REQUIRE(parse_whole(found, value) && std::isfinite(value),
                where() << ": expected a finite number, found '" << shortened(found) << "'");
  return value;
}

std::int64_t Config::integer() const {
  const std::string& found = scalar("a whole number");
  std::int64_t value = 0;
  if (parse_whole(found, value)) return value;
  double real = 0;  // 1e6 is a whole number too, while a double holds it exactly
  const bool whole = parse_whole(found, real) && std::abs(real) <= 0x1p53 && real == std::floor(real);
  COTAN_REQUIRE(whole, where() << ": expected a whole number, found '" << shortened(found) << "'");
  return static_cast<std::int64_t>(real);
}

bool Config::boolean() const {
  const std::string& found = scalar("true or false");
  COTAN_REQUIRE(found == "true" || found == "false",
                where() << ": expected true or false, found '" << shortened(found) << "'");
  return found == "true";
}

void Config::only_keys(std::initializer_list<std::string_view> known) const {
  only_keys(std::vector<std::string>(known.begin(), known.end()));
}

void Config::only_keys(const std::vector<std::string>& known) const {
  for (const auto& [name, value] : entries()) {
    bool found = false;
    for (const auto& allowed : known) found = found || allowed == name;
    COTAN_REQUIRE(found, value.where() << ": " << unknown_name("key", name, known));
  }
}

}  // namespace cotan

#include <charconv>
#include <sstream>

#include "core/check.h"
#include "core/config.h"
#include "core/config_node.h"

namespace cotan {
namespace {

using Kind = Config::Kind;

bool plain_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '/' || c == '+' || c == '-';
}

// Words and numbers; everything else is quoted, so no rule of YAML's about plain text is needed.
bool is_plain(const std::string& text) {
  bool word = false;
  for (const char c : text) {
    if (!plain_character(c)) return false;
    word = word || (c != '.' && c != '/' && c != '+' && c != '-');
  }
  return word && text != "null" && text != "Null" && text != "NULL";
}

std::string quoted(const std::string& text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (code < 0x20 || code == 0x7f) {
      out += {'\\', 'x', kHex[code >> 4], kHex[code & 15]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

bool is_empty(const Config& node) {
  return (node.kind() == Kind::map && node.entries().empty()) || (node.kind() == Kind::list && node.items().empty());
}

bool on_one_line(const Config& node) {
  if (node.kind() == Kind::null || node.kind() == Kind::scalar || is_empty(node)) return true;
  if (node.kind() == Kind::map) return false;
  for (const auto& item : node.items()) {
    if (item.kind() != Kind::scalar && item.kind() != Kind::null) return false;
  }
  return true;
}

void write_line(std::ostream& out, const Config& node) {
  if (node.kind() == Kind::null) {
    out << "null";
  } else if (node.kind() == Kind::scalar) {
    out << yaml_word(node.text());
  } else if (node.kind() == Kind::map) {
    out << "{}";
  } else {
    out << "[";
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      out << (i ? ", " : "");
      write_line(out, node.items()[i]);
    }
    out << "]";
  }
}

void write_block(std::ostream& out, const Config& node, const std::string& indent);

void write_value(std::ostream& out, const Config& node, const std::string& indent) {
  if (on_one_line(node)) {
    out << " ";
    write_line(out, node);
    out << "\n";
  } else {
    out << "\n";
    write_block(out, node, indent + "  ");
  }
}

void write_block(std::ostream& out, const Config& node, const std::string& indent) {
  if (node.kind() == Kind::map) {
    for (const auto& [key, value] : node.entries()) {
      out << indent << yaml_word(key) << ":";
      write_value(out, value, indent);
    }
  } else {
    for (const auto& item : node.items()) {
      out << indent << "-";
      write_value(out, item, indent);
    }
  }
}

}  // namespace

std::string yaml_word(const std::string& text) {
  return is_plain(text) ? text : quoted(text);
}

std::string Config::to_yaml() const {
  std::ostringstream out;
  if (on_one_line(*this)) {
    write_line(out, *this);
    out << "\n";
  } else {
    write_block(out, *this, "");
  }
  return out.str();
}

Config Config::with(std::string_view dotted_key, std::string_view yaml_value) const {
  COTAN_REQUIRE(!dotted_key.empty(), "--set: a value '" << yaml_value << "' without a key");
  const std::string path = detail::joined_path(key_path(), dotted_key);
  return replaced(dotted_key, parse(yaml_value, "--set", file(), path));
}

Config Config::without(std::string_view key) const {
  auto node = std::make_shared<Node>(*node_);
  std::erase_if(node->entries, [&](const auto& entry) { return entry.first == key; });
  return Config(std::move(node));
}

Config Config::replaced(std::string_view dotted_key, const Config& value) const {
  const std::size_t dot = dotted_key.find('.');
  const std::string head(dotted_key.substr(0, dot));
  COTAN_REQUIRE(!head.empty(), "--set: the key '" << value.key_path() << "' has an empty part");
  const auto child = [&](const Config& old) {
    return dot == dotted_key.npos ? value : old.replaced(dotted_key.substr(dot + 1), value);
  };
  auto node = std::make_shared<Node>(*node_);
  if (kind() == Kind::list) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), index);
    COTAN_REQUIRE(error == std::errc{} && end == head.data() + head.size() && index < node->items.size(),
                  "--set " << value.key_path() << ": expected an index below " << node->items.size()
                           << " into the list " << where() << ", found '" << head << "'");
    node->items[index] = child(node->items[index]);
    return Config(std::move(node));
  }
  COTAN_REQUIRE(kind() != Kind::scalar,
                "--set " << value.key_path() << ": " << where() << " is a single value, not a map");
  node->kind = Kind::map;
  for (auto& [key, old] : node->entries) {
    if (key != head) continue;
    old = child(old);
    return Config(std::move(node));
  }
  node->entries.emplace_back(head, child((*this)[head]));
  return Config(std::move(node));
}

// The root of a file: nothing at all is an empty map.
Config Config::document() const {
  if (kind() != Kind::null) return *this;
  auto node = std::make_shared<Node>(*node_);
  node->kind = Kind::map;
  return Config(std::move(node));
}

}  // namespace cotan

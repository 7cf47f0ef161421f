#include <charconv>
#include <set>

#include "core/check.h"
#include "core/config_node.h"
#include "core/files.h"
#include "io/archive.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kFormat = "cotan archive 1";

On on_from(const Config& node) {
  const std::vector<std::string> words = {"point", "cell", "dof", "global"};
  constexpr On kinds[] = {On::points, On::cells, On::dofs, On::whole};
  const std::string word = node.text();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return kinds[i];
  }
  throw InputError(node.where() + ": " + unknown_name("kind of field", word, words));
}

// Config's integers are signed; seeds and draws use all 64 bits.
std::uint64_t natural(const Config& node) {
  const std::string text = node.text();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  COTAN_REQUIRE(error == std::errc{} && end == text.data() + text.size(),
                node.where() << ": found '" << text << "', expected a whole number, 0 or more");
  return value;
}

// As a double-quoted YAML scalar.
std::string yaml_text(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += std::string("\\x") + hex[byte >> 4] + hex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string numbers(const std::vector<std::size_t>& values) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) out += (i ? ", " : "") + std::to_string(values[i]);
  return out + "]";
}

FieldSpec parse_field(const Config& node) {
  node.only_keys({"name", "components", "on", "unit"});
  FieldSpec spec;
  spec.name = node.at("name").text();
  const auto components = node.at("components").integer();
  COTAN_REQUIRE(components >= 1 && components <= 1'000'000,
                node.at("components").where() << ": " << components << " is out of range; expected 1 to 1000000");
  spec.components = static_cast<int>(components);
  spec.on = on_from(node.at("on"));
  if (node.has("unit")) spec.unit = node["unit"].text();
  return spec;
}

// Plain names only: an archive never reaches outside its folder.
std::string parse_file_name(const Config& node) {
  const std::string name = node.text();
  COTAN_REQUIRE(!name.empty() && fs::path(name).filename() == fs::path(name) && name != "." && name != "..",
                node.where() << ": found '" << name << "', expected the name of a file in the archive's folder");
  return name;
}

void parse_splits(const Config& node, ArchiveIndex& index) {
  for (const auto& [name, list] : node.entries()) {
    for (const auto& item : list.items()) {
      const auto trajectory = natural(item);
      COTAN_REQUIRE(trajectory < index.files.size(), item.where() << ": trajectory " << trajectory << " of "
                                                                  << index.files.size() << " (counted from 0)");
      index.splits[name].push_back(trajectory);
    }
  }
}

}  // namespace

std::string trajectory_file_name(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits + ".vtkhdf";
}

ArchiveIndex read_archive_index(const fs::path& folder) {
  const Config root = Config::parse_file(folder / "archive.yaml");
  root.only_keys({"format", "seed", "fields", "trajectories", "splits", "failures", "made_by"});
  const Config format = root.at("format");
  COTAN_REQUIRE(format.text() == kFormat, format.where()
                                              << ": found '" << format.text() << "', expected '" << kFormat << "'");
  ArchiveIndex index;
  index.seed = natural(root.at("seed"));
  for (const auto& node : root.at("fields").items()) index.fields.push_back(parse_field(node));
  std::set<std::string> seen;
  for (const auto& node : root.at("trajectories").items()) {
    index.files.push_back(parse_file_name(node));
    COTAN_REQUIRE(seen.insert(index.files.back()).second, node.where()
                                                              << ": " << index.files.back() << " stands twice");
  }
  if (root.has("splits")) parse_splits(root["splits"], index);
  if (root.has("failures")) {
    for (const auto& node : root["failures"].items()) {
      node.only_keys({"draw", "reason"});
      index.failures.push_back({natural(node.at("draw")), node.at("reason").text()});
    }
  }
  if (root.has("made_by")) index.made_by = root["made_by"].text();
  return index;
}

void write_archive_index(const fs::path& folder, const ArchiveIndex& index) {
  std::size_t nodes = 8 + 5 * index.fields.size() + index.files.size() + 3 * index.failures.size();
  for (const auto& [name, trajectories] : index.splits) nodes += 1 + trajectories.size();
  COTAN_REQUIRE(nodes <= detail::kMaxConfigNodes, (folder / "archive.yaml").string()
                                                      << ": " << index.files.size()
                                                      << " trajectories, more than its index can list ("
                                                      << detail::kMaxConfigNodes << " entries and places in splits)");
  std::string out = std::string(kArchiveHeading) + ": a transient VTKHDF file for each trajectory.\n";
  out += "format: " + std::string(kFormat) + "\nseed: " + std::to_string(index.seed) + "\nfields:";
  out += index.fields.empty() ? " []\n" : "\n";
  for (const auto& field : index.fields) {
    out += "  - {name: " + yaml_text(field.name) + ", components: " + std::to_string(field.components) +
           ", on: " + std::string(to_string(field.on)) + ", unit: " + yaml_text(field.unit) + "}\n";
  }
  out += index.files.empty() ? "trajectories: []\n" : "trajectories:\n";
  for (const auto& file : index.files) out += "  - " + yaml_text(file) + "\n";
  if (!index.splits.empty()) out += "splits:\n";
  for (const auto& [name, trajectories] : index.splits)
    out += "  " + yaml_text(name) + ": " + numbers(trajectories) + "\n";
  if (!index.failures.empty()) out += "failures:\n";
  for (const auto& failure : index.failures) {
    out += "  - {draw: " + std::to_string(failure.draw) + ", reason: " + yaml_text(failure.reason) + "}\n";
  }
  out += "made_by: " + yaml_text(index.made_by) + "\n";
  write_file(folder / "archive.yaml", out);
}

}  // namespace cotan

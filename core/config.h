#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cotan {

/// One node of a configuration file (YAML): nothing, a scalar, a list or a map; knows its line and its key path,
/// so that every message can name them. Values in, values out: copies are cheap (shared, never changed).
/// Duplicate keys, anchors that loop and tabs are refused when parsed.
class Config {
 public:
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Config();  ///< an empty map
  /// \throw InputError naming file and line
  static Config parse_file(const std::filesystem::path& path);
  static Config parse_text(std::string_view text, std::string_view source = "<text>");

  Kind kind() const;
  bool has(std::string_view key) const;                 ///< \pre a map, else false
  Config operator[](std::string_view key) const;        ///< null node where absent
  Config at(std::string_view key) const;                ///< \throw InputError where absent, listing the keys there are
  const std::vector<std::pair<std::string, Config>>& entries() const;  ///< of a map, in the file's order
  const std::vector<Config>& items() const;             ///< of a list
  std::string where() const;                            ///< "case.yaml:12: boundary.inlet": file, line, key path
  std::string key_path() const;                         ///< "boundary.inlet"
  std::filesystem::path file() const;                   ///< relative paths in a configuration are relative to its folder

  /// Typed reads of a scalar. \throw InputError naming where(), the text found and what was expected
  std::string text() const;
  double number() const;
  std::int64_t integer() const;
  bool boolean() const;

  /// Refuses keys outside `known`. \throw InputError with line, nearest name and the names there are
  void only_keys(std::initializer_list<std::string_view> known) const;
  void only_keys(const std::vector<std::string>& known) const;

  /// A copy with the scalar (or YAML text) at a dotted path replaced or added: `--set train.epochs=3`.
  Config with(std::string_view dotted_key, std::string_view yaml_value) const;
  std::string to_yaml() const;  ///< the full echo; parses back to the same tree

 private:
  struct Node;
  std::shared_ptr<const Node> node_;
};

}  // namespace cotan

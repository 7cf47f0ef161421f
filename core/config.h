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
/// Refused when parsed: duplicate keys, anchors that loop, tabs as indentation, tags, merge keys, several documents.
/// An empty document is an empty map.
class Config {
 public:
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Config();  ///< an empty map
  /// \throw InputError naming file and line
  static Config parse_file(const std::filesystem::path& path);
  /// \param source what messages call it
  static Config parse_text(std::string_view text, std::string_view source = "<text>");

  Kind kind() const;
  bool has(std::string_view key) const;           ///< \pre a map, else false
  Config operator[](std::string_view key) const;  ///< null node where absent
  Config at(std::string_view key) const;          ///< \throw InputError where absent, listing the keys there are
  /// Of a map, in the file's order; none for null. \throw InputError for a scalar or a list
  const std::vector<std::pair<std::string, Config>>& entries() const;
  const std::vector<Config>& items() const;  ///< of a list; none for null. \throw InputError for a scalar or a map
  std::string where() const;                 ///< "case.yaml:12: boundary.inlet": file, line, key path
  std::string key_path() const;              ///< "boundary.inlet"
  std::filesystem::path file() const;        ///< relative paths in a configuration are relative to its folder

  /// Typed reads of a scalar. \throw InputError naming where(), the text found and what was expected
  std::string text() const;
  double number() const;
  std::int64_t integer() const;
  bool boolean() const;

  /// Refuses keys outside `known`. \throw InputError with line, nearest name and the names there are
  void only_keys(std::initializer_list<std::string_view> known) const;
  void only_keys(const std::vector<std::string>& known) const;

  /// A copy with the scalar (or YAML text) at a dotted path replaced or added: `--set train.epochs=3`. A number in the
  /// path is an index into a list. \throw InputError for text that is no YAML, or a path through a scalar
  Config with(std::string_view dotted_key, std::string_view yaml_value) const;
  Config without(std::string_view key) const;  ///< a copy of a map with that key left out
  std::string to_yaml() const;                 ///< the full echo; parses back to the same tree

 private:
  friend class ConfigBuilder;
  struct Node;
  explicit Config(std::shared_ptr<const Node> node);
  static Config parse(std::string_view text, const std::string& source, const std::filesystem::path& file,
                      const std::string& root_path);
  Config document() const;
  Config replaced(std::string_view dotted_key, const Config& value) const;
  const std::string& scalar(const char* expected) const;

  std::shared_ptr<const Node> node_;
};

/// A text as one YAML scalar: as it is where it is a word or a number, else in quotes.
std::string yaml_word(const std::string& text);

}  // namespace cotan

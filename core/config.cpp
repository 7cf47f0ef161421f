#include "core/config.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <sstream>

#include "core/check.h"
#include "core/config_node.h"
#include "core/files.h"

namespace cotan {

/// Builds the tree from yaml-cpp's events: marks give lines, aliases are copied within a budget, and what YAML allows
/// but a configuration must not hold is refused.
class ConfigBuilder : public YAML::EventHandler {
 public:
  ConfigBuilder(std::string_view text, std::string source, std::filesystem::path file, std::string root_path)
      : text_(text), source_(std::move(source)), file_(std::move(file)), root_path_(std::move(root_path)) {}

  /// Nothing for an empty document.
  Config root() { return root_ ? *root_ : Config(NodePtr(start(Config::Kind::null, YAML::Mark()))); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_key(mark, false);
    finish(start(Config::Kind::null, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    check_quote(mark);
    if (expects_key()) return take_key(mark, value);
    auto node = start(Config::Kind::scalar, mark);
    node->scalar = value;
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_key(mark, false);
    const auto found = anchors_.find(anchor);
    require(found != anchors_.end(), mark, "an alias inside the value that it stands for");
    auto copy = copied(*found->second.node_, next_path(), open_.size(), mark);
    finish(std::move(copy), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Config::Kind::list, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Config::Kind::map, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  using NodePtr = std::shared_ptr<Config::Node>;
  struct Open {
    NodePtr node;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;  // of a map: read, its value not yet
    std::int64_t key_line = 0;
    std::map<std::string, std::int64_t> lines;  // of the keys so far
  };

  void require(bool holds, const YAML::Mark& mark, const std::string& problem) const {
    COTAN_REQUIRE(holds, source_ << (line(mark) > 0 ? ":" + std::to_string(line(mark)) : "") << ": " << problem);
  }

  // Values put over a file have no line in it.
  std::int64_t line(const YAML::Mark& mark) const { return root_path_.empty() ? mark.line + 1 : 0; }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    require(tag.empty() || tag == "?" || tag == "!", mark, "the tag '" + tag + "': tags are not read");
  }

  // yaml-cpp takes a quote that is never closed for one that ends with the file, which hides what follows.
  void check_quote(const YAML::Mark& mark) const {
    auto begin = static_cast<std::size_t>(mark.pos);
    while (begin < text_.size() && (text_[begin] == '&' || text_[begin] == '!')) {  // the mark is that of an anchor
      begin = text_.find_first_not_of(kBlanks, text_.find_first_of(kBlanks, begin));
    }
    if (begin >= text_.size() || (text_[begin] != '"' && text_[begin] != '\'')) return;
    const char quote = text_[begin];
    std::size_t end = begin + 1;
    for (; end < text_.size(); ++end) {
      const bool is_doubled = quote == '\'' && text_.substr(end, 2) == "''";  // a quote inside single ones
      if (text_[end] == quote && !is_doubled) break;
      end += is_doubled || (quote == '"' && text_[end] == '\\');
    }
    require(end < text_.size(), mark, "not YAML: a quote that is never closed");
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().node->kind == Config::Kind::map && !open_.back().key;
  }

  void check_key(const YAML::Mark& mark, bool is_word) const {
    require(is_word || !expects_key(), mark, "a key that is not a word (or a bracket that is never closed)");
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    Open& map = open_.back();
    require(key != "<<", mark, "the merge key '<<' is not read: write the keys out");
    const auto [found, fresh] = map.lines.emplace(key, line(mark));
    require(fresh, mark,
            "the key '" + detail::joined_path(map.node->key_path, key) + "' stands twice, first on line " +
                std::to_string(found->second));
    map.key = key;
    map.key_line = line(mark);
  }

  std::string next_path() const {
    if (open_.empty()) return root_path_;
    const Open& parent = open_.back();
    const std::string key = parent.key ? *parent.key : std::to_string(parent.node->items.size());
    return detail::joined_path(parent.node->key_path, key);
  }

  NodePtr start(Config::Kind kind, const YAML::Mark& mark) {
    require(++count_ <= detail::kMaxConfigNodes, mark,
            "more than " + std::to_string(detail::kMaxConfigNodes) + " values (do aliases multiply?)");
    auto node = std::make_shared<Config::Node>();
    node->kind = kind;
    node->key_path = next_path();
    node->source = source_;
    node->file = file_;
    // A value that is left out has the mark of what follows: its key's line is the better one.
    const bool absent = kind == Config::Kind::null && !open_.empty() && open_.back().key;
    node->line = absent ? open_.back().key_line : line(mark);
    return node;
  }

  void open(Config::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    check_key(mark, false);
    check_depth(open_.size(), mark);
    open_.push_back({start(kind, mark), anchor, {}, 0, {}});
  }

  void check_depth(std::size_t depth, const YAML::Mark& mark) const {
    require(depth < detail::kMaxConfigDepth, mark,
            "nested deeper than " + std::to_string(detail::kMaxConfigDepth) + " levels");
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  void finish(NodePtr node, YAML::anchor_t anchor) {
    const Config value{std::shared_ptr<const Config::Node>(std::move(node))};
    if (anchor != 0) anchors_.insert_or_assign(anchor, value);
    if (open_.empty()) {
      root_ = value;
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == Config::Kind::list) {
      parent.node->items.push_back(value);
    } else {
      parent.node->entries.emplace_back(std::move(*parent.key), value);
      parent.key.reset();
    }
  }

  NodePtr copied(const Config::Node& from, const std::string& key_path, std::size_t depth, const YAML::Mark& mark) {
    check_depth(depth, mark);
    NodePtr node = start(from.kind, mark);
    node->scalar = from.scalar;
    node->key_path = key_path;
    const auto child = [&](const Config& value, const std::string& key) {
      return Config(copied(*value.node_, detail::joined_path(key_path, key), depth + 1, mark));
    };
    for (const auto& [key, value] : from.entries) node->entries.emplace_back(key, child(value, key));
    for (const auto& item : from.items) node->items.push_back(child(item, std::to_string(node->items.size())));
    return node;
  }

  static constexpr std::string_view kBlanks = " \t\r\n";

  std::string_view text_;
  std::string source_;
  std::filesystem::path file_;
  std::string root_path_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Config> anchors_;
  std::optional<Config> root_;
  std::size_t count_ = 0;
};

Config Config::parse(std::string_view text, const std::string& source, const std::filesystem::path& file,
                     const std::string& root_path) {
  COTAN_REQUIRE(text.size() <= detail::kMaxConfigBytes,
                source << ": " << text.size() << " bytes, a configuration has at most " << detail::kMaxConfigBytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark, which no position counts
  COTAN_REQUIRE(text.find('\0') == text.npos, source << ": holds a zero byte, so it is no text");
  ConfigBuilder builder(text, source, file, root_path);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    const Config root = builder.root();
    ConfigBuilder rest(text, source, file, root_path);
    COTAN_REQUIRE(!parser.HandleNextDocument(rest), source << ": more than one document ('---')");
    return root;
  } catch (const YAML::Exception& error) {
    const bool somewhere = !error.mark.is_null();
    throw InputError(source + (somewhere ? ":" + std::to_string(error.mark.line + 1) : "") + ": not YAML: " +
                     error.msg + (somewhere ? " (column " + std::to_string(error.mark.column + 1) + ")" : ""));
  }
}

Config Config::parse_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);  // before it is in memory
  COTAN_REQUIRE(error || size <= detail::kMaxConfigBytes,
                path.string() << ": " << size << " bytes, a configuration has at most " << detail::kMaxConfigBytes);
  return parse(read_file(path), path.string(), path, "").document();
}

Config Config::parse_text(std::string_view text, std::string_view source) {
  return parse(text, std::string(source), {}, "").document();
}

}  // namespace cotan

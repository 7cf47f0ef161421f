#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>

#include "core/check.h"
#include "io/abaqus_deck.h"
#include "io/rows.h"
#include "io/tag_map.h"

namespace cotan::abaqus {
namespace {
namespace fs = std::filesystem;

/// "*NAME, KEY=VALUE, …".
struct Keyword {
  std::string name;                               ///< in capitals, one blank between words
  std::map<std::string, std::string> parameters;  ///< keys in capitals
  std::string value(const std::string& key) const {
    const auto found = parameters.find(key);
    return found == parameters.end() ? "" : found->second;
  }
};

/// The lines of a deck and of the files that it includes.
class Lines {
 public:
  explicit Lines(Source& deck) : deck_(deck) {}
  /// The next line that is neither blank nor a comment; false at the end.
  bool next() {
    for (;;) {
      while (source().at_end() && !included_.empty()) included_.pop_back();
      if (source().at_end()) return false;
      text_ = trimmed(source().line_view());
      if (!text_.empty() && !text_.starts_with("**")) return true;
    }
  }
  std::string_view text() const { return text_; }
  Row row() { return Row(source(), text_, true); }
  Source& source() { return included_.empty() ? deck_ : *included_.back(); }
  std::uint64_t bytes() const { return bytes_; }

  /// Goes on with a file that stands beside the deck or below, each once: so decks cannot include themselves.
  void include(const std::string& file) {
    constexpr std::size_t kMostOpen = 32;
    const fs::path path(file);
    const bool stays =
        path.is_relative() && std::none_of(path.begin(), path.end(), [](const fs::path& p) { return p == ".."; });
    if (file.empty()) source().fail_in_line("a file to include is not named (INPUT=)");
    if (!deck_.is_file()) source().fail_in_line("a deck that is no file cannot include '" + printable(file) + "'");
    if (!stays) source().fail_in_line("includes '" + printable(file) + "', expected a file in the deck's folder");
    if (included_.size() >= kMostOpen || !seen_.insert(path.lexically_normal()).second) {
      source().fail_in_line("includes '" + printable(file) + "' again, or too deep");
    }
    included_.push_back(std::make_unique<Source>(fs::path(deck_.name()).parent_path() / path));
    bytes_ += included_.back()->remaining();
  }

 private:
  Source& deck_;
  std::vector<std::unique_ptr<Source>> included_;
  std::set<fs::path> seen_;
  std::string_view text_;
  std::uint64_t bytes_ = deck_.remaining();
};

std::string one_blank(std::string_view text) {
  std::string out;
  for (const char c : upper(trimmed(text))) {
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  }
  return out;
}

std::string_view unquoted(std::string_view text) {
  return text.size() > 1 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

constexpr std::array<std::string_view, 8> kGenerators = {"NGEN",  "NCOPY",  "NFILL",  "NMAP",
                                                         "ELGEN", "ELCOPY", "SYSTEM", "SUBMODEL"};

/// Keywords and their data lines in the order of the deck.
class Reader {
 public:
  explicit Reader(Source& source) : lines_(source) {}

  Deck read() {
    while (lines_.next()) {
      if (!lines_.text().starts_with('*')) {
        data();
        continue;
      }
      const Keyword found = parse_keyword();
      if (found.name == "INCLUDE") {  // stands for the file's lines: data may go on there
        lines_.include(found.value("INPUT"));
      } else {
        end_of_data();
        keyword(found);
      }
    }
    end_of_data();
    if (block_ != &deck_.own) lines_.source().fail("the file ends inside a *PART");
    if (left_out_ > 0) {
      deck_.notes.push_back(std::to_string(left_out_) + " elements that are no cells left out (" +
                            join(std::vector<std::string>(left_out_types_.begin(), left_out_types_.end())) + ")");
    }
    deck_.bytes = lines_.bytes();
    return std::move(deck_);
  }

 private:
  enum class Mode { none, nodes, elements, no_cells, node_set, element_set, surface, instance };

  [[noreturn]] void fail(const std::string& what) { lines_.source().fail_in_line(what); }

  Keyword parse_keyword() {
    constexpr std::size_t kLongest = 10000;
    std::string text(lines_.text().substr(1));
    while (text.ends_with(',') && text.size() < kLongest && lines_.next()) text += lines_.text();
    Row row(lines_.source(), text, true);
    Keyword found{one_blank(row.word()), {}};
    while (!row.done()) {
      const std::string_view word = row.word();
      const auto equals = word.find('=');
      const std::string value(equals == word.npos ? "" : unquoted(trimmed(word.substr(equals + 1))));
      found.parameters[one_blank(word.substr(0, equals))] = value;
    }
    return found;
  }

  void keyword(const Keyword& k) {
    mode_ = Mode::none;
    if (std::count(kGenerators.begin(), kGenerators.end(), k.name)) {
      fail("*" + k.name + " cannot be read; write the nodes and elements themselves, in the global system");
    }
    if (k.name == "NODE") {
      begin_nodes(k);
    } else if (k.name == "ELEMENT") {
      begin_elements(k);
    } else if (k.name == "NSET" || k.name == "ELSET") {
      begin_set(k, k.name == "NSET");
    } else if (k.name == "SURFACE") {
      begin_surface(k);
    } else {
      structure(k);
    }
  }

  void structure(const Keyword& k) {
    if (k.name == "PART") {
      const std::string name = required(k, "NAME");
      if (block_ != &deck_.own) fail("*PART '" + printable(name) + "' inside another part");
      const auto [part, is_new] = deck_.parts.try_emplace(upper(name));
      if (!is_new) fail("part '" + printable(name) + "' stands twice");
      block_ = &part->second;
    } else if (k.name == "END PART") {
      block_ = &deck_.own;
    } else if (k.name == "INSTANCE") {
      deck_.instances.push_back({required(k, "NAME"), upper(required(k, "PART"))});
      numbers_.clear();
      in_instance_ = true;
      mode_ = Mode::instance;
    } else if (k.name == "END INSTANCE") {
      in_instance_ = false;
    }
  }

  std::string required(const Keyword& k, const std::string& key) {
    const std::string value = k.value(key);
    if (value.empty()) fail("*" + k.name + " without " + key + "=");
    return value;
  }

  void begin_nodes(const Keyword& k) {
    if (in_instance_) fail("*NODE inside *INSTANCE cannot be read, expected it in a *PART");
    const std::string system = upper(k.value("SYSTEM"));
    if (!system.empty() && system != "R") fail("*NODE, SYSTEM=" + printable(system) + ": only rectangular coordinates");
    mode_ = Mode::nodes;
    first_ = Index(block_->nodes.size());
    set_name_ = k.value("NSET");
    if (k.parameters.contains("INPUT")) lines_.include(k.value("INPUT"));
  }

  void begin_elements(const Keyword& k) {
    if (in_instance_) fail("*ELEMENT inside *INSTANCE cannot be read, expected it in a *PART");
    const std::string type = required(k, "TYPE");
    const auto found = element_type(type);
    first_ = Index(block_->elements.size());
    set_name_ = k.value("ELSET");
    if (found) {
      type_ = *found;
      mode_ = Mode::elements;
    } else if (is_no_cell(type)) {
      left_out_types_.insert(upper(type).substr(0, 20));
      mode_ = Mode::no_cells;
      continued_ = false;
    } else {
      fail("elements of type '" + printable(type) +
           "'; expected solids (C3D…, DC3D…, AC3D…), plane and axisymmetric ones (CPE, CPS, CAX, DC2D, …), shells and "
           "membranes (S, STRI, M3D, R3D), trusses and beams of two nodes");
    }
    if (k.parameters.contains("INPUT")) lines_.include(k.value("INPUT"));
  }

  void begin_set(const Keyword& k, bool of_nodes) {
    auto& sets = of_nodes ? block_->node_sets : block_->element_sets;
    sets.push_back({required(k, of_nodes ? "NSET" : "ELSET"), k.value("INSTANCE")});
    if (of_nodes && k.parameters.contains("ELSET")) sets.back().of_elements.push_back(k.value("ELSET"));
    generate_ = k.parameters.contains("GENERATE");
    mode_ = of_nodes ? Mode::node_set : Mode::element_set;
  }

  void begin_surface(const Keyword& k) {
    const std::string type = upper(k.value("TYPE"));
    const std::string name = required(k, "NAME");
    if ((!type.empty() && type != "ELEMENT" && type != "NODE") || k.parameters.contains("COMBINE")) {
      deck_.notes.push_back("surface '" + printable(name) + "' of another kind than ELEMENT or NODE left out");
      return;
    }
    block_->surfaces.push_back({name, k.value("INSTANCE"), type == "NODE"});
    mode_ = Mode::surface;
  }

  void data() {
    Row row = lines_.row();
    switch (mode_) {
      case Mode::none:
        return;
      case Mode::nodes:
        return node(row);
      case Mode::elements:
        return element(row);
      case Mode::no_cells:
        return no_cell(row);
      case Mode::node_set:
        return set_line(row, block_->node_sets.back());
      case Mode::element_set:
        return set_line(row, block_->element_sets.back());
      case Mode::surface: {
        const std::string target(unquoted(row.word()));
        block_->surfaces.back().rows.emplace_back(target, upper(row.word()));
        return;
      }
      case Mode::instance:
        return placement(row);
    }
  }

  std::int64_t number(Row& row, std::string_view what) {
    const auto value = row.number<std::int64_t>(what);
    if (value < 1 || value > TagMap::kMaxTag)
      row.fail(std::string(what) + " " + std::to_string(value) + ", expected a positive one");
    return value;
  }

  void node(Row& row) {
    block_->nodes.push_back(number(row, "the number of a node"));
    for (int k = 0; k < 3; ++k) {
      const std::string_view word = row.word();
      double x = 0;  // what is left out is zero
      if (!word.empty() && !parse_number(word, x)) row.fail("found '" + printable(word) + "', expected a coordinate");
      if (!std::isfinite(x)) row.fail("a coordinate that is not finite");
      block_->points.push_back(x);
    }  // a direction may follow
  }

  // Its nodes may go on over the lines behind.
  void element(Row& row) {
    if (pending_ == 0) {
      block_->elements.push_back(number(row, "the number of an element"));
      block_->types.push_back(type_);
      deck_.reduced += type_.reduced();
      pending_ = type_.num_nodes;
    }
    while (pending_ > 0 && !row.done()) {
      const auto node = number(row, "the number of a node");
      if (type_.num_nodes - pending_ < shape(type_.cell).num_nodes) block_->links.push_back(node);
      --pending_;
    }
    if (!row.done()) {
      fail("element " + std::to_string(block_->elements.back()) + " has more than " + std::to_string(type_.num_nodes) +
           " nodes");
    }
  }

  // A line that ends with a comma goes on.
  void no_cell(Row& row) {
    if (!continued_) {
      block_->left_out.push_back(number(row, "the number of an element"));
      ++left_out_;
    }
    continued_ = lines_.text().ends_with(',');
  }

  void set_line(Row& row, Set& set) {
    if (generate_) {
      const auto first = number(row, "the first of a range"), last = number(row, "the last of a range");
      const auto step = row.done() ? 1 : number(row, "the step of a range");
      set.ranges.push_back({first, last, step});
      return;
    }
    while (!row.done()) {
      const std::string_view word = row.word();
      std::int64_t value = 0;
      if (parse_number(word, value)) {
        set.numbers.push_back(value);
      } else if (!word.empty()) {
        set.names.emplace_back(unquoted(word));
      }
    }
  }

  // A line of a shift, and a line of an axis and an angle.
  void placement(Row& row) {
    Instance& instance = deck_.instances.back();
    std::size_t k = 0;
    while (!row.done()) {
      const double value = row.number<double>("a coordinate or an angle");
      if (!std::isfinite(value)) row.fail("a number that is not finite");
      if (numbers_.empty() && k < 3) instance.shift[k] = value;
      if (!numbers_.empty() && k < 7) instance.rotation[k] = value;
      ++k;
    }
    numbers_.push_back(k);
    if (k != (numbers_.size() == 1 ? 3u : 7u))
      fail(std::to_string(k) + " numbers, expected a shift of 3 and then a turn of 7");
  }

  void end_of_data() {
    if (pending_ > 0) {
      fail("element " + std::to_string(block_->elements.back()) + " ends before this line, " +
           std::to_string(pending_) + " of its " + std::to_string(type_.num_nodes) + " nodes missing");
    }
    if (set_name_.empty()) return;
    const bool of_nodes = mode_ == Mode::nodes;
    const auto last = Index(of_nodes ? block_->nodes.size() : block_->elements.size());
    Set set{std::move(set_name_)};
    set.rows.emplace_back(first_, last);
    (of_nodes ? block_->node_sets : block_->element_sets).push_back(std::move(set));
    set_name_.clear();
  }

  Lines lines_;
  Deck deck_;
  Block* block_ = &deck_.own;
  Mode mode_ = Mode::none;
  ElementType type_{};
  int pending_ = 0;  // nodes of an element that are still to come
  Index first_ = 0;  // row of the block where the data of a *NODE or *ELEMENT began
  std::string set_name_;
  std::vector<std::size_t> numbers_;  // how many stood in the lines of an *INSTANCE
  bool generate_ = false, continued_ = false, in_instance_ = false;
  std::size_t left_out_ = 0;
  std::set<std::string> left_out_types_;
};

}  // namespace

Deck read_deck(Source& source) {
  return Reader(source).read();
}

}  // namespace cotan::abaqus

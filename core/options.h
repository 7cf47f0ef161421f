#pragma once
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/config.h"

namespace cotan {

/// An options struct lists its members once:
///
///   struct RolloutOptions {
///     double dt = 0.01;
///     template <class V> void visit(V&& v) { v("dt", dt, "time step [s]", above(0.0)); }
///   };
///
/// and that list serves parsing (`read_options`), defaults and ranges in help (`describe_options`), and the
/// echo in logs and checkpoints (`echo_options`).

/// The allowed range of a number; open or closed below, closed above.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false;
  bool holds(double x) const { return std::isfinite(x) && (open_low ? x > low : x >= low) && x <= high; }
  std::string text() const {
    std::ostringstream s;
    if (std::isfinite(low)) s << (open_low ? "above " : "at least ") << low;
    if (std::isfinite(high)) s << (std::isfinite(low) ? ", " : "") << "at most " << high;
    return s.str();
  }
};
inline Range above(double low) {
  return {low, std::numeric_limits<double>::infinity(), true};
}
inline Range at_least(double low) {
  return {low};
}
inline Range between(double low, double high) {
  return {low, high};
}

/// The words an option may take.
struct OneOf {
  std::vector<std::string> words;
};

namespace detail {

class OptionReader {
 public:
  explicit OptionReader(const Config& config) : config_(config) {}
  template <class T>
  void operator()(const char* key, T& value, const char* about) {
    (*this)(key, value, about, Range{});
  }
  template <class T>
  void operator()(const char* key, T& value, const char* about, const Range& range) {
    known_.emplace_back(key);
    if (!config_.has(key)) return;
    const Config node = config_[key];
    if constexpr (std::is_same_v<T, bool>) {
      value = node.boolean();
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = node.text();
    } else if constexpr (std::is_integral_v<T>) {
      const std::int64_t found = node.integer();
      require_range(node, static_cast<double>(found), std::in_range<T>(found), about, range);
      value = static_cast<T>(found);
    } else {
      static_assert(std::is_floating_point_v<T>);
      const double found = node.number();
      require_range(node, found, std::abs(found) <= std::numeric_limits<T>::max(), about, range);
      value = static_cast<T>(found);
    }
  }
  void operator()(const char* key, std::string& value, const char* about, const OneOf& choices) {
    (*this)(key, value, about);
    if (!config_.has(key)) return;
    bool found = false;
    for (const auto& word : choices.words) found = found || word == value;
    COTAN_REQUIRE(found, config_[key].where() << ": " << unknown_name(key, value, choices.words));
  }
  const std::vector<std::string>& known() const { return known_; }

 private:
  static void require_range(const Config& node, double value, bool fits, const char* about, const Range& range) {
    COTAN_REQUIRE(fits && range.holds(value), node.where()
                                                  << ": " << node.text() << " is out of range (" << about
                                                  << (range.text().empty() ? "" : "; ") << range.text() << ")");
  }
  Config config_;
  std::vector<std::string> known_;
};

class OptionWriter {
 public:
  explicit OptionWriter(bool help) : help_(help) {}
  template <class T>
  void operator()(const char* key, T& value, const char* about) {
    (*this)(key, value, about, Range{});
  }
  template <class T>
  void operator()(const char* key, T& value, const char* about, const Range& range) {
    line(key, value, about, range.text());
  }
  void operator()(const char* key, std::string& value, const char* about, const OneOf& choices) {
    line(key, value, about, join(choices.words, " | "));
  }
  std::string text() const { return out_.str(); }

 private:
  template <class T>
  void line(const char* key, const T& value, const char* about, const std::string& allowed) {
    out_ << key << ": ";
    if constexpr (std::is_same_v<T, bool>) {
      out_ << (value ? "true" : "false");
    } else if constexpr (std::is_same_v<T, std::string>) {
      out_ << yaml_word(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      out_ << shortest(value);
    } else {
      out_ << value;
    }
    if (help_) out_ << "  # " << about << (allowed.empty() ? "" : "; ") << allowed;
    out_ << '\n';
  }
  // The fewest digits that read back to the same bits.
  template <class T>
  static std::string shortest(T value) {
    char digits[64];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
  }
  bool help_;
  std::ostringstream out_;
};

}  // namespace detail

/// Reads an options struct from a map; absent keys keep their defaults.
/// \throw InputError naming line and key: unknown keys (with those there are), wrong types, values out of range
template <class Options>
Options read_options(const Config& config, Options options = {}) {
  detail::OptionReader reader(config);
  options.visit(reader);
  config.only_keys(reader.known());
  return options;
}

/// YAML lines "key: default  # what it is; allowed", for --help and the docs.
template <class Options>
std::string describe_options(Options options = {}) {
  detail::OptionWriter writer(true);
  options.visit(writer);
  return writer.text();
}

/// YAML lines "key: value": the echo that a checkpoint keeps. It reads back equal.
template <class Options>
std::string echo_options(Options options) {
  detail::OptionWriter writer(false);
  options.visit(writer);
  return writer.text();
}

}  // namespace cotan

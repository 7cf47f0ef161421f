#pragma once
#include <array>
#include <string>

#include "core/config.h"
#include "core/options.h"
#include "core/random.h"
#include "mesh/outline.h"

namespace cotan {

/// The numbers of an outline: plain, drawn, or formulas in the parameters (see OutlineDraw).
class OutlineNumbers {
 public:
  OutlineNumbers(const Config& root, const OutlineDraw& draw) : root_(root.key_path()), draw_(draw) {}
  /// \throw InputError naming line, key and range
  double number(const Config& node, const char* about, const Range& range) const;
  double number_or(const Config& map, const char* key, double otherwise, const char* about, const Range& range) const;
  /// A whole number; of a range each with the same chance.
  std::int64_t whole(const Config& node, const char* about, const Range& range) const;
  std::array<double, 2> point(const Config& node) const;
  /// Low and high, or one number for both.
  std::array<double, 2> range(const Config& node, const char* about, const Range& range) const;
  /// The numbers that are drawn for a place of the outline.
  Random stream(const Config& node) const;
  const OutlineDraw& draw() const { return draw_; }

 private:
  std::string root_;
  const OutlineDraw& draw_;
};

}  // namespace cotan

#include "core/check.h"

#include <algorithm>
#include <numeric>

namespace cotan {
namespace {

// Levenshtein distance: names are short, so the quadratic table is nothing.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + (shape[i] < 0 ? std::string("any") : std::to_string(shape[i]));
  }
  return text + ")";
}

}  // namespace

std::string join(std::span<const std::string> words, std::string_view separator) {
  if (words.empty()) return "nothing";
  std::string text = words.front();
  for (const auto& word : words.subspan(1)) text += std::string(separator) + word;
  return text;
}

std::string unknown_name(std::string_view what, std::string_view name, std::span<const std::string> there_are) {
  std::string text = "unknown " + std::string(what) + " '" + std::string(name) + "'";
  const auto nearest = std::min_element(there_are.begin(), there_are.end(), [&](const auto& a, const auto& b) {
    return edit_distance(a, name) < edit_distance(b, name);
  });
  if (nearest != there_are.end() && edit_distance(*nearest, name) <= 1 + name.size() / 3) {
    text += " (did you mean '" + *nearest + "'?)";
  }
  return text + "; there are: " + join(there_are);
}

void check_shape(std::span<const std::int64_t> found, std::span<const std::int64_t> expected, std::string_view name) {
  bool same = found.size() == expected.size();
  for (std::size_t i = 0; same && i < expected.size(); ++i) same = expected[i] < 0 || expected[i] == found[i];
  if (!same) throw Error(std::string(name) + ": shape " + shape_text(found) + ", expected " + shape_text(expected));
}

void check_shape(std::span<const std::int64_t> found, std::initializer_list<std::int64_t> expected,
                 std::string_view name) {
  check_shape(found, std::span(expected.begin(), expected.size()), name);
}

}  // namespace cotan

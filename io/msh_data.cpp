#include <cmath>
#include <limits>

#include "core/check.h"
#include "io/msh_raw.h"

namespace cotan::msh {
namespace {

std::string unquoted(std::string text) {
  const auto first = text.find('"'), last = text.rfind('"');
  return first == last ? text : text.substr(first + 1, last - first - 1);
}

struct Tags {
  std::string name;
  double time = 0;
  int components = 1, padded = 1;  // of the field, and as they stand in the file
  std::size_t rows = 0;
};

// String, real and integer tags: text in binary files too. The fifth integer is ours: the components before Gmsh's
// 1, 3 or 9 were made of them.
Tags read_tags(Source& source, std::string name) {
  Tags tags{.name = std::move(name)};
  const auto strings = source.checked_count(source.text<std::uint64_t>(), 1, "names");
  for (std::size_t k = 0; k < strings; ++k) {
    auto text = unquoted(source.next_line());
    if (k == 0 && !text.empty()) tags.name = std::move(text);
  }
  const auto reals = source.checked_count(source.text<std::uint64_t>(), 2, "real tags");
  for (std::size_t k = 0; k < reals; ++k) {
    const auto value = source.text<double>();
    if (k == 0) tags.time = value;
  }
  std::array<std::int64_t, 5> integers{0, 1, 0, 0, 0};
  const auto count = source.checked_count(source.text<std::uint64_t>(), 2, "integer tags");
  for (std::size_t k = 0; k < count; ++k) {
    const auto value = source.text<std::int64_t>();
    if (k < integers.size()) integers[k] = value;
  }
  if (source.binary()) source.skip_line_end();
  if (integers[1] < 1 || integers[1] > 4096 || integers[2] < 0) {
    source.fail("field '" + tags.name + "' of " + std::to_string(integers[1]) + " components on " +
                std::to_string(integers[2]) + " things");
  }
  tags.padded = int(integers[1]);
  tags.components = 0 < integers[4] && integers[4] < integers[1] ? int(integers[4]) : tags.padded;
  const auto row = std::uint64_t(tags.padded);
  tags.rows = source.checked_count(std::uint64_t(integers[2]), source.least_bytes(1 + row, row, 4), "values");
  return tags;
}

// Fields on few points are filled up with NaN: many of them must not ask for memory that no file backs.
void require_backed(const RawMsh& raw, const Source& source, std::size_t more) {
  constexpr std::uint64_t kMostTimes = 64;  // of the file's bytes
  std::size_t numbers = more;
  for (const auto& [key, field] : raw.fields) numbers += field.values.size();
  const std::uint64_t file = source.position() + source.remaining();
  if (sizeof(double) * numbers > kMostTimes * file + (1 << 20)) {
    source.fail("fields of " + std::to_string(numbers) + " numbers, most of them left out of a file of " +
                std::to_string(file) + " bytes");
  }
}

}  // namespace

void read_data(RawMsh& raw, Source& source, On on) {
  const auto tags = read_tags(source, on == On::points ? "NodeData" : "ElementData");
  const auto dim = std::size_t(std::max(raw.dim(), 0));
  const TagMap& map = on == On::points ? raw.node_tags : raw.elements[dim].tags;
  // Where the file leaves values out: few components only, or a lie about them asks for memory that no file backs.
  if (tags.rows < std::size_t(map.size()) && tags.padded > 9) {
    source.fail("field '" + tags.name + "' has " + std::to_string(tags.rows) + " rows, expected " +
                std::to_string(map.size()));
  }
  raw.time = tags.time;
  if (tags.rows == 0) return;
  auto& field = raw.fields[std::string(to_string(on)) + " " + tags.name];  // of several times the last
  field = {{tags.name, tags.components, on, ""}, {}};
  require_backed(raw, source, std::size_t(map.size()) * std::size_t(tags.components));
  field.values.assign(std::size_t(map.size()) * std::size_t(tags.components), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t k = 0; k < tags.rows; ++k) {
    const auto number = source.number<std::int32_t>();
    const Index row = map.find(number);
    for (int c = 0; c < tags.padded; ++c) {
      const auto value = source.number<double>();
      if (row >= 0 && c < tags.components) field.values[std::size_t(row) * tags.components + c] = value;
    }
    if (row < 0 && on == On::points) {
      source.fail("field '" + tags.name + "' at node " + std::to_string(number) + ", which is not among the nodes");
    }
  }
}

}  // namespace cotan::msh

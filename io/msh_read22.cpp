#include <algorithm>

#include "io/msh_raw.h"

namespace cotan::msh {
namespace {

// The count of a section stands as text in binary files too.
std::uint64_t section_count(Source& source) {
  const auto count = source.text<std::uint64_t>();
  if (source.binary()) source.skip_line_end();
  return count;
}

void skip_numbers(Source& source, int count) {
  for (int k = 0; k < count; ++k) source.number<std::int32_t>();
}

// Gmsh writes an element that is in several groups once for each, one after the other: the last element joins the
// one before it where the nodes are the same and the groups differ.
void merge_repeated(RawElements& e, const std::vector<std::vector<int>>& lists, ListTable& table) {
  const Index last = e.size() - 1;
  if (last < 1 || e.types[last] != e.types[last - 1] || e.group_lists.back().first != last) return;
  const auto n = shape(e.types[last]).num_nodes;
  if (!std::equal(e.links.end() - n, e.links.end(), e.links.end() - 2 * n)) return;
  const int list = e.group_lists.back().second;
  e.group_lists.pop_back();
  auto joined = lists[std::size_t(e.group_lists.back().second)];
  joined.insert(joined.end(), lists[std::size_t(list)].begin(), lists[std::size_t(list)].end());
  if (e.group_lists.back().first == last - 1) e.group_lists.pop_back();
  e.group_lists.emplace_back(last - 1, table.id(std::move(joined)));
  e.links.resize(e.links.size() - std::size_t(n));
  e.types.pop_back();
}

}  // namespace

void read_nodes22(RawMsh& raw, Source& source, bool parametric) {
  const auto declared = section_count(source);
  const std::uint64_t whole = parametric ? 6 : 4;
  const auto count = source.checked_count(declared, source.least_bytes(whole, 3, 4), "nodes");
  raw.points.reserve(3 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto tag = source.number<std::int32_t>();
    std::array<double, 3> x;
    for (double& coordinate : x) coordinate = source.number<double>();
    add_node(raw, source, tag, x);
    if (!parametric) continue;
    const auto dim = source.number<std::int32_t>();
    source.number<std::int32_t>();  // the entity
    for (int k = 0; k < dim && dim < 3; ++k) source.number<double>();
  }
  finish_nodes(raw, source);
}

void read_elements22(RawMsh& raw, Source& source) {
  const auto count = source.checked_count(section_count(source), source.least_bytes(3, 0, 4), "elements");
  ListTable table(raw);
  for (std::size_t done = 0; done < count;) {
    // text: each element has its own head, "number type tags"; binary: "type elements tags" for many
    auto tag = source.binary() ? 0 : source.number<std::int32_t>();
    const auto type = require_type(source, source.number<std::int32_t>());
    const std::int64_t follow = source.binary() ? source.number<std::int32_t>() : 1;
    const auto num_tags = source.number<std::int32_t>();
    if (follow < 1 || std::uint64_t(follow) > count - done) {
      source.fail("a block of " + std::to_string(follow) + " elements where " + std::to_string(count - done) +
                  " are left");
    }
    if (num_tags < 0) source.fail(std::to_string(num_tags) + " tags");
    source.checked_count(std::uint64_t(follow),
                         source.least_bytes(std::uint64_t(num_tags) + std::uint64_t(type.num_nodes), 0, 4), "elements");
    reserve_elements(raw, source, type, count - done, source.binary() ? 4 : 2);
    auto& elements = raw.elements[std::size_t(shape(type.cell).dim)];
    for (std::int64_t k = 0; k < follow; ++k, ++done) {
      if (source.binary()) tag = source.number<std::int32_t>();
      const int group = num_tags > 0 ? group_number(source, source.number<std::int32_t>()) : 0;
      skip_numbers(source, num_tags - 1);  // entity, number of partitions, partitions
      const Index before = elements.size();
      add_element<std::int32_t>(raw, source, type, tag, group == 0 ? 0 : table.id({group}));
      merge_repeated(elements, raw.lists, table);
      elements.size() > before ? elements.tags.add(tag) : elements.tags.add_alias(tag);
    }
  }
}

}  // namespace cotan::msh

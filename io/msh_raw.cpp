#include "io/msh_raw.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cotan::msh {

int RawMsh::dim() const {
  for (int d = 3; d >= 0; --d) {
    if (elements[std::size_t(d)].size() > 0) return d;
  }
  return -1;
}

int ListTable::id(std::vector<int> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  const auto [entry, is_new] = ids_.emplace(numbers, int(raw_.lists.size()));
  if (is_new) raw_.lists.push_back(std::move(numbers));
  return entry->second;
}

int group_number(const Source& source, std::int64_t number) {
  if (std::abs(number) > std::numeric_limits<int>::max()) {
    source.fail("physical group " + std::to_string(number) + " out of range");
  }
  return int(std::abs(number));
}

ElementType require_type(const Source& source, int gmsh) {
  const auto type = element_type(gmsh);
  if (!type) {
    source.fail("elements of Gmsh's type " + std::to_string(gmsh) +
                "; expected lines, triangles, quadrangles, tetrahedra, pyramids, prisms, hexahedra");
  }
  return *type;
}

void reserve_elements(RawMsh& raw, const Source& source, const ElementType& type, std::size_t count,
                      std::size_t bytes_per_node) {
  auto& elements = raw.elements[std::size_t(shape(type.cell).dim)];
  if (elements.links.capacity() > elements.links.size()) return;
  const std::uint64_t nodes = std::uint64_t(count) * std::uint64_t(shape(type.cell).num_nodes);
  const std::uint64_t there = source.remaining() / bytes_per_node + 1;  // never more than the file can hold
  elements.links.reserve(elements.links.size() + std::size_t(std::min(nodes, there)));
  elements.types.reserve(elements.types.size() + std::size_t(std::min<std::uint64_t>(count, there)));
}

void add_node(RawMsh& raw, const Source& source, std::int64_t tag, const std::array<double, 3>& x) {
  if (tag <= 0 || tag > TagMap::kMaxTag) {
    source.fail("node number " + std::to_string(tag) + ", expected a positive one");
  }
  for (const double coordinate : x) {
    if (!std::isfinite(coordinate)) source.fail("node " + std::to_string(tag) + " has a coordinate that is not finite");
  }
  raw.points.insert(raw.points.end(), x.begin(), x.end());
  raw.node_tags.add(tag);
}

void finish_nodes(RawMsh& raw, const Source& source) {
  if (const auto twice = raw.node_tags.finish()) source.fail("node " + std::to_string(twice) + " stands twice");
}

}  // namespace cotan::msh

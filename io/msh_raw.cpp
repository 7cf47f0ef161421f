#include "io/msh_raw.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cotan::msh {

void TagMap::add(std::int64_t tag) {
  const bool goes_on = !runs_.empty() && runs_.back().tag + runs_.back().count == tag &&
                       runs_.back().first + runs_.back().count == size_;  // not so behind an alias
  if (!goes_on) runs_.push_back({tag, size_, 0});
  ++runs_.back().count;
  ++size_;
}

void TagMap::add_alias(std::int64_t tag) {
  runs_.push_back({tag, size_ - 1, 1});
}

std::int64_t TagMap::finish() {
  std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.tag < b.tag; });
  for (std::size_t r = 1; r < runs_.size(); ++r) {
    if (runs_[r].tag < runs_[r - 1].tag + runs_[r - 1].count) return runs_[r].tag;
  }
  if (runs_.size() < 2) return 0;
  const auto extent = std::uint64_t(runs_.back().tag) + runs_.back().count - std::uint64_t(runs_.front().tag);
  if (extent > 4 * std::uint64_t(size_) + 1024) return 0;  // sparse: find() searches the runs
  dense_.assign(extent, -1);
  for (const Run& run : runs_) {
    for (Index k = 0; k < run.count; ++k) dense_[std::size_t(run.tag - runs_.front().tag + k)] = run.first + k;
  }
  return 0;
}

Index TagMap::find(std::int64_t tag) const {
  if (runs_.empty() || tag < runs_.front().tag) return -1;
  if (!dense_.empty()) {
    const auto at = std::uint64_t(tag - runs_.front().tag);
    return at < dense_.size() ? dense_[at] : -1;
  }
  const Run* run = &runs_.front();
  if (runs_.size() > 1) {
    run = &*std::prev(
        std::upper_bound(runs_.begin(), runs_.end(), tag, [](std::int64_t t, const Run& r) { return t < r.tag; }));
  }
  return tag - run->tag < run->count ? run->first + Index(tag - run->tag) : -1;
}

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

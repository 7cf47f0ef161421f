#include <limits>

#include "io/msh_raw.h"

namespace cotan::msh {
namespace {

// The physical numbers of an entity.
std::vector<int> read_groups(Source& source) {
  const auto count = source.checked_count(source.number<std::uint64_t>(), source.least_bytes(1, 0, 4), "groups");
  std::vector<int> groups(count);
  for (int& group : groups) group = group_number(source, source.number<std::int32_t>());
  std::erase(groups, 0);
  return groups;
}

void skip_integers(Source& source, std::string_view what) {
  const auto count = source.checked_count(source.number<std::uint64_t>(), source.least_bytes(1, 0, 4), what);
  for (std::size_t k = 0; k < count; ++k) source.number<std::int32_t>();
}

void check_dim(const Source& source, int dim) {
  if (dim < 0 || dim > 3) source.fail("an entity of dimension " + std::to_string(dim) + ", expected 0 to 3");
}

struct Head {
  std::uint64_t blocks;
  std::size_t count;
};

Head read_head(Source& source, std::uint64_t least, std::string_view what) {
  const auto blocks = source.number<std::uint64_t>();
  const auto count = source.checked_count(source.number<std::uint64_t>(), least, what);
  source.number<std::uint64_t>();  // the least and the greatest number, which are not needed
  source.number<std::uint64_t>();
  return {blocks, count};
}

std::size_t block_count(Source& source, std::size_t left, std::string_view what) {
  const auto count = source.number<std::uint64_t>();
  if (count > left) {
    source.fail("a block of " + std::to_string(count) + " " + std::string(what) + " where " + std::to_string(left) +
                " are left");
  }
  return std::size_t(count);
}

}  // namespace

void read_entities41(RawMsh& raw, Source& source, Entities& entities, bool partitioned) {
  if (partitioned) {
    source.number<std::uint64_t>();  // partitions
    const auto ghosts = source.checked_count(source.number<std::uint64_t>(), source.least_bytes(2, 0, 4), "ghosts");
    for (std::size_t k = 0; k < 2 * ghosts; ++k) source.number<std::int32_t>();
  }
  ListTable table(raw);
  std::array<std::uint64_t, 4> counts;
  for (auto& count : counts) count = source.number<std::uint64_t>();
  for (int dim = 0; dim < 4; ++dim) {
    const std::uint64_t box = dim == 0 ? 3 : 6;
    const auto least = source.least_bytes(box + 2, box, 4);
    const auto count = source.checked_count(counts[std::size_t(dim)], least, "entities");
    for (std::size_t k = 0; k < count; ++k) {
      const auto tag = source.number<std::int32_t>();
      int parent_dim = dim;
      if (partitioned) {
        parent_dim = source.number<std::int32_t>();
        source.number<std::int32_t>();  // parent
        skip_integers(source, "partitions");
      }
      for (std::uint64_t c = 0; c < box; ++c) source.number<double>();
      auto groups = read_groups(source);
      if (dim > 0) skip_integers(source, "bounding entities");
      // Gmsh gives the border between two parts the groups of what it cuts: those are not groups of sides
      if (parent_dim != dim) groups.clear();
      entities[{dim, tag}] = table.id(std::move(groups));
    }
  }
}

void read_nodes41(RawMsh& raw, Source& source) {
  const auto [blocks, count] = read_head(source, source.least_bytes(4, 3, 8), "nodes");
  raw.points.reserve(3 * count);
  std::vector<std::int64_t> tags;
  for (std::uint64_t b = 0; b < blocks; ++b) {
    const int dim = source.number<std::int32_t>();
    check_dim(source, dim);
    source.number<std::int32_t>();  // the entity
    const bool parametric = source.number<std::int32_t>() != 0;
    tags.resize(block_count(source, count - raw.points.size() / 3, "nodes"));
    for (auto& tag : tags) {
      const auto number = source.number<std::uint64_t>();
      tag = number > std::uint64_t(TagMap::kMaxTag) ? -1 : std::int64_t(number);
    }
    for (const auto tag : tags) {
      std::array<double, 3> x;
      for (double& coordinate : x) coordinate = source.number<double>();
      for (int k = 0; parametric && k < dim; ++k) source.number<double>();
      add_node(raw, source, tag, x);
    }
  }
  if (raw.points.size() != 3 * count) {
    source.fail(std::to_string(count) + " nodes declared, found " + std::to_string(raw.points.size() / 3));
  }
  finish_nodes(raw, source);
}

void read_elements41(RawMsh& raw, Source& source, const Entities& entities) {
  const auto [blocks, count] = read_head(source, source.least_bytes(2, 0, 8), "elements");
  std::size_t left = count;
  for (std::uint64_t b = 0; b < blocks; ++b) {
    const int dim = source.number<std::int32_t>();
    check_dim(source, dim);
    const auto entity = source.number<std::int32_t>();
    const auto type = require_type(source, source.number<std::int32_t>());
    if (shape(type.cell).dim != dim) {
      source.fail(std::string(shape(type.cell).name) + " on an entity of dimension " + std::to_string(dim));
    }
    const auto follow = block_count(source, left, "elements");
    reserve_elements(raw, source, type, left, source.binary() ? 8 : 2);
    const auto found = entities.find({dim, entity});
    const int list = found == entities.end() ? 0 : found->second;
    auto& elements = raw.elements[std::size_t(dim)];
    for (std::size_t k = 0; k < follow; ++k) {
      const auto tag = source.number<std::uint64_t>();
      add_element<std::uint64_t>(raw, source, type, std::int64_t(tag), list);
      elements.tags.add(std::int64_t(tag));
    }
    left -= follow;
  }
  if (left > 0) source.fail(std::to_string(count) + " elements declared, found " + std::to_string(count - left));
}

}  // namespace cotan::msh

#include "io/sides.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

#include "core/check.h"

namespace cotan {
namespace {

// Corners in ascending order, -1 behind: the same for both cells at a side, and different for triangle and quad.
using Key = std::array<Index, 4>;

template <class CornerAt>
Key key_of(int corners, CornerAt at) {
  Key key{-1, -1, -1, -1};
  for (int k = 0; k < corners; ++k) {
    int place = k;
    for (const Index corner = at(k); place >= 0; --place) {
      if (place == 0 || key[std::size_t(place) - 1] <= corner) {
        key[std::size_t(place)] = corner;
        break;
      }
      key[std::size_t(place)] = key[std::size_t(place) - 1];
    }
  }
  return key;
}

struct Side {
  Key key;
  Index element;
  bool operator<(const Side& other) const { return key < other.key; }
};

std::vector<Side> sorted_sides(std::span<const CellType> types, std::span<const Index> links) {
  std::vector<Side> sorted;
  sorted.reserve(types.size());
  const Index* nodes = links.data();
  for (Index s = 0; s < std::ssize(types); ++s) {
    const auto& kind = shape(types[std::size_t(s)]);
    sorted.push_back({key_of(kind.num_corners, [&](int k) { return nodes[k]; }), s});
    nodes += kind.num_nodes;
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

std::vector<Facet> match_sides(const std::vector<CellType>& types, const Adjacency& cells,
                               std::span<const CellType> side_types, std::span<const Index> side_links,
                               Index num_points) {
  std::vector<Facet> found(side_types.size(), Facet{-1, -1});
  if (found.empty()) return found;
  const auto sorted = sorted_sides(side_types, side_links);
  // Sides by their lowest corner: most facets of cells are inside, and seen to be so by one look.
  std::vector<Index> first(std::size_t(num_points) + 1, 0);
  for (const Side& side : sorted) ++first[std::size_t(side.key[0]) + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<char> at_side(std::size_t(num_points), 0);
  for (const Index p : side_links) at_side[std::size_t(p)] = 1;
  for (Index c = 0; c < Index(types.size()); ++c) {
    const auto facets = shape(types[std::size_t(c)]).facets;
    const Index* nodes = cells.links.data() + cells.offsets[std::size_t(c)];
    const auto touching = std::count_if(nodes, nodes + shape(types[std::size_t(c)]).num_corners,
                                        [&](Index p) { return at_side[std::size_t(p)] != 0; });
    if (touching < shape(types[std::size_t(c)]).dim) continue;  // the fewest corners of a side
    for (std::size_t f = 0; f < facets.size(); ++f) {
      const auto corner = [&](int k) { return nodes[facets[f].corners[std::size_t(k)]]; };
      Index lowest = corner(0);
      for (int k = 1; k < facets[f].num_corners; ++k) lowest = std::min(lowest, corner(k));
      const auto begin = sorted.begin() + first[std::size_t(lowest)];
      const auto end = sorted.begin() + first[std::size_t(lowest) + 1];
      if (begin == end) continue;
      const Side wanted{key_of(facets[f].num_corners, corner), -1};
      for (auto side = std::lower_bound(begin, end, wanted); side != end && side->key == wanted.key; ++side) {
        auto& facet = found[std::size_t(side->element)];
        if (facet.cell >= 0) break;  // a lower-numbered cell has it
        facet = {c, int(f)};
      }
    }
  }
  return found;
}

namespace {

std::string place_of(const MeshData& data, Index point) {
  std::ostringstream out;
  for (int k = 0; k < data.dim; ++k) out << (k ? ", " : "(") << data.points[std::size_t(point) * data.dim + k];
  return out.str() + ")";
}

}  // namespace

void add_facet_sets(MeshData& data, std::span<const NamedSides> sides) {
  std::vector<CellType> types;
  std::vector<Index> links;
  for (const NamedSides& set : sides) {
    types.insert(types.end(), set.types.begin(), set.types.end());
    links.insert(links.end(), set.links.begin(), set.links.end());
  }
  const auto facets = match_sides(data.types, data.cells, types, links, Index(data.points.size() / data.dim));
  std::size_t side = 0, link = 0;
  for (const NamedSides& set : sides) {
    auto& found = data.facet_sets[set.name];
    for (const CellType type : set.types) {
      COTAN_REQUIRE(facets[side].cell >= 0, "a " << shape(type).name << " of '" << set.name << "' at "
                                                 << place_of(data, links[link])
                                                 << " hangs in the air, expected a side of a cell of the mesh");
      found.push_back(facets[side++]);
      link += std::size_t(shape(type).num_nodes);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }
}

}  // namespace cotan

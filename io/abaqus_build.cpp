#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

#include "core/check.h"
#include "io/abaqus_deck.h"
#include "io/abaqus_faces.h"
#include "io/rows.h"
#include "io/sides.h"
#include "io/tag_map.h"
#include "io/with_name.h"
#include "mesh/vector3.h"

namespace cotan::abaqus {
namespace {

using Names = std::map<std::string, std::vector<Index>>;  // by name in capitals

/// A block with its place among all nodes and elements.
struct Placed {
  const Block* block;
  std::string key, prefix;  ///< its name in capitals, and of its sets' names
  TagMap nodes, elements, left_out;
  Index first_node, first_element;
  Names node_sets = {}, element_sets = {};
};

constexpr std::size_t kSetCost = 20;  // in members, of a set without any

void sort_unique(auto& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Puts blocks side by side, and looks up what their sets mean.
class Builder {
 public:
  explicit Builder(const Deck& deck) : deck_(deck), budget_(20 * deck.bytes + 1'000'000) {}

  MeshContent build() {
    for (const Instance& instance : deck_.instances) {
      const auto part = deck_.parts.find(instance.part);
      COTAN_REQUIRE(part != deck_.parts.end(),
                    "instance '" << instance.name << "' of part '" << instance.part << "', which the deck has not");
      place(part->second, deck_.instances.size() > 1 ? instance.name + "." : "", upper(instance.name), &instance);
    }
    place(deck_.own, "", "", nullptr);
    COTAN_REQUIRE(!types_.empty(), "no elements: not a mesh of Abaqus or CalculiX");
    choose_cells();
    for (Placed* placed : in_order()) {
      for (const Set& set : placed->block->element_sets) element_set(set, *placed);
      for (const Set& set : placed->block->node_sets) node_set(set, *placed);
    }
    match_lower_elements();
    for (auto& [name, placed] : placed_) {
      for (const auto& [set, elements] : placed.element_sets) add_cell_set(set_names_[{name, set}], elements);
      for (const Surface& surface : placed.block->surfaces) add_surface(surface, placed);
    }
    return finish();
  }

 private:
  // The deck's own block comes last, since it names sets of the instances.
  std::vector<Placed*> in_order() {
    std::vector<Placed*> blocks;
    for (auto& [key, placed] : placed_) blocks.push_back(&placed);
    std::rotate(blocks.begin(), blocks.begin() + 1, blocks.end());  // its key, "", is the first
    return blocks;
  }

  void spend(std::size_t members) {
    COTAN_REQUIRE(members <= budget_, "sets of far more members than a deck of " << deck_.bytes << " bytes can mean");
    budget_ -= members;
  }

  static TagMap map_of(const std::vector<std::int64_t>& numbers, const char* what) {
    TagMap map;
    for (const auto number : numbers) map.add(number);
    const auto twice = map.finish();
    COTAN_REQUIRE(twice == 0, what << " " << twice << " stands twice");
    return map;
  }

  void place(const Block& block, const std::string& prefix, const std::string& key, const Instance* at) {
    // one part may stand at many places
    spend(block.points.size() + block.links.size() + block.left_out.size() + kSetCost * block.surfaces.size());
    Placed placed{&block,
                  key,
                  prefix,
                  map_of(block.nodes, "node"),
                  map_of(block.elements, "element"),
                  {},
                  Index(points_.size() / 3),
                  Index(types_.size())};
    auto left_out = block.left_out;
    sort_unique(left_out);
    placed.left_out = map_of(left_out, "element");
    for (std::size_t i = 0; i < block.points.size(); i += 3) {
      Vec3 x{block.points[i], block.points[i + 1], block.points[i + 2]};
      if (at) x = moved(x, *at);
      points_.insert(points_.end(), {x[0], x[1], x[2]});
    }
    std::size_t link = 0;
    for (std::size_t e = 0; e < block.types.size(); ++e) {
      for (int k = 0; k < shape(block.types[e].cell).num_nodes; ++k) {
        const auto node = block.links[link++];
        const Index found = placed.nodes.find(node);
        COTAN_REQUIRE(found >= 0, "element " << block.elements[e] << " has node " << node << ", which is not among the "
                                             << block.nodes.size() << " nodes");
        links_.push_back(placed.first_node + found);
      }
      types_.push_back(block.types[e]);
      offsets_.push_back(std::int64_t(links_.size()));
    }
    COTAN_REQUIRE(placed_.emplace(key, std::move(placed)).second, "instance '" << key << "' stands twice");
  }

  // Abaqus shifts first, then turns about the axis.
  static Vec3 moved(const Vec3& x, const Instance& at) {
    const Vec3 shifted = x + Vec3{at.shift[0], at.shift[1], at.shift[2]};
    if (at.rotation[6] == 0) return shifted;
    const Vec3 a{at.rotation[0], at.rotation[1], at.rotation[2]}, b{at.rotation[3], at.rotation[4], at.rotation[5]};
    const double length = norm(b - a), angle = at.rotation[6] * std::numbers::pi / 180;
    COTAN_REQUIRE(length > 0, "instance '" << at.name << "' turns about an axis of no length");
    const Vec3 axis = (1 / length) * (b - a), r = shifted - a;
    return a + std::cos(angle) * r + std::sin(angle) * cross(axis, r) + ((1 - std::cos(angle)) * dot(axis, r)) * axis;
  }

  // Elements of the highest dimension are the cells.
  void choose_cells() {
    for (const ElementType& type : types_) dim_ = std::max(dim_, shape(type.cell).dim);
    MeshData& mesh = content_.mesh;
    cell_of_.assign(types_.size(), -1);
    for (std::size_t e = 0; e < types_.size(); ++e) {
      if (shape(types_[e].cell).dim < dim_) continue;
      cell_of_[e] = Index(mesh.types.size());
      mesh.types.push_back(types_[e].cell);
      mesh.cells.push_row(
          std::span(links_).subspan(std::size_t(offsets_[e]), std::size_t(offsets_[e + 1] - offsets_[e])));
    }
  }

  void match_lower_elements() {
    std::vector<CellType> types;
    std::vector<Index> links, elements;
    std::size_t others = 0;
    for (std::size_t e = 0; e < types_.size(); ++e) {
      if (cell_of_[e] >= 0) continue;
      if (shape(types_[e].cell).dim < dim_ - 1) {
        ++others;
        continue;
      }
      elements.push_back(Index(e));
      types.push_back(types_[e].cell);
      links.insert(links.end(), links_.begin() + offsets_[e], links_.begin() + offsets_[e + 1]);
    }
    const auto facets = match_sides(content_.mesh.types, content_.mesh.cells, types, links, Index(points_.size() / 3));
    for (std::size_t k = 0; k < facets.size(); ++k) {
      if (facets[k].cell >= 0) {
        side_of_[elements[k]] = facets[k];
      } else {
        ++others;
      }
    }
    if (others > 0) {
      note(others, "elements of a lower dimension than the cells, and no sides of them, left out");
    }
  }

  void note(std::size_t count, const std::string& text) {
    content_.notes.push_back(std::to_string(count) + " " + text);
  }

  // Where a set of this block or, by "instance.set" and INSTANCE=, of another stands.
  Placed& scope(const std::string& instance, Placed& own, const std::string& what) {
    if (instance.empty()) return own;
    const auto found = placed_.find(upper(instance));
    COTAN_REQUIRE(found != placed_.end(), "'" << what << "' of instance '" << instance << "', which the deck has not");
    return found->second;
  }

  void members(const Set& set, const std::vector<std::int64_t>& all, const TagMap& map, const TagMap* left_out,
               Index first, std::vector<Index>& out) {
    spend(set.numbers.size());
    for (const auto number : set.numbers) {
      const Index found = map.find(number);
      COTAN_REQUIRE(found >= 0 || (left_out && left_out->find(number) >= 0),
                    "set '" << set.name << "' names " << number << ", which the deck has not");
      if (found >= 0) out.push_back(first + found);
    }
    for (const auto& [from, to, step] : set.ranges) {
      if (to < from || (to - from) / step > 2 * std::int64_t(all.size())) {  // most of the numbers are not there
        spend(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
          if (from <= all[i] && all[i] <= to && (all[i] - from) % step == 0) out.push_back(first + Index(i));
        }
        continue;
      }
      spend(std::size_t((to - from) / step) + 1);
      for (auto number = from; number <= to; number += step) {
        const Index found = map.find(number);
        if (found >= 0) out.push_back(first + found);
      }
    }
    for (const auto& [from, to] : set.rows) {
      spend(std::size_t(to - from));
      for (Index i = from; i < to; ++i) out.push_back(first + i);
    }
  }

  // "set", or "instance.set".
  const std::vector<Index>& named(const std::string& name, Placed& own, Names Placed::*kind, const std::string& user) {
    const auto here = (own.*kind).find(upper(name));
    if (here != (own.*kind).end()) return here->second;
    const auto dot = name.find('.');
    if (dot != name.npos) {
      Placed& other = scope(name.substr(0, dot), own, user);
      const auto there = (other.*kind).find(upper(name.substr(dot + 1)));
      if (there != (other.*kind).end()) return there->second;
    }
    throw InputError("'" + user + "' names the set '" + printable(name) + "', which the deck has not before it");
  }

  void element_set(const Set& set, Placed& own) {
    Placed& at = scope(set.instance, own, set.name);
    std::vector<Index> found;
    members(set, at.block->elements, at.elements, &at.left_out, at.first_element, found);
    add_named(set, own, &Placed::element_sets, found);
    join(set.name, own, own.element_sets, found);
  }

  void node_set(const Set& set, Placed& own) {
    Placed& at = scope(set.instance, own, set.name);
    std::vector<Index> found;
    members(set, at.block->nodes, at.nodes, nullptr, at.first_node, found);
    add_named(set, own, &Placed::node_sets, found);
    for (const auto& name : set.of_elements) {
      for (const Index e : named(name, at, &Placed::element_sets, set.name)) {
        spend(std::size_t(offsets_[std::size_t(e) + 1] - offsets_[std::size_t(e)]));
        found.insert(found.end(), links_.begin() + offsets_[std::size_t(e)],
                     links_.begin() + offsets_[std::size_t(e) + 1]);
      }
    }
    join(set.name, own, own.node_sets, found);
    auto& points = content_.mesh.point_sets[set_names_[{own.key, upper(set.name)}]];
    points = own.node_sets[upper(set.name)];
  }

  void add_named(const Set& set, Placed& own, Names Placed::*kind, std::vector<Index>& found) {
    for (const auto& name : set.names) {
      const auto& other = named(name, own, kind, set.name);
      spend(other.size());
      found.insert(found.end(), other.begin(), other.end());
    }
  }

  // A name may stand several times; the first way of writing it is kept.
  void join(const std::string& name, const Placed& own, Names& sets, const std::vector<Index>& found) {
    set_names_.try_emplace({own.key, upper(name)}, own.prefix + name);
    auto& set = sets[upper(name)];
    spend(kSetCost + set.size());
    set.insert(set.end(), found.begin(), found.end());
    sort_unique(set);
  }

  void add_cell_set(const std::string& name, const std::vector<Index>& elements) {
    spend(elements.size());
    for (const Index e : elements) {
      if (cell_of_[std::size_t(e)] >= 0) {
        content_.mesh.cell_sets[name].push_back(cell_of_[std::size_t(e)]);
      } else if (const auto side = side_of_.find(e); side != side_of_.end()) {
        content_.mesh.facet_sets[name].push_back(side->second);
      }
    }
  }

  std::vector<Index> elements_of(const std::string& target, Placed& own, const std::string& user) {
    std::int64_t number = 0;
    if (!parse_number(std::string_view(target), number)) return named(target, own, &Placed::element_sets, user);
    const Index found = own.elements.find(number);
    COTAN_REQUIRE(found >= 0, "surface '" << user << "' names element " << number << ", which the deck has not");
    return {own.first_element + found};
  }

  void add_surface(const Surface& surface, Placed& own) {
    Placed& at = surface.instance.empty() ? own : scope(surface.instance, own, surface.name);
    const std::string name = own.prefix + surface.name;
    std::size_t unnamed = 0;
    for (const auto& [target, face] : surface.rows) {
      if (surface.is_of_nodes) {
        add_points(name, target, at, surface.name);
      } else if (face.empty()) {
        ++unnamed;
      } else {
        for (const Index e : elements_of(target, at, surface.name)) add_face(name, e, face);
      }
    }
    if (unnamed > 0)
      content_.notes.push_back("surface '" + printable(name) + "': entries without a face (S1, …) left out");
  }

  void add_points(const std::string& name, const std::string& target, Placed& own, const std::string& user) {
    std::int64_t number = 0;
    auto& points = content_.mesh.point_sets[name];
    if (parse_number(std::string_view(target), number)) {
      const Index found = own.nodes.find(number);
      COTAN_REQUIRE(found >= 0, "surface '" << user << "' names node " << number << ", which the deck has not");
      points.push_back(own.first_node + found);
    } else {
      const auto& set = named(target, own, &Placed::node_sets, user);
      spend(set.size());
      points.insert(points.end(), set.begin(), set.end());
    }
  }

  void add_face(const std::string& name, Index element, const std::string& face) {
    spend(1);
    const ElementType& type = types_[std::size_t(element)];
    const Index cell = cell_of_[std::size_t(element)];
    const int facet = facet_of(type, face);
    COTAN_REQUIRE(facet != kNoFace, "surface '" << name << "': face '" << printable(face) << "' of a "
                                                << shape(type.cell).name
                                                << ", expected S1, S2, … (shells: SPOS, SNEG, E1, …)");
    if (cell >= 0) {
      if (facet == kWholeCell) {
        content_.mesh.cell_sets[name].push_back(cell);
      } else {
        content_.mesh.facet_sets[name].push_back({cell, facet});
      }
    } else if (const auto side = side_of_.find(element); side != side_of_.end() && facet == kWholeCell) {
      content_.mesh.facet_sets[name].push_back(side->second);
    }
  }

  MeshContent finish() {
    MeshData& mesh = content_.mesh;
    for (auto& [name, set] : mesh.cell_sets) sort_unique(set);
    for (auto& [name, set] : mesh.facet_sets) sort_unique(set);
    for (auto& [name, set] : mesh.point_sets) sort_unique(set);
    std::erase_if(mesh.point_sets, [](const auto& set) { return set.second.empty(); });
    mesh.dim = 3;
    mesh.points = std::move(points_);
    drop_flat_coordinates(mesh);
    content_.notes.insert(content_.notes.begin(), deck_.notes.begin(), deck_.notes.end());
    if (deck_.reduced > 0)
      note(std::size_t(deck_.reduced), "elements lose the nodes that cotan's cells have no place for");
    return std::move(content_);
  }

  const Deck& deck_;
  std::uint64_t budget_;  // of members that sets may still have, so that none is a bomb
  std::vector<double> points_;
  std::vector<ElementType> types_;
  std::vector<std::int64_t> offsets_{0};
  std::vector<Index> links_, cell_of_;
  std::map<Index, Facet> side_of_;
  std::map<std::string, Placed> placed_;
  std::map<std::pair<std::string, std::string>, std::string> set_names_;  // (block, name in capitals) -> as written
  int dim_ = 0;
  MeshContent content_;
};

}  // namespace

MeshContent build(const Deck& deck) {
  return Builder(deck).build();
}

}  // namespace cotan::abaqus

namespace cotan {

MeshContent parse_abaqus(Source& source) {
  const abaqus::Deck deck = abaqus::read_deck(source);
  return with_name(source.name(), [&] { return abaqus::build(deck); });
}

}  // namespace cotan

#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/msh.h"
#include "io/msh_types.h"
#include "io/source.h"
#include "io/tag_map.h"

namespace cotan::msh {

/// Elements of one dimension, in the order of the file.
struct RawElements {
  std::vector<CellType> types;
  std::vector<Index> links;                        ///< nodes of one after the other, VTK order
  std::vector<std::pair<Index, int>> group_lists;  ///< (first element, list from there on), see RawMsh::lists
  TagMap tags;
  Index size() const { return Index(types.size()); }
};

/// Nodes of an entity of some dimension, and those of another that they are the same as, by the file's numbers.
struct RawPeriodic {
  int dim = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> nodes;
};

/// What an MSH file holds, before it is made a mesh.
struct RawMsh {
  std::vector<double> points;  ///< (nodes, 3) [m]
  TagMap node_tags;
  std::array<RawElements, 4> elements;               ///< by dimension
  std::vector<std::vector<int>> lists{{}};           ///< sets of physical numbers; list 0 is empty
  std::map<std::pair<int, int>, std::string> names;  ///< (dimension, physical number) -> name
  std::map<std::string, HostField> fields;
  std::vector<RawPeriodic> periodic;
  double time = 0;
  Index reduced = 0;  ///< elements of which nodes were left out
  int dim() const;    ///< of the cells: the highest there is, -1 for none
};

/// Number of a list of physical numbers in raw.lists, added where it is new.
class ListTable {
 public:
  explicit ListTable(RawMsh& raw) : raw_(raw) {}
  int id(std::vector<int> numbers);

 private:
  RawMsh& raw_;
  std::map<std::vector<int>, int> ids_{{{}, 0}};
};

/// A physical number as files write it: negative where the group turns the element over, which cotan leaves.
int group_number(const Source& source, std::int64_t number);

/// Gmsh's element type by number. \throw InputError for one that cotan cannot take
ElementType require_type(const Source& source, int gmsh);
/// Adds a node. \throw InputError: a number that is not positive, coordinates that are not finite
void add_node(RawMsh& raw, const Source& source, std::int64_t tag, const std::array<double, 3>& x);
/// Ends the nodes. \throw InputError: a number twice
void finish_nodes(RawMsh& raw, const Source& source);
/// Makes room for elements of a type, of which at most `count` follow in the file.
void reserve_elements(RawMsh& raw, const Source& source, const ElementType& type, std::size_t count,
                      std::size_t bytes_per_node);
/// Reads an element's nodes, numbers of type Number, and adds it; its own number is the caller's to add. \throw
/// InputError: a node that there is not
template <class Number>
void add_element(RawMsh& raw, Source& source, const ElementType& type, std::int64_t tag, int list);

/// Sections $Nodes and $Elements, and for 4.1 the entities before them.
void read_nodes22(RawMsh& raw, Source& source, bool parametric);
void read_elements22(RawMsh& raw, Source& source);
/// (dimension, entity) -> list of physical numbers
using Entities = std::map<std::pair<int, int>, int>;
void read_entities41(RawMsh& raw, Source& source, Entities& entities, bool partitioned);
void read_nodes41(RawMsh& raw, Source& source);
void read_elements41(RawMsh& raw, Source& source, const Entities& entities);
/// $NodeData, $ElementData: alike in both versions.
void read_data(RawMsh& raw, Source& source, On on);

/// $Periodic
void read_periodic22(RawMsh& raw, Source& source);
void read_periodic41(RawMsh& raw, Source& source);
/// The sets that these are, where both sides have one. \pre nodes and sets are made
std::vector<PeriodicSides> build_periodic(const RawMsh& raw, const MeshData& mesh);

/// Cells of the highest dimension, sets from the rest.
MeshContent build(RawMsh&& raw, const std::string& name);

template <class Number>
void add_element(RawMsh& raw, Source& source, const ElementType& type, std::int64_t tag, int list) {
  auto& elements = raw.elements[std::size_t(shape(type.cell).dim)];
  const std::size_t kept = std::size_t(shape(type.cell).num_nodes), before = elements.links.size();
  std::array<Index, 1000> nodes;  // the largest type is a hexahedron of order 9
  for (int k = 0; k < type.num_nodes; ++k) {
    const auto node = std::int64_t(source.number<Number>());  // beyond 2^63: negative, found nowhere
    nodes[std::size_t(k)] = raw.node_tags.find(node);
    if (nodes[std::size_t(k)] < 0) {
      source.fail("element " + std::to_string(tag) + " has node " + std::to_string(node) + ", which is not among the " +
                  std::to_string(raw.node_tags.size()) + " nodes");
    }
  }
  if (tag < 0 || tag > TagMap::kMaxTag) source.fail("element number " + std::to_string(tag) + " out of range");
  elements.links.resize(before + kept);
  for (std::size_t k = 0; k < kept; ++k)
    elements.links[before + k] = nodes[type.order.empty() ? k : std::size_t(type.order[k])];
  if (elements.group_lists.empty() || elements.group_lists.back().second != list) {
    elements.group_lists.emplace_back(elements.size(), list);
  }
  elements.types.push_back(type.cell);
  raw.reduced += type.reduced;
}

}  // namespace cotan::msh

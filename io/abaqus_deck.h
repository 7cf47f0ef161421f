#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/abaqus.h"
#include "mesh/cell.h"

namespace cotan::abaqus {

/// What an element becomes: a cell of its first nodes (Abaqus orders them as VTK does).
struct ElementType {
  CellType cell;
  int num_nodes;  ///< in the file; more than the cell has where it is `reduced`
  bool is_shell;  ///< its faces S1, S2 are the cell, not sides of it
  bool reduced() const { return num_nodes > shape(cell).num_nodes; }
};
/// By name ("C3D8R", "S4", "CPE6"); nothing for those that cotan cannot take.
std::optional<ElementType> element_type(std::string_view name);
/// Springs, masses, connectors: no cells, and left out.
bool is_no_cell(std::string_view name);

/// *NSET or *ELSET, as it stands: numbers, ranges with a step, names of other sets, and rows of its block.
struct Set {
  std::string name, instance = {};
  std::vector<std::int64_t> numbers = {};
  std::vector<std::array<std::int64_t, 3>> ranges = {};
  std::vector<std::string> names = {};
  std::vector<std::pair<Index, Index>> rows = {};  ///< [first, last) of what a *NODE or *ELEMENT listed
  std::vector<std::string> of_elements = {};       ///< node sets: nodes of these element sets
};

/// *SURFACE: (element or set, face) or nodes.
struct Surface {
  std::string name, instance = {};
  bool is_of_nodes = false;
  std::vector<std::pair<std::string, std::string>> rows = {};
};

/// What a *PART, or the deck itself, lists.
struct Block {
  std::vector<std::int64_t> nodes = {}, elements = {};  ///< numbers
  std::vector<double> points = {};                      ///< (nodes, 3) [m]
  std::vector<ElementType> types = {};                  ///< (elements)
  std::vector<std::int64_t> links = {};                 ///< numbers of the nodes that cells take
  std::vector<std::int64_t> left_out = {};              ///< numbers of elements that are no cells
  std::vector<Set> node_sets = {}, element_sets = {};
  std::vector<Surface> surfaces = {};
};

struct Instance {
  std::string name, part;
  std::array<double, 3> shift{};     ///< [m], before the turn
  std::array<double, 7> rotation{};  ///< axis from (0, 1, 2) to (3, 4, 5), angle [degrees]
};

struct Deck {
  Block own;                           ///< outside of parts: also what the assembly lists
  std::map<std::string, Block> parts;  ///< by name in capitals
  std::vector<Instance> instances;
  std::vector<std::string> notes;
  Index reduced = 0;        ///< elements of which nodes were left out
  std::uint64_t bytes = 0;  ///< of the files
};

Deck read_deck(Source& source);
/// \throw InputError, its text to go behind the file's name
MeshContent build(const Deck& deck);

}  // namespace cotan::abaqus

#include <algorithm>

#include "io/abaqus_deck.h"
#include "io/rows.h"

namespace cotan::abaqus {
namespace {

enum class Family { solid, plane, shell, line };
struct Prefix {
  std::string_view text;
  Family family;
};
// The number of nodes follows, then letters.
constexpr std::array kPrefixes = {
    Prefix{"C3D", Family::solid},   Prefix{"DC3D", Family::solid},  Prefix{"AC3D", Family::solid},
    Prefix{"DCC3D", Family::solid}, Prefix{"Q3D", Family::solid},   Prefix{"FC3D", Family::solid},
    Prefix{"EMC3D", Family::solid}, Prefix{"SC", Family::solid},    Prefix{"CPE", Family::plane},
    Prefix{"CPS", Family::plane},   Prefix{"CAX", Family::plane},   Prefix{"CGAX", Family::plane},
    Prefix{"CPEG", Family::plane},  Prefix{"DC2D", Family::plane},  Prefix{"DCAX", Family::plane},
    Prefix{"DCC2D", Family::plane}, Prefix{"DCCAX", Family::plane}, Prefix{"AC2D", Family::plane},
    Prefix{"ACAX", Family::plane},  Prefix{"EMC2D", Family::plane}, Prefix{"S", Family::shell},
    Prefix{"DS", Family::shell},    Prefix{"M3D", Family::shell},   Prefix{"SFM3D", Family::shell},
    Prefix{"R3D", Family::shell},   Prefix{"STRI", Family::shell},  Prefix{"T2D", Family::line},
    Prefix{"T3D", Family::line},    Prefix{"R2D", Family::line},    Prefix{"DC1D", Family::line},
    Prefix{"AC1D", Family::line}};

constexpr std::array<std::string_view, 8> kBeams = {"B21", "B31", "B23", "B33", "B21H", "B31H", "PIPE21", "PIPE31"};

constexpr std::array<std::string_view, 11> kNoCells = {"MASS",  "ROTARYI", "SPRING", "DASHPOT", "CONN", "GAP",
                                                       "JOINT", "DCOUP",   "DIST",   "HEATCAP", "ITS"};

std::optional<CellType> solid(int nodes) {
  switch (nodes) {
    case 4:
      return CellType::tetra;
    case 5:
      return CellType::pyramid;
    case 6:
      return CellType::wedge;
    case 8:
      return CellType::hexa;
    case 10:
      return CellType::tetra10;
    case 13:
      return CellType::pyramid13;
    case 15:
    case 18:
      return CellType::wedge15;
    case 20:
    case 27:
      return CellType::hexa20;
  }
  return std::nullopt;
}

std::optional<CellType> flat(int nodes) {
  switch (nodes) {
    case 3:
      return CellType::triangle;
    case 4:
      return CellType::quad;
    case 6:
      return CellType::triangle6;
    case 8:
      return CellType::quad8;
    case 9:
      return CellType::quad9;
  }
  return std::nullopt;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Of a name that is a prefix, the number of nodes and letters.
int nodes_behind(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() == prefix.size() || !is_digit(name[prefix.size()])) return 0;
  if (prefix == "STRI") return name == "STRI65" ? 6 : name == "STRI3" ? 3 : 0;
  int nodes = 0;
  std::size_t at = prefix.size();
  for (; at < name.size() && is_digit(name[at]) && nodes < 100; ++at) nodes = 10 * nodes + (name[at] - '0');
  return nodes == 15 && name.substr(at).starts_with('V') ? 18 : nodes;  // C3D15V has nodes on its faces
}

}  // namespace

std::optional<ElementType> element_type(std::string_view as_written) {
  const std::string name = upper(as_written);
  if (std::count(kBeams.begin(), kBeams.end(), name)) return ElementType{CellType::line, 2, true};
  for (const auto& [prefix, family] : kPrefixes) {
    const int nodes = nodes_behind(name, prefix);
    if (nodes == 0) continue;
    std::optional<CellType> cell;
    if (family == Family::line) {
      if (nodes == 2) cell = CellType::line;
    } else {
      cell = family == Family::solid ? solid(nodes) : flat(nodes);
    }
    if (cell) return ElementType{*cell, nodes, family == Family::shell};
  }
  return std::nullopt;
}

bool is_no_cell(std::string_view as_written) {
  const std::string name = upper(as_written);
  const bool is_users = name.size() > 1 && name[0] == 'U' && is_digit(name[1]);
  return is_users ||
         std::any_of(kNoCells.begin(), kNoCells.end(), [&](auto prefix) { return name.starts_with(prefix); });
}

}  // namespace cotan::abaqus

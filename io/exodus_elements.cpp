#include "io/exodus_elements.h"

#include <algorithm>
#include <cctype>

#include "core/check.h"

namespace cotan {
namespace {

// clang-format off
constexpr std::array<ExodusSide, 2> kLineSides = {{{1, {0}}, {1, {1}}}};
constexpr std::array<ExodusSide, 3> kTriangleSides = {{{2, {0, 1}}, {2, {1, 2}}, {2, {2, 0}}}};
constexpr std::array<ExodusSide, 4> kQuadSides = {{{2, {0, 1}}, {2, {1, 2}}, {2, {2, 3}}, {2, {3, 0}}}};
constexpr std::array<ExodusSide, 5> kTriangleShellSides = {{{0, {}}, {0, {}}, {2, {0, 1}}, {2, {1, 2}}, {2, {2, 0}}}};
constexpr std::array<ExodusSide, 6> kQuadShellSides = {{{0, {}}, {0, {}}, {2, {0, 1}}, {2, {1, 2}}, {2, {2, 3}}, {2, {3, 0}}}};
constexpr std::array<ExodusSide, 4> kTetraSides = {{{3, {0, 1, 3}}, {3, {1, 2, 3}}, {3, {0, 3, 2}}, {3, {0, 2, 1}}}};
constexpr std::array<ExodusSide, 5> kPyramidSides = {{{3, {0, 1, 4}}, {3, {1, 2, 4}}, {3, {2, 3, 4}}, {3, {0, 4, 3}}, {4, {0, 3, 2, 1}}}};
constexpr std::array<ExodusSide, 5> kWedgeSides = {{{4, {0, 1, 4, 3}}, {4, {1, 2, 5, 4}}, {4, {0, 3, 5, 2}}, {3, {0, 2, 1}}, {3, {3, 4, 5}}}};
constexpr std::array<ExodusSide, 6> kHexaSides = {{{4, {0, 1, 5, 4}}, {4, {1, 2, 6, 5}}, {4, {2, 3, 7, 6}}, {4, {0, 4, 7, 3}}, {4, {0, 3, 2, 1}}, {4, {4, 5, 6, 7}}}};

// Exodus counts edges between the two ends before those of the upper end, VTK after.
constexpr std::array<std::int8_t, 15> kWedge15 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 9, 10, 11};
constexpr std::array<std::int8_t, 20> kHexa20 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 12, 13, 14, 15};
constexpr std::array<std::int8_t, 27> kHexa27 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 12, 13, 14, 15, 23, 24, 25, 26, 21, 22, 20};

struct Row {
  std::string_view begin;  // of the type's name; the first row that fits is taken
  int nodes;
  ExodusElement element;
};
constexpr std::array<Row, 24> kRows = {{
    {"SPH", 1, {CellType::vertex, {}, {}}}, {"CIR", 1, {CellType::vertex, {}, {}}},
    {"BAR", 2, {CellType::line, {}, kLineSides}}, {"BAR", 3, {CellType::line3, {}, kLineSides}},
    {"TRU", 2, {CellType::line, {}, kLineSides}}, {"TRU", 3, {CellType::line3, {}, kLineSides}},
    {"BEA", 2, {CellType::line, {}, kLineSides}}, {"BEA", 3, {CellType::line3, {}, kLineSides}},
    {"EDG", 2, {CellType::line, {}, kLineSides}}, {"EDG", 3, {CellType::line3, {}, kLineSides}},
    {"TRI", 3, {CellType::triangle, {}, kTriangleSides}}, {"TRI", 6, {CellType::triangle6, {}, kTriangleSides}},
    {"QUA", 4, {CellType::quad, {}, kQuadSides}}, {"QUA", 8, {CellType::quad8, {}, kQuadSides}}, {"QUA", 9, {CellType::quad9, {}, kQuadSides}},
    {"TET", 4, {CellType::tetra, {}, kTetraSides}}, {"TET", 10, {CellType::tetra10, {}, kTetraSides}},
    {"PYR", 5, {CellType::pyramid, {}, kPyramidSides}}, {"PYR", 13, {CellType::pyramid13, {}, kPyramidSides}},
    {"WED", 6, {CellType::wedge, {}, kWedgeSides}}, {"WED", 15, {CellType::wedge15, kWedge15, kWedgeSides}},
    {"HEX", 8, {CellType::hexa, {}, kHexaSides}}, {"HEX", 20, {CellType::hexa20, kHexa20, kHexaSides}}, {"HEX", 27, {CellType::hexa27, kHexa27, kHexaSides}},
}};
// clang-format on

}  // namespace

ExodusElement exodus_element(const std::string& type, std::int64_t nodes, std::int64_t dim) {
  std::string name;
  for (const char c : type) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const bool shell = name.starts_with("SHE");  // of three or four corners
  if (shell) name = nodes == 3 || nodes == 6 ? "TRI" : "QUA";
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& r) { return name.starts_with(r.begin) && r.nodes == nodes; });
  COTAN_REQUIRE(row != kRows.end(),
                "elements '" << type << "' of " << nodes
                             << " nodes cannot be read; SPHERE, BAR, TRI, QUAD, SHELL, TET, PYRAMID, WEDGE and HEX of "
                                "first and second order can");
  ExodusElement element = row->element;
  const bool two_faced = shell || (name.starts_with("TRI") && dim == 3);
  if (two_faced && shape(element.type).num_corners == 3) element.sides = kTriangleShellSides;
  if (two_faced && shape(element.type).num_corners == 4) element.sides = kQuadShellSides;
  return element;
}

}  // namespace cotan

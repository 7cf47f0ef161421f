#include "io/msh_types.h"

#include <array>

namespace cotan::msh {
namespace {

// VTK node k is Gmsh node order[k]: both number corners alike, but edges and faces in another order.
constexpr std::array<std::int8_t, 10> kTetra10 = {0, 1, 2, 3, 4, 5, 6, 7, 9, 8};
constexpr std::array<std::int8_t, 13> kPyramid13 = {0, 1, 2, 3, 4, 5, 8, 10, 6, 7, 9, 11, 12};
constexpr std::array<std::int8_t, 15> kWedge15 = {0, 1, 2, 3, 4, 5, 6, 9, 7, 12, 14, 13, 8, 10, 11};
constexpr std::array<std::int8_t, 20> kHexa20 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 14, 15};
constexpr std::array<std::int8_t, 27> kHexa27 = {0,  1,  2,  3,  4,  5,  6,  7,  8,  11, 13, 9,  16, 18,
                                                 19, 17, 10, 12, 14, 15, 22, 23, 21, 24, 20, 25, 26};

// A family of complete elements of third and higher order: Gmsh's numbers for order, order + 1, …
struct Family {
  CellType linear;
  int order, first, last;
};
constexpr std::array kHigher = {
    Family{CellType::line, 3, 26, 28},     Family{CellType::line, 6, 62, 66},     Family{CellType::tetra, 3, 29, 31},
    Family{CellType::tetra, 6, 71, 75},    Family{CellType::quad, 3, 36, 38},     Family{CellType::quad, 6, 47, 51},
    Family{CellType::triangle, 6, 42, 46}, Family{CellType::wedge, 3, 90, 91},    Family{CellType::wedge, 5, 106, 110},
    Family{CellType::hexa, 3, 92, 98},     Family{CellType::pyramid, 3, 118, 124}};

int num_nodes(CellType linear, int p) {
  switch (linear) {
    case CellType::line:
      return p + 1;
    case CellType::triangle:
      return (p + 1) * (p + 2) / 2;
    case CellType::quad:
      return (p + 1) * (p + 1);
    case CellType::tetra:
      return (p + 1) * (p + 2) * (p + 3) / 6;
    case CellType::pyramid:
      return (p + 1) * (p + 2) * (2 * p + 3) / 6;
    case CellType::wedge:
      return (p + 1) * (p + 1) * (p + 2) / 2;
    default:
      return (p + 1) * (p + 1) * (p + 1);
  }
}

std::optional<ElementType> reduced_type(int gmsh) {
  switch (gmsh) {
    case 13:
      return ElementType{CellType::wedge15, 18, kWedge15, true};
    case 14:
      return ElementType{CellType::pyramid13, 14, kPyramid13, true};
    case 21:
      return ElementType{CellType::triangle, num_nodes(CellType::triangle, 3), {}, true};
    case 23:
      return ElementType{CellType::triangle, num_nodes(CellType::triangle, 4), {}, true};
    case 25:
      return ElementType{CellType::triangle, num_nodes(CellType::triangle, 5), {}, true};
  }
  for (const Family& f : kHigher) {
    if (f.first <= gmsh && gmsh <= f.last) {
      return ElementType{f.linear, num_nodes(f.linear, f.order + gmsh - f.first), {}, true};
    }
  }
  return std::nullopt;
}

std::span<const std::int8_t> file_order(CellType type) {
  switch (type) {
    case CellType::tetra10:
      return kTetra10;
    case CellType::pyramid13:
      return kPyramid13;
    case CellType::wedge15:
      return kWedge15;
    case CellType::hexa20:
      return kHexa20;
    case CellType::hexa27:
      return kHexa27;
    default:
      return {};
  }
}

template <std::size_t N>
constexpr std::array<std::int8_t, N> inverse(const std::array<std::int8_t, N>& order) {
  std::array<std::int8_t, N> result{};
  for (std::size_t k = 0; k < N; ++k) result[std::size_t(order[k])] = std::int8_t(k);
  return result;
}

}  // namespace

std::optional<ElementType> element_type(int gmsh) {
  if (const auto cell = cell_type_from_gmsh(gmsh)) {
    return ElementType{*cell, shape(*cell).num_nodes, file_order(*cell)};
  }
  return reduced_type(gmsh);
}

std::span<const std::int8_t> node_order(CellType type) {
  static constexpr auto tetra10 = inverse(kTetra10);
  static constexpr auto pyramid13 = inverse(kPyramid13);
  static constexpr auto wedge15 = inverse(kWedge15);
  static constexpr auto hexa20 = inverse(kHexa20);
  static constexpr auto hexa27 = inverse(kHexa27);
  switch (type) {
    case CellType::tetra10:
      return tetra10;
    case CellType::pyramid13:
      return pyramid13;
    case CellType::wedge15:
      return wedge15;
    case CellType::hexa20:
      return hexa20;
    case CellType::hexa27:
      return hexa27;
    default:
      return {};
  }
}

}  // namespace cotan::msh

#include "io/abaqus_faces.h"

#include <algorithm>

namespace cotan::abaqus {
namespace {

struct FaceTable {
  CellType linear;
  std::array<std::uint8_t, 6> corners;  ///< of face S1, S2, …, as bits; 0 where there is none
};
// "Element library: face definitions" of Abaqus and CalculiX.
constexpr std::array kFaces = {
    FaceTable{CellType::line, {0b1, 0b10}},
    FaceTable{CellType::triangle, {0b011, 0b110, 0b101}},
    FaceTable{CellType::quad, {0b0011, 0b0110, 0b1100, 0b1001}},
    FaceTable{CellType::tetra, {0b0111, 0b1011, 0b1110, 0b1101}},
    FaceTable{CellType::pyramid, {0b01111, 0b10011, 0b10110, 0b11100, 0b11001}},
    FaceTable{CellType::wedge, {0b000111, 0b111000, 0b011011, 0b110110, 0b101101}},
    FaceTable{CellType::hexa, {0b00001111, 0b11110000, 0b00110011, 0b01100110, 0b11001100, 0b10011001}}};

}  // namespace

int facet_of(const ElementType& type, const std::string& face) {
  const CellShape& s = shape(type.cell);
  int number = 0;
  const bool numbered = face.size() == 2 && face[1] >= '1' && face[1] <= '6' && (face[0] == 'S' || face[0] == 'E');
  if (numbered) number = face[1] - '0';
  if (face == "END1" || face == "END2") number = face[3] - '0';
  if (s.dim == 2 && (face == "SPOS" || face == "SNEG" || face == "SP" || face == "SN")) return kWholeCell;
  if (type.is_shell && s.dim == 2 && face[0] == 'S') {  // S1 and S2 are above and below, the edges follow
    if (number == 1 || number == 2) return kWholeCell;
    number -= 2;
  }
  if (number < 1) return kNoFace;
  const auto* table =
      std::find_if(kFaces.begin(), kFaces.end(), [&](const FaceTable& t) { return t.linear == s.linear; });
  const unsigned wanted = table->corners[std::size_t(number) - 1];
  for (std::size_t f = 0; wanted != 0 && f < s.facets.size(); ++f) {
    unsigned corners = 0;
    for (int k = 0; k < s.facets[f].num_corners; ++k) corners |= 1u << s.facets[f].corners[std::size_t(k)];
    if (corners == wanted) return int(f);
  }
  return kNoFace;
}

}  // namespace cotan::abaqus

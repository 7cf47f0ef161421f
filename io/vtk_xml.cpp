#include "io/vtk_xml.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/files.h"
#include "io/vtk.h"
#include "io/vtk_xml_array.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMost = 1u << 31;  // points and cells: what Index counts

// How many points or cells a piece has.
std::uint64_t piece_count(const VtkArrayChecker& checker, const pugi::xml_node& piece, const char* attribute,
                          std::optional<std::uint64_t> otherwise = {}) {
  const std::uint64_t count = checker.count(piece, attribute, otherwise);
  if (count >= kMost) checker.fail(std::string(attribute) + " is " + std::to_string(count));
  return count;
}

void check_points(const VtkArrayChecker& checker, const pugi::xml_node& piece, std::uint64_t points) {
  for (const auto& array : piece.child("PointData").children()) checker.check(array, points);
  const auto coordinates = piece.child("Points").child("DataArray");
  if (!coordinates || coordinates.attribute("NumberOfComponents").as_int() != 3) {
    checker.fail("<Points> has no array of 3 components");
  }
  checker.check(coordinates, points);
}

// The arrays of <Cells>, <Polys>, …; `names` are those that must be there.
void check_cells(const VtkArrayChecker& checker, const pugi::xml_node& cells, std::uint64_t count,
                 std::initializer_list<const char*> names) {
  const std::string tag = "<" + std::string(cells.name()) + ">";
  for (const char* name : names) {
    if (!cells.find_child_by_attribute("DataArray", "Name", name)) {
      checker.fail(tag + " has no array '" + name + "'");
    }
  }
  for (const auto& array : cells.children()) {
    const std::string name = array.attribute("Name").value();
    if (checker.count(array, "NumberOfComponents", 1) != 1)
      checker.fail(tag + " array '" + name + "' has several components");
    const bool per_cell = name == "offsets" || name == "types";
    checker.check(array, per_cell ? std::optional(count) : std::nullopt);
  }
}

// The grid of a file and its one piece, with its data on the whole checked.
pugi::xml_node only_piece(const fs::path& path, const VtkXmlFile& file, const VtkArrayChecker& checker,
                          const char* type) {
  const pugi::xml_node grid = file.root().child(type);
  COTAN_REQUIRE(grid, path.string() << ": no <" << type << ">");
  const auto pieces = grid.children("Piece");
  const auto num_pieces = std::distance(pieces.begin(), pieces.end());
  COTAN_REQUIRE(num_pieces == 1, path.string() << ": " << num_pieces << " pieces; files of one piece can be read");
  for (const auto& array : grid.child("FieldData").children()) {
    const std::uint64_t tuples = checker.count(array, "NumberOfTuples", 1);
    if (tuples >= kMost) checker.fail("FieldData has an array of " + std::to_string(tuples) + " tuples");
    checker.check(array, tuples);
  }
  return grid.child("Piece");
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void check_vtu(const fs::path& path) {
  const VtkXmlFile file(path, "UnstructuredGrid");
  const VtkArrayChecker checker = file.checker();
  const pugi::xml_node piece = only_piece(path, file, checker, "UnstructuredGrid");
  const std::uint64_t points = piece_count(checker, piece, "NumberOfPoints");
  const std::uint64_t cells = piece_count(checker, piece, "NumberOfCells");
  check_points(checker, piece, points);
  for (const auto& array : piece.child("CellData").children()) checker.check(array, cells);
  check_cells(checker, piece.child("Cells"), cells, {"connectivity", "offsets", "types"});
}

void check_vtp(const fs::path& path) {
  const VtkXmlFile file(path, "PolyData");
  const VtkArrayChecker checker = file.checker();
  const pugi::xml_node piece = only_piece(path, file, checker, "PolyData");
  check_points(checker, piece, piece_count(checker, piece, "NumberOfPoints"));
  std::uint64_t cells = 0;
  for (const char* kind : {"Verts", "Lines", "Strips", "Polys"}) {
    const std::uint64_t count = piece_count(checker, piece, (std::string("NumberOf") + kind).c_str(), 0);
    cells += count;
    if (count > 0) check_cells(checker, piece.child(kind), count, {"connectivity", "offsets"});
  }
  for (const auto& array : piece.child("CellData").children()) checker.check(array, cells);
}

std::vector<fs::path> read_pvtu_list(const fs::path& path) {
  VtkXmlFile file(path, "PUnstructuredGrid");
  std::vector<fs::path> pieces;
  for (const auto& node : file.root().child("PUnstructuredGrid").children("Piece")) {
    const std::string where = file.where(node), name = node.attribute("Source").value();
    COTAN_REQUIRE(!name.empty(), where << ": <Piece> without a Source");
    pieces.push_back(file_inside(path.parent_path(), name, where));
    COTAN_REQUIRE(lower_extension(pieces.back()) == ".vtu", where << ": names '" << name << "'; pieces are .vtu files");
    COTAN_REQUIRE(std::count(pieces.begin(), pieces.end(), pieces.back()) == 1,
                  where << ": names '" << name << "' a second time");
  }
  COTAN_REQUIRE(!pieces.empty(), path.string() << ": no <Piece> in a <PUnstructuredGrid>");
  return pieces;
}

std::vector<PvdEntry> read_pvd(const fs::path& path) {
  VtkXmlFile collection(path, "Collection");
  std::vector<PvdEntry> entries;
  for (const auto& node : collection.root().child("Collection").children("DataSet")) {
    const std::string where = collection.where(node);
    const std::string_view time = xml_trimmed(node.attribute("timestep").as_string("0"));
    const std::string file = node.attribute("file").value();
    COTAN_REQUIRE(!file.empty(), where << ": <DataSet> without a file");
    PvdEntry entry{0, node.attribute("part").as_int(0), file_inside(path.parent_path(), file, where)};
    const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), entry.time);
    COTAN_REQUIRE(error == std::errc{} && end == time.data() + time.size() && std::abs(entry.time) < 1e300,
                  where << ": timestep '" << time << "', expected a number");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace cotan

#include <algorithm>
#include <array>
#include <limits>

#include "core/check.h"
#include "core/files.h"
#include "io/grid_content.h"
#include "io/legacy_vtk.h"
#include "io/sink.h"

namespace cotan {
namespace {

template <class T>
void big_endian(Sink& sink, T value) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), &value, sizeof value);
  std::reverse(bytes.begin(), bytes.end());
  sink.bytes(bytes);
}

// " " -> "%20", as VTK reads names.
std::string encoded(const std::string& name) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : name) {
    const bool plain = c > 32 && c < 127 && c != '"' && c != '%';
    plain ? out += char(c) : (out += '%', out += hex[c >> 4], out += hex[c & 15]);
  }
  return out;
}

void write_arrays(Sink& sink, const std::vector<GridArray>& arrays) {
  sink.line("FIELD FieldData " + std::to_string(arrays.size()));
  for (const GridArray& array : arrays) {
    sink.line(encoded(array.name) + " " + std::to_string(array.components) + " " +
              std::to_string(array.values.size() / std::size_t(array.components)) + " double");
    for (const double value : array.values) big_endian(sink, value);
    sink.line("");
  }
}

}  // namespace

void write_legacy_vtk(const std::filesystem::path& path, const Snapshot& snapshot) {
  const GridContent content = grid_from_snapshot(snapshot);
  const VtkGrid& grid = content.grid;
  const std::size_t cells = grid.types.size(), numbers = grid.connectivity.size() + cells;
  COTAN_REQUIRE(numbers < std::size_t(std::numeric_limits<std::int32_t>::max()),
                path.string() << ": " << numbers << " numbers of cells, more than a legacy VTK file can count");
  StagedFile staged(path);
  Sink sink(staged.path(), true);
  sink.line("# vtk DataFile Version 3.0\nwritten by cotan\nBINARY\nDATASET UNSTRUCTURED_GRID");
  if (!content.whole.empty()) write_arrays(sink, content.whole);
  sink.line("POINTS " + std::to_string(grid.points.size() / 3) + " double");
  for (const double x : grid.points) big_endian(sink, x);
  sink.line("\nCELLS " + std::to_string(cells) + " " + std::to_string(numbers));
  for (std::size_t c = 0; c < cells; ++c) {
    big_endian(sink, std::int32_t(grid.offsets[c + 1] - grid.offsets[c]));
    for (auto k = grid.offsets[c]; k < grid.offsets[c + 1]; ++k)
      big_endian(sink, std::int32_t(grid.connectivity[std::size_t(k)]));
  }
  sink.line("\nCELL_TYPES " + std::to_string(cells));
  for (const auto type : grid.types) big_endian(sink, std::int32_t(type));
  for (const auto& [name, rows, arrays] : {std::tuple("\nPOINT_DATA ", grid.points.size() / 3, &content.points),
                                           std::tuple("\nCELL_DATA ", cells, &content.cells)}) {
    if (arrays->empty()) continue;
    sink.line(name + std::to_string(rows));
    write_arrays(sink, *arrays);
  }
  COTAN_REQUIRE(sink.finish(), path.string() << ": cannot be written whole (is the disk full?)");
  staged.commit();
}

}  // namespace cotan

#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkXMLPolyDataReader.h>

#include "core/check.h"
#include "io/vtk_contents.h"
#include "io/vtk_xml.h"

namespace cotan {
namespace {

constexpr std::uint8_t kVertex = 1, kLine = 3, kPolygon = 7;

/// Cells one after the other, and which of the file's each is or is a part of.
class PolyCells {
 public:
  explicit PolyCells(VtkGrid& grid) : grid_(grid) { grid_.offsets = {0}; }

  /// Cells of one kind, in parts of `nodes` that overlap by one less; 0: whole.
  void add(vtkCellArray* cells, std::uint8_t type, std::int64_t nodes) {
    if (!cells || cells->GetNumberOfCells() == 0) return;
    const auto offsets = vtk_integers(cells->GetOffsetsArray(), "offsets");
    const auto links = vtk_integers(cells->GetConnectivityArray(), "connectivity");
    for (std::size_t c = 0; c + 1 < offsets.size(); ++c, ++rows_) {
      const std::int64_t begin = offsets[c], end = offsets[c + 1];
      COTAN_REQUIRE(
          begin >= 0 && begin <= end && end <= std::ssize(links),
          "offsets: cell " << c << " goes from " << begin << " to " << end << " in a connectivity of " << links.size());
      const std::int64_t size = nodes > 0 ? nodes : end - begin;
      COTAN_REQUIRE(size > 0 && end - begin >= size, "cell " << c << " has " << end - begin << " points");
      for (std::int64_t at = begin; at + size <= end; ++at) push(type, std::span(links).subspan(at, size));
    }
  }
  std::int64_t rows() const { return rows_; }

  /// Values of the file's cells for the cells that these became.
  void spread(std::vector<GridArray>& arrays) const {
    for (GridArray& array : arrays) {
      COTAN_REQUIRE(std::ssize(array.values) == rows_ * array.components,
                    "array '" << array.name << "': " << array.values.size() << " values, expected " << rows_ << " x "
                              << array.components);
      if (std::ssize(from_) == rows_) continue;
      array.values = pick_rows(std::span<const double>(array.values), from_, std::size_t(array.components));
    }
  }

 private:
  void push(std::uint8_t type, std::span<const std::int64_t> nodes) {
    grid_.types.push_back(type);
    grid_.connectivity.insert(grid_.connectivity.end(), nodes.begin(), nodes.end());
    grid_.offsets.push_back(std::ssize(grid_.connectivity));
    from_.push_back(Index(rows_));
  }

  VtkGrid& grid_;
  std::vector<Index> from_;
  std::int64_t rows_ = 0;
};

}  // namespace

GridContent read_vtp_content(const std::filesystem::path& path) {
  check_vtp(path);
  vtkNew<vtkXMLPolyDataReader> reader;
  run_vtk_reader(reader, path);
  vtkPolyData* poly = reader->GetOutput();
  COTAN_REQUIRE(poly->GetPoints(), "no points can be read: the file is corrupt");
  COTAN_REQUIRE(poly->GetNumberOfStrips() == 0, "strips of triangles cannot be read; triangles can");
  GridContent content{
      {}, vtk_arrays(poly->GetPointData()), vtk_arrays(poly->GetCellData()), vtk_arrays(poly->GetFieldData())};
  content.grid.points = vtk_doubles(poly->GetPoints()->GetData());
  PolyCells cells(content.grid);
  cells.add(poly->GetVerts(), kVertex, 1);
  cells.add(poly->GetLines(), kLine, 2);
  cells.add(poly->GetPolys(), kPolygon, 0);
  cells.spread(content.cells);
  return content;
}

}  // namespace cotan

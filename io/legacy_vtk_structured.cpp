#include "io/legacy_vtk_structured.h"

#include "io/legacy_vtk_values.h"

namespace cotan::legacy_vtk {
namespace {

void check_extent(const Source& source, const std::string& dataset, const StructuredSections& from,
                  const VtkGrid& grid) {
  const auto points = product(source, product(source, from.extent[0], from.extent[1]), from.extent[2]);
  if (points == 0) source.fail(dataset + " without DIMENSIONS");
  constexpr std::uint64_t kMostImplied = 50'000'000;  // points of an image take no bytes of the file
  if (points > kMostImplied)
    source.fail(std::to_string(points) + " points in a structured grid, at most " + std::to_string(kMostImplied));
  // arrays on them take bytes; without, a few digits must not ask for gigabytes
  constexpr std::uint64_t kFreePoints = 100'000;
  const bool implied = dataset != "STRUCTURED_GRID";  // by an image's counts or a rectilinear grid's axes
  if (implied && points > kFreePoints + 100 * (source.position() + source.remaining())) {
    source.fail("DIMENSIONS of " + std::to_string(points) + " points in a file of " +
                std::to_string(source.position() + source.remaining()) + " bytes");
  }
  if (dataset == "STRUCTURED_GRID" && points * 3 != grid.points.size()) {
    source.fail("DIMENSIONS of " + std::to_string(points) + " points, but POINTS has " +
                std::to_string(grid.points.size() / 3));
  }
  for (std::size_t k = 0; k < 3 && dataset == "RECTILINEAR_GRID"; ++k) {
    if (from.axes[k].size() != from.extent[k])
      source.fail("DIMENSIONS say " + std::to_string(from.extent[k]) + " coordinates of an axis, found " +
                  std::to_string(from.axes[k].size()));
  }
}

void regular_points(StructuredSections& from, VtkGrid& grid) {
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::uint64_t i = 0; from.axes[k].size() < from.extent[k]; ++i)
      from.axes[k].push_back(from.origin[k] + double(i) * from.spacing[k]);
  }
  auto& points = grid.points;
  points.clear();
  for (const double z : from.axes[2]) {
    for (const double y : from.axes[1]) {
      for (const double x : from.axes[0]) points.insert(points.end(), {x, y, z});
    }
  }
}

// Voxels, pixels or lines, by how many axes have more than one point.
void regular_cells(const Source& source, const StructuredSections& from, VtkGrid& grid) {
  std::vector<std::size_t> axes;
  for (std::size_t k = 0; k < 3; ++k) {
    if (from.extent[k] > 1) axes.push_back(k);
  }
  if (axes.empty()) source.fail("DIMENSIONS of one point");
  const std::array<std::int64_t, 3> stride = {1, std::int64_t(from.extent[0]),
                                              std::int64_t(from.extent[0] * from.extent[1])};
  constexpr std::array<std::uint8_t, 3> types = {3, 8, 11};
  grid.offsets.assign(1, 0);
  std::array<std::uint64_t, 3> count{};
  for (std::size_t k = 0; k < 3; ++k) count[k] = from.extent[k] > 1 ? from.extent[k] - 1 : 1;
  for (std::uint64_t c = 0; c < count[0] * count[1] * count[2]; ++c) {
    const std::array<std::uint64_t, 3> at = {c % count[0], c / count[0] % count[1], c / count[0] / count[1]};
    std::int64_t corner = 0;
    for (std::size_t k = 0; k < 3; ++k) corner += std::int64_t(at[k]) * stride[k];
    for (std::size_t n = 0; n < std::size_t{1} << axes.size(); ++n) {
      std::int64_t node = corner;
      for (std::size_t k = 0; k < axes.size(); ++k) node += n >> k & 1 ? stride[axes[k]] : 0;
      grid.connectivity.push_back(node);
    }
    grid.types.push_back(types[axes.size() - 1]);
    grid.offsets.push_back(std::int64_t(grid.connectivity.size()));
  }
}

}  // namespace

void add_structured(const Source& source, const std::string& dataset, StructuredSections&& sections, VtkGrid& grid) {
  check_extent(source, dataset, sections, grid);
  if (dataset != "STRUCTURED_GRID") regular_points(sections, grid);
  regular_cells(source, sections, grid);
}

}  // namespace cotan::legacy_vtk

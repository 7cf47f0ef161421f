#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "io/source.h"
#include "io/vtk_grid.h"

namespace cotan::legacy_vtk {

/// What a structured grid's sections say.
struct StructuredSections {
  std::array<std::uint64_t, 3> extent{};             ///< points along each axis (DIMENSIONS)
  std::array<std::vector<double>, 3> axes = {};      ///< of a RECTILINEAR_GRID [m]
  std::array<double, 3> origin{}, spacing{1, 1, 1};  ///< of STRUCTURED_POINTS [m]
};

/// The points, where the file leaves them to its sections, and the cells: voxels, pixels or lines, by how many axes
/// have more than one point.
/// \param dataset STRUCTURED_GRID, RECTILINEAR_GRID or STRUCTURED_POINTS
/// \throw InputError: extents that are not those of the points, coordinates or arrays, or too many
void add_structured(const Source& source, const std::string& dataset, StructuredSections&& sections, VtkGrid& grid);

}  // namespace cotan::legacy_vtk

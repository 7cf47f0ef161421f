#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mesh/field.h"

namespace cotan {

/// Colours for values from `low` to `high`; values that are not finite are grey.
struct ColourScale {
  double low = 0, high = 1;
  bool diverging = false;  ///< blue over white to red, white in the middle; else the hues of viridis
  std::string title;       ///< what and in which unit
};

/// One view of a mesh, coloured by a field of one component on its points or cells.
struct Panel {
  std::shared_ptr<const Mesh> mesh;
  std::vector<double> points = {};  ///< (num_points, dim) [m] to draw them at instead; empty: the mesh's own
  HostField values = {};
  HostField arrows = {};   ///< vectors on points, drawn as arrows; without values: none
  std::string title = {};  ///< above the view
};

/// Panels in rows, and the colours' scales at the side where `scale_of` counts: right of rows or below columns.
struct Picture {
  std::size_t rows = 1, columns = 1;
  std::vector<Panel> panels;  ///< (rows * columns), row by row
  bool scales_of_rows = true;
  std::vector<ColourScale> scales;
  std::vector<std::size_t> scale_of;  ///< (rows, or columns): number of its scale; neighbours with the same share a bar
};

/// A cut by the plane on which the coordinate of that axis has that value [m].
struct Slice {
  int axis = 0;
  double at = 0;
};

/// How all pictures of a run look.
struct PictureLook {
  int width = 480;                                      ///< of a panel [pixels]
  std::array<double, 3> low{}, high{};                  ///< corners of the box that is in view [m]
  std::array<double, 3> from = {0, 0, 1}, up{0, 1, 0};  ///< directions: to the eye, and upwards
  bool is_flat = true;                                  ///< without light and shade
  bool edges = false;                                   ///< sides of cells as lines
  std::optional<Slice> slice = {};
  double arrow_scale = 0;  ///< length of an arrow over its vector's [m / unit]
};

/// The box of a look as the eye sees it.
struct Sight {
  std::array<double, 3> centre{}, from{}, up{};  ///< of the box [m]; unit vectors at right angles
  double width = 0, height = 0, depth = 0;       ///< extents across, upwards, and towards the eye [m]
};
Sight sight_of(const PictureLook& look);

}  // namespace cotan

#pragma once
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// Thin cells along curves of a plane model: the first `first` high, each next one `ratio` times as high, until all are
/// `thickness` high together.
struct GmshLayer {
  std::vector<std::string> on;                   ///< groups, or curve_N
  double first = 0, ratio = 1.2, thickness = 0;  ///< [m], -, [m]
  bool quads = true;
  std::vector<std::string> fans;  ///< points (groups, or point_N) around which the cells fan out
};

enum class GmshCells { as_made, quads, hexes };

struct GmshOptions {
  double size = 0;  ///< Mesh.MeshSizeFactor is left; > 0: largest element size [m]
  int dim = 0;      ///< 0: the highest dimension the model has
  int order = 1;    ///< 1 or 2
  std::vector<std::pair<std::string, double>> parameters = {};  ///< DefineConstant values of a .geo script
  /// Edges at groups, or at point_N, curve_N, surface_N [m]: there, and growing by `grading` per distance from it.
  std::map<std::string, double> sizes = {};
  double grading = 0.3;
  int curvature = 0;  ///< edges a full turn of curved sides; 0: not asked for
  std::function<double(const std::array<double, 3>&)> size_at = {};  ///< largest edge at a place [m]; may be empty
  std::optional<GmshLayer> layer = {};
  /// Triangles joined to quads, those that are left divided so that there are only quads; tetrahedra divided into
  /// hexahedra.
  GmshCells cells = GmshCells::as_made;
};

/// Meshes a .geo script, or a CAD file (.step, .brep, .iges), with the Gmsh library and no user rc files, in a child
/// process: Gmsh is global state, and scripts can end or fell the process. Safe from several threads.
/// `notes` gets Gmsh's warnings.
/// \throw InputError with Gmsh's own message and line; in a build without COTAN_GPL, naming the option
MeshData mesh_with_gmsh(const std::filesystem::path& script, const GmshOptions& options,
                        std::vector<std::string>* notes = nullptr);
bool have_gmsh();

}  // namespace cotan

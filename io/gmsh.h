#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

struct GmshOptions {
  double size = 0;  ///< Mesh.MeshSizeFactor is left; > 0: largest element size [m]
  int dim = 0;      ///< 0: the highest dimension the model has
  int order = 1;    ///< 1 or 2
  std::vector<std::pair<std::string, double>> parameters;  ///< DefineConstant values of a .geo script
};

/// Meshes a .geo script, or a CAD file (.step, .brep, .iges), with the Gmsh library and no user rc files, in a child
/// process: Gmsh is global state, and scripts can end or fell the process. Safe from several threads.
/// `notes` gets Gmsh's warnings.
/// \throw InputError with Gmsh's own message and line; in a build without COTAN_GPL, naming the option
MeshData mesh_with_gmsh(const std::filesystem::path& script, const GmshOptions& options,
                        std::vector<std::string>* notes = nullptr);
bool have_gmsh();

}  // namespace cotan

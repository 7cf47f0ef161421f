#include "core/check.h"
#include "io/gmsh.h"

namespace cotan {

MeshData mesh_with_gmsh(const std::filesystem::path& script, const GmshOptions&, std::vector<std::string>*) {
  throw InputError(script.string() +
                   ": this build cannot mesh (it has no Gmsh); rebuild with -DCOTAN_GPL=ON, or make a "
                   ".msh file with Gmsh");
}

bool have_gmsh() {
  return false;
}

}  // namespace cotan

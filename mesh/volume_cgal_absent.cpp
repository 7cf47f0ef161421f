#include "core/check.h"
#include "mesh/volume.h"

namespace cotan {

Mesh mesh_volume(const Mesh&, const VolumeOptions&) {
  throw InputError(
      "this build cannot fill surfaces (it has no CGAL); rebuild with -DCOTAN_GPL=ON, or give a mesh file of cells");
}

}  // namespace cotan

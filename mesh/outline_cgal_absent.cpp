#include "core/check.h"
#include "mesh/outline.h"

namespace cotan {

Mesh mesh_outline(const Outline&) {
  throw InputError("meshing an outline needs CGAL: build with -DCOTAN_GPL=ON");
}

}  // namespace cotan

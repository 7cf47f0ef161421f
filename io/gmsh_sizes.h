#pragma once
#include "io/gmsh.h"

namespace cotan {

/// Tells Gmsh, which has the model open, of the sizes, layers and kinds of cells that the options ask for.
/// \param dim of the cells \throw InputError naming groups that are not there, with those there are
void apply_gmsh_sizes(const GmshOptions& options, int dim);

}  // namespace cotan

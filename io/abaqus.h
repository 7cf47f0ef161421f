#pragma once
#include "io/mesh_content.h"
#include "io/source.h"

namespace cotan {

/// The mesh of an input deck of Abaqus or CalculiX: *NODE, *ELEMENT, *NSET, *ELSET (also GENERATE), *SURFACE, *PART,
/// *INSTANCE with its translation and rotation, and *INCLUDE of files beside the deck. Elements of the highest
/// dimension make the mesh, element sets its cell sets, node sets point sets, surfaces facet sets (those on whole
/// shells: cell sets). Lower elements that are sides of cells make facet sets of their element sets. With several
/// instances names are "instance.set". Names differ by more than their case. Springs, masses and the like are left out,
/// saying so. \throw InputError naming the file, line, found and expected; for what makes nodes or elements without
/// listing them
/// (*NGEN, *ELGEN, …), for other coordinate systems, and for unknown types of elements
MeshContent parse_abaqus(Source& source);

}  // namespace cotan

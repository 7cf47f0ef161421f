#pragma once
#include "io/mesh_content.h"
#include "io/source.h"

namespace cotan {

/// Surfaces of triangles and quads in space (or the plane, where all z are equal). Faces without an area, of which two
/// corners are the same or all stand in line, are left out; so are duplicates; `notes` says how many.
/// \throw InputError naming the file, line or byte, found and expected; for faces of more than four corners

/// Text and binary. Equal points are joined, exactly, and `notes` says so; of several solids each is a cell set.
MeshContent parse_stl(Source& source);
/// Text; colours and normals are left out.
MeshContent parse_off(Source& source);
/// Text and binary, either byte order. Other properties of vertices and faces become fields.
MeshContent parse_ply(Source& source);
/// Wavefront's; groups, objects and materials become cell sets. Normals, texture coordinates and lines are left out.
MeshContent parse_obj(Source& source);

}  // namespace cotan

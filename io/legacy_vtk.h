#pragma once
#include <filesystem>

#include "io/mesh_content.h"
#include "io/source.h"

namespace cotan {

/// VTK's legacy files, version 1 to 5.1, text and binary, by our own reader (VTK's gives half of a cut file without a
/// word): unstructured grids, polygonal data, and structured grids, rectilinear grids and images as quads and
/// hexahedra. Sets as write_vtu leaves them. Texts and tables of colours are left out. Arrays of 64-bit integers are
/// exact up to 2^53. \throw InputError naming the file, section, line or byte, found and expected
MeshContent parse_legacy_vtk(Source& source);
/// Binary, version 3.0, doubles, which every reader of legacy files takes. \throw InputError: a mesh beyond 2^31
/// numbers
void write_legacy_vtk(const std::filesystem::path& path, const Snapshot& snapshot);

}  // namespace cotan

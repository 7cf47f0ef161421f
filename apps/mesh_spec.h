#pragma once
#include <string>
#include <vector>

#include "core/config.h"
#include "mesh/outline.h"

namespace cotan {

/// A mesh by a map that says how it is made (docs/mesh.md): an outline's keys, or one of
///   {outline: {…}}   {gmsh: channel.geo, size: 0.02, sizes: {inlet: 0.01}, …}
///   {surface: part.stl, size: 0.1, …}   {box: {low: [0, 0], high: [2, 1], cells: [20, 10], type: quad}}
/// Paths are relative to the file that the map stands in. `notes` gets what was mended.
/// \throw InputError naming line and key, or the file
Mesh make_mesh(const Config& spec, const OutlineDraw& draw, std::vector<std::string>& notes);
/// Whether another draw, or another value of one of the parameters `drawn`, makes another mesh.
bool mesh_varies(const Config& spec, const std::vector<std::string>& drawn);

/// `path` as written in a configuration: relative to the configuration's folder.
std::filesystem::path relative_to(const Config& config, const std::string& path);

}  // namespace cotan

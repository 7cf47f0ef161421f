#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mesh/case.h"

namespace cotan {

/// The mesh that an entry of a case names: a path of any readable mesh, or {gmsh: file.geo, size: 0.02, parameters:
/// {cx: "x0 + 0.1"}}, or {outline: {…}}. Script parameters are expressions in the case's parameters, so a draw may have
/// its own mesh. Relative paths are relative to the case file. `notes` gets what was mended.
/// \throw InputError naming line and key
std::shared_ptr<const Mesh> load_mesh(const Config& mesh, const std::map<std::string, double>& parameters,
                                      std::vector<std::string>& notes);
/// Of the case's entry `mesh`.
std::shared_ptr<const Mesh> load_case_mesh(const Case& spec, const std::map<std::string, double>& parameters,
                                           std::vector<std::string>& notes);

/// Whether two draws of the case may have different meshes by this entry.
bool depends_on_draw(const Config& mesh, const Case& spec);

/// `path` as written in a configuration: relative to the configuration's folder.
std::filesystem::path relative_to(const Config& config, const std::string& path);

}  // namespace cotan

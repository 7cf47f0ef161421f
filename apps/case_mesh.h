#pragma once
#include <memory>
#include <string>
#include <vector>

#include "apps/mesh_spec.h"
#include "mesh/case.h"

namespace cotan {

/// The mesh that an entry of a case names: a path of any readable mesh, or a map that says how it is made
/// (apps/mesh_spec.h), with the numbers and parameters of a draw, which may have a mesh of its own. `notes` gets what
/// was mended. \throw InputError naming line and key
std::shared_ptr<const Mesh> load_mesh(const Config& mesh, const OutlineDraw& draw, std::vector<std::string>& notes);
/// Of the case's entry `mesh`.
std::shared_ptr<const Mesh> load_case_mesh(const Case& spec, const OutlineDraw& draw, std::vector<std::string>& notes);

/// Whether two draws of the case may have different meshes by this entry.
bool depends_on_draw(const Config& mesh, const Case& spec);

}  // namespace cotan

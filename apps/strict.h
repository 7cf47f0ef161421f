#pragma once
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// What stands out in a mesh that could be read, a sentence each: pieces apart from the largest, points at the places
/// of others.
std::vector<std::string> oddities(const Mesh& mesh);

/// For --strict: refuses a mesh that was changed when it was read, or in which something stands out.
/// \param notes of the reader \throw InputError naming the file, with all of it
void require_as_it_stands(const std::string& file, const Mesh& mesh, std::vector<std::string> notes);

}  // namespace cotan

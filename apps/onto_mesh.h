#pragma once
#include <memory>
#include <string>

#include "io/archive.h"
#include "mesh/transfer.h"

namespace cotan {

/// The mesh that values go to, and how. Both functions say which points lie outside, and what becomes of the integrals.
struct OntoMesh {
  std::shared_ptr<const Mesh> mesh;
  TransferBy by = TransferBy::linear;
};
/// \throw InputError naming the file
OntoMesh read_onto_mesh(const std::string& path, bool nearest);
Snapshot move_onto(const OntoMesh& target, const Snapshot& snapshot);
/// Says so for the first frame of the first trajectory.
std::unique_ptr<Archive> move_onto(const OntoMesh& target, std::unique_ptr<Archive> archive);

}  // namespace cotan

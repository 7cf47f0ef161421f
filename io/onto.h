#pragma once
#include <memory>

#include "io/archive.h"
#include "mesh/transfer.h"

namespace cotan {

/// A trajectory with its fields on another mesh (mesh/transfer.h), as float64. Roles and given values, which belong to
/// points of the other mesh, are left out. \throw InputError as Transfer does, with the trajectory's name
std::unique_ptr<Trajectory> onto(std::unique_ptr<Trajectory> trajectory, std::shared_ptr<const Mesh> target,
                                 TransferBy by);
/// The same for each trajectory of an archive.
std::unique_ptr<Archive> onto(std::unique_ptr<Archive> archive, std::shared_ptr<const Mesh> target, TransferBy by);

}  // namespace cotan

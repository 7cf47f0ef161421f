#pragma once
#include <memory>

#include "io/archive.h"

namespace cotan {

/// The name of the field that says how far points have moved.
inline constexpr std::string_view kDisplacement = "displacement";

/// A trajectory whose points move while its cells stay the same, as one on the mesh of its first frame with a further
/// field `displacement` on points: positions at a frame less those at the first [m]. Others come back as they are, as
/// do those that have a field of that name. Cells are compared at the second, middle and last frames, and at each
/// other when its displacement is read.
std::unique_ptr<Trajectory> with_displacement(std::unique_ptr<Trajectory> trajectory);
/// The same for each trajectory of an archive.
std::unique_ptr<Archive> with_displacement(std::unique_ptr<Archive> archive);

}  // namespace cotan

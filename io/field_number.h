#pragma once
#include <string>

#include "io/archive.h"

namespace cotan {

/// Which of a trajectory's fields() has that name.
/// \throw InputError naming the trajectory: absent (with those there are), frames [k0, k1) that it has not
std::size_t field_number(const Trajectory& trajectory, const std::string& field, std::size_t k0, std::size_t k1);

}  // namespace cotan

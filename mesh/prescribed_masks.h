#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cotan {

/// Where values are given and not found: field -> (points, components) row-major, 1 where given. Fields that are free
/// everywhere are left out.
using PrescribedMasks = std::map<std::string, std::vector<std::uint8_t>>;

}  // namespace cotan

#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace cotan {

/// What a network sees as node type. The numbers are those of the MeshGraphNets archives and never change; files
/// save the names. Nine slots, so no width ever comes from data.
enum class Role : std::uint8_t { interior, obstacle, airfoil, handle, inflow, outflow, wall, symmetry, other };
inline constexpr int kNumRoles = 9;
inline constexpr std::array<std::string_view, kNumRoles> kRoleNames = {
    "interior", "obstacle", "airfoil", "handle", "inflow", "outflow", "wall", "symmetry", "other"};
constexpr std::string_view to_string(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}
Role role_from(std::string_view name);  ///< \throw InputError listing the names

}  // namespace cotan

#pragma once
#include <cstdint>
#include <string_view>

namespace cotan {

using Index = std::int32_t;        ///< an entity on this rank
using GlobalIndex = std::int64_t;  ///< an entity across ranks

/// What a field's rows stand on. `whole` is one row for the entire mesh (a "global").
enum class On : std::uint8_t { points, cells, dofs, whole };

/// "point", "cell", "dof", "global": the words of files and messages.
constexpr std::string_view to_string(On on) {
  switch (on) {
    case On::points:
      return "point";
    case On::cells:
      return "cell";
    case On::dofs:
      return "dof";
    case On::whole:
      return "global";
  }
  return "?";
}

}  // namespace cotan

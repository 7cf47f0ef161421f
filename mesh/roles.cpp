#include "mesh/roles.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/check.h"

namespace cotan {

Role role_from(std::string_view name) {
  const auto found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
  COTAN_REQUIRE(found != kRoleNames.end(),
                unknown_name("role", name, std::vector<std::string>(kRoleNames.begin(), kRoleNames.end())));
  return static_cast<Role>(found - kRoleNames.begin());
}

}  // namespace cotan

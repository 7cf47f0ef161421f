#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "physics/problem.h"
#include "physics/reaction_diffusion.h"

namespace cotan {

/// A field of a system as formulas in x, y, z, t, the parameters and the components of fields: those of a vector are
/// name_x, name_y, name_z.
struct FieldText {
  std::string name, unit = {};
  bool is_vector = false;  ///< as many components as coordinates
  std::string diffusivity = "0", reaction = "0", capacity = "1";
};

/// A system as formulas: what a row of the table of problems, or a case of reaction_diffusion, says.
struct SystemText {
  std::string_view name;
  std::vector<FieldText> fields;
  std::vector<std::string> velocity = {};    ///< formulas, one a coordinate; empty: none
  bool carries_itself = false;               ///< the first field is the velocity
  std::vector<std::string> parameters = {};  ///< that the formulas need
};

/// Sets a system up: options `source` (field -> formulas, added to the reactions) and formulas in the place of
/// parameters. \throw InputError naming line and key
ProblemSetup set_up_system(const ProblemInput& input, const SystemText& text);

/// reaction_diffusion, heat, burgers, fitzhugh_nagumo, gray_scott, allen_cahn.
std::vector<Problem> reaction_diffusion_problems();

}  // namespace cotan

#pragma once
#include "apps/render_options.h"

namespace cotan {

/// Draws what is asked for and says which files were written. Needs a display. \throw InputError
void render(const RenderOptions& options);

}  // namespace cotan

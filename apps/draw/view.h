#pragma once
#include <vector>

#include "apps/draw/picture.h"
#include "apps/draw/source.h"

namespace cotan {

/// From where meshes are seen: planar ones straight on, others from `view`, a cut along its axis; the box holds the
/// mesh at all of these frames. \throw InputError for a view or cut that cannot be
PictureLook look_at(const RenderOptions& options, const RenderSource& source, const std::vector<std::size_t>& frames);

/// Points moved by the field of `warp`: (num_points, dim) [m]; empty without one. \throw InputError for a field that is
/// no vector on points
std::vector<double> warped_points(const RenderOptions& options, const RenderSource& source, std::size_t k);

}  // namespace cotan

#pragma once
#include <string>

#include "mesh/outline_numbers.h"

namespace cotan {

/// A loop by a map with one shape: polygon, rectangle, circle, naca, random_polygon (docs/mesh.md). \param name of
/// sides that have none \param size length of a circle's sides [m] where their number is not given \throw InputError
/// naming line and key
Loop parse_loop(const Config& node, const std::string& name, double size, const OutlineNumbers& numbers);

/// Obstacles at random places, by the map of `random`: `count` of them, apart from each other, from the outer loop and
/// from the holes there are. \throw InputError where no place is found for one
std::vector<Loop> parse_random_holes(const Config& node, const Loop& outer, const std::vector<Loop>& holes, double size,
                                     const OutlineNumbers& numbers);

}  // namespace cotan

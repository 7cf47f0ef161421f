#pragma once
#include "mesh/case.h"

namespace cotan {

/// Initial values of a field at the mesh's points from a case's `initial` entry: expressions, a constant, or
///   {random_blobs: {count: 3, width: [0.05, 0.2], amplitude: [-1, 1], margin: 0}}   Gaussian bumps
///   {random_fourier: {modes: 4, amplitude: 1, decay: 1}}                            a random Fourier series over the
///   bounding box
/// drawn by (seed, draw). (points, components), row-major.
/// \throw InputError naming line and key
std::vector<double> initial_values(const Config& entry, const FieldSpec& field, const Mesh& mesh,
                                   const std::map<std::string, double>& parameters, std::uint64_t seed,
                                   std::uint64_t draw);

}  // namespace cotan

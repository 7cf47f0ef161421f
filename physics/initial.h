#pragma once
#include "mesh/case.h"

namespace cotan {

/// Initial values of a field at the mesh's points from a case's `initial` entry: expressions, a constant, or
///   {random_blobs: {count: 3, width: [0.05, 0.2], amplitude: [-1, 1], margin: 0}}   Gaussian bumps
///   {random_fourier: {modes: 4, amplitude: 1, decay: 1}}       a random Fourier series over the bounding box
///   {random_waves: {waves: 12, amplitude: 1, mean: 0}}         one of equal weights, over its largest value
///   {gaussian_random_field: {length: 0.1, amplitude: 1, mean: 0, periodic: false}}
///   {random_seeds: {count: 5, size: 0.05, shape: disc, inside: 1, outside: 0}}      at the same places for all fields
///   {random_noise: {amplitude: 1, mean: 0}}                    each point by itself
///   {sum: [1, {random_noise: {amplitude: 0.1}}]}               of any of these
/// drawn by (seed, draw). (points, components), row-major.
/// \throw InputError naming line and key
std::vector<double> initial_values(const Config& entry, const FieldSpec& field, const Mesh& mesh,
                                   const std::map<std::string, double>& parameters, std::uint64_t seed,
                                   std::uint64_t draw);

}  // namespace cotan

#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/random.h"
#include "mesh/mesh.h"

// What random initial states are made of (physics/initial.h): readers that they share, and the larger ones.
namespace cotan::detail {

/// A list of two numbers, low and high, or one number for both.
std::array<double, 2> read_range(const Config& node, std::array<double, 2> absent);
double between(std::array<double, 2> range, double u);
/// One stream of numbers a name and draw, so that another field or draw changes nothing here.
Random stream(std::string_view name, std::uint64_t seed, std::uint64_t draw);

using Box = std::vector<std::array<double, 2>>;  ///< (dim) low and high
Box bounding_box(const Mesh& mesh);
/// Where centres are drawn: the mesh's bounding box or `within`, less `margin` on each side.
Box read_region(const Config& node, const Mesh& mesh);

/// A stationary Gaussian field of the covariance amplitude^2 exp(-r^2 / (2 length^2)), by its Fourier series over the
/// bounding box, or over one six lengths wider, so that opposite sides do not know each other; \cite lord2014
std::vector<double> gaussian_random_field(const Config& node, int components, const Mesh& mesh, const Random& random);
/// The sum of A sin(2 pi k . s) + B cos(2 pi k . s), A and B normal, over `waves` whole numbers from -waves / 2 on
/// along each side of the bounding box, over its largest value on a fine grid; \cite zeng2025
std::vector<double> random_waves(const Config& node, int components, const Mesh& mesh, const Random& random);
/// Discs, squares or bumps of one value in another, at places that are the same for all fields.
std::vector<double> random_seeds(const Config& node, int components, const Mesh& mesh, const Random& random);
/// A normal number for each point, by the place of the point and not by its number.
std::vector<double> random_noise(const Config& node, int components, const Mesh& mesh, const Random& random);

}  // namespace cotan::detail

#pragma once
#include "gnn/dataset.h"

namespace cotan {

/// What a reflection does to a sample's columns.
struct Mirror {
  int axis = -1;               ///< 0: x, 1: y, 2: z; below 0: none
  std::vector<double> state;   ///< (C) 1, or -1 for components along the axis
  std::vector<double> inputs;  ///< (K) likewise
};

/// The signs of the columns of `fields`: those of a vector field (`is_vector`, one entry a field) change along `axis`.
/// \throw InputError for a vector field without such a component
std::vector<double> mirror_signs(std::span<const FieldSpec> fields, const std::vector<bool>& is_vector, int axis);

/// Columns of x (…, columns) as a mirror shows them; undefined stays undefined. \param signs of Mirror
at::Tensor mirrored(const at::Tensor& x, const std::vector<double>& signs);

/// The sample as a mirror at a plane across the axis shows it: another solution wherever the problem has no preferred
/// side. Parameters stay as they are. \param graph mirrored(*sample.graph, mirror.axis)
Sample mirrored(const Sample& sample, const Mirror& mirror, std::shared_ptr<const Graph> graph);

/// How far samples are turned, and their columns that turn.
struct Turn {
  double degrees = 0;                ///< up to this angle about z, either way; 0: none
  std::vector<std::int64_t> state;   ///< the first column of each vector field
  std::vector<std::int64_t> inputs;  ///< likewise
};

/// The first columns of the vector fields among `fields` (`is_vector`, one entry a field).
/// \throw InputError for a vector field of one component
std::vector<std::int64_t> vector_columns(std::span<const FieldSpec> fields, const std::vector<bool>& is_vector);

/// The sample turned about the z axis by `angle` [rad], mesh and vectors: another solution wherever the problem has no
/// preferred direction. Parameters stay as they are.
/// \throw InputError naming the trajectory where one component of a vector is prescribed and another is not
Sample turned(const Sample& sample, const Turn& turn, double angle);

}  // namespace cotan

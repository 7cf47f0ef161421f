#include "gnn/augmentation.h"

#include <ATen/ATen.h>

#include "core/check.h"

namespace cotan {

std::vector<double> mirror_signs(std::span<const FieldSpec> fields, const std::vector<bool>& is_vector, int axis) {
  std::vector<double> signs;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const int components = fields[f].components;
    COTAN_REQUIRE(!is_vector[f] || axis < components, "field '" << fields[f].name << "' is a vector of " << components
                                                                << " components and has none along axis " << axis);
    for (int c = 0; c < components; ++c) signs.push_back(is_vector[f] && c == axis ? -1 : 1);
  }
  return signs;
}

Sample mirrored(const Sample& sample, const Mirror& mirror, std::shared_ptr<const Graph> graph) {
  Sample out = sample;
  out.graph = std::move(graph);
  const auto flip = [](const at::Tensor& x, const std::vector<double>& signs) {
    return x.defined() ? x * at::tensor(signs, at::kDouble).to(x.options()) : x;
  };
  out.frames = flip(sample.frames, mirror.state);
  out.inputs = flip(sample.inputs, mirror.inputs);
  return out;
}

}  // namespace cotan

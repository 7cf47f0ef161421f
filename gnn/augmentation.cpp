#include "gnn/augmentation.h"

#include <ATen/ATen.h>

#include "core/check.h"
#include "mesh/isometry.h"

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

at::Tensor mirrored(const at::Tensor& x, const std::vector<double>& signs) {
  return x.defined() ? x * at::tensor(signs, at::kDouble).to(x.options()) : x;
}

Sample mirrored(const Sample& sample, const Mirror& mirror, std::shared_ptr<const Graph> graph) {
  Sample out = sample;
  out.graph = std::move(graph);
  out.frames = mirrored(sample.frames, mirror.state);
  out.inputs = mirrored(sample.inputs, mirror.inputs);
  return out;
}

std::vector<std::int64_t> vector_columns(std::span<const FieldSpec> fields, const std::vector<bool>& is_vector) {
  std::vector<std::int64_t> columns;
  std::int64_t column = 0;
  for (std::size_t f = 0; f < fields.size(); column += fields[f++].components) {
    if (!is_vector[f]) continue;
    COTAN_REQUIRE(fields[f].components >= 2,
                  "field '" << fields[f].name << "' is a vector of one component and cannot be turned");
    columns.push_back(column);
  }
  return columns;
}

Sample turned(const Sample& sample, const Turn& turn, double angle) {
  Sample out = sample;
  out.graph = std::make_shared<const Graph>(turned(*sample.graph, angle));
  const auto apply = [&](const at::Tensor& x, const std::vector<std::int64_t>& columns) {
    if (!x.defined() || columns.empty()) return x;
    at::Tensor copy = x.clone();
    for (const std::int64_t column : columns) turn_columns(copy, column, angle);
    return copy;
  };
  for (const std::int64_t column : turn.state) {
    COTAN_REQUIRE(at::equal(sample.fixed.select(1, column), sample.fixed.select(1, column + 1)),
                  sample.trajectory << ": a vector of which one component is prescribed cannot be turned (train.turn)");
  }
  out.frames = apply(sample.frames, turn.state);
  out.inputs = apply(sample.inputs, turn.inputs);
  return out;
}

}  // namespace cotan

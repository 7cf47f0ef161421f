#include "gnn/model.h"

namespace cotan {

std::int64_t Model::num_parameters() const {
  std::int64_t total = 0;
  for (const auto& parameter : parameters()) total += parameter.value.numel();
  return total;
}

std::int64_t num_components(std::span<const FieldSpec> fields) {
  std::int64_t total = 0;
  for (const auto& field : fields) total += field.components;
  return total;
}

}  // namespace cotan

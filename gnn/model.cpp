#include "gnn/model.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/check.h"

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

FieldUse read_field_use(const Config& field) {
  FieldUse use;
  if (field.has("order")) {
    const auto order = field["order"].integer();
    COTAN_REQUIRE(order >= 0 && order <= 2, field["order"].where() << ": " << order << " is out of range (0, 1 or 2)");
    use.order = static_cast<int>(order);
  }
  if (field.has("position")) use.is_position = field["position"].boolean();
  use.sees = use.order == 2 ? Sees::change : use.order == 0 || use.is_position ? Sees::nothing : Sees::value;
  if (field.has("sees")) {
    const std::string name = field["sees"].text();
    const auto found = std::find(kSeesNames.begin(), kSeesNames.end(), name);
    COTAN_REQUIRE(found != kSeesNames.end(), field["sees"].where() << ": " << unknown_name("sees", name, kSeesNames));
    use.sees = static_cast<Sees>(found - kSeesNames.begin());
  }
  return use;
}

at::Tensor columns_of(const ModelShape& shape, const State& state) {
  std::vector<at::Tensor> columns;
  for (const auto& field : shape.state) {
    check_shape(state[field.name].sizes(), {-1, field.components}, field.name);
    columns.push_back(state[field.name]);
  }
  return at::cat(columns, 1);
}

State fields_of(const ModelShape& shape, const at::Tensor& columns) {
  std::vector<State::Entry> entries;
  std::int64_t start = 0;
  for (const auto& field : shape.state) {
    entries.push_back({field.name, field.on, columns.narrow(1, start, field.components)});
    start += field.components;
  }
  return State(std::move(entries));
}

at::Tensor base_of(const ModelShape& shape, const at::Tensor& state, const at::Tensor& previous) {
  std::vector<at::Tensor> columns;
  std::int64_t start = 0;
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    const std::int64_t count = shape.state[f].components;
    const int order = shape.use(f).order;
    const at::Tensor now = state.narrow(1, start, count);
    columns.push_back(order == 0 ? at::zeros_like(now) : order == 1 ? now : 2 * now - previous.narrow(1, start, count));
    start += count;
  }
  return columns.size() == 1 ? columns.front() : at::cat(columns, 1);
}

}  // namespace cotan

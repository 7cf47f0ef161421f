#include "apps/fields.h"

#include <ATen/ATen.h>

namespace cotan {

std::vector<double> host_values(const at::Tensor& tensor) {
  const at::Tensor host = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  return {host.const_data_ptr<double>(), host.const_data_ptr<double>() + host.numel()};
}

std::vector<HostField> host_fields(const Fields& fields, std::span<const FieldSpec> specs) {
  std::vector<HostField> out;
  for (const auto& spec : specs) out.push_back({spec, host_values(fields[spec.name])});
  return out;
}

at::Tensor tensor_of(const HostField& field) {
  return at::tensor(field.values, at::kDouble).reshape({-1, field.spec.components});
}

}  // namespace cotan

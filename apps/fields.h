#pragma once
#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "integrators/state.h"
#include "mesh/field.h"

namespace cotan {

/// Fields of a view as host arrays for writers, in the order of `specs`. \throw Error where a field is missing
std::vector<HostField> host_fields(const Fields& fields, std::span<const FieldSpec> specs);
/// One tensor's values as doubles, row-major.
std::vector<double> host_values(const at::Tensor& tensor);
/// (rows, components) double on the host.
at::Tensor tensor_of(const HostField& field);

}  // namespace cotan

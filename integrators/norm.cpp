#include "integrators/norm.h"

#include <ATen/ATen.h>

#include <cmath>
#include <exception>

#include "core/check.h"

namespace cotan {
namespace {

const at::TensorOptions kHostDouble = at::TensorOptions().dtype(at::kDouble);

const at::Tensor* found(const std::map<std::string, at::Tensor>& tensors, const std::string& field) {
  const auto entry = tensors.find(field);
  return entry == tensors.end() ? nullptr : &entry->second;
}

// Adds the products and counts of the rows here to `both` (2, num_graphs).
void add_products(const Norm& norm, const State& a, const State& b, at::Tensor& both) {
  for (const auto& entry : a.entries()) {
    const at::Tensor& x = entry.value;
    if (!x.is_floating_point()) continue;
    const at::Tensor* rows = found(norm.owned, entry.name);
    if (!rows && entry.on == On::whole && norm.comm.rank() > 0) continue;
    const at::Tensor& y = b[entry.name];
    check_shape(y.sizes(), x.sizes(), entry.name);
    const auto divisor = norm.scale.find(entry.name);
    const double weight = divisor == norm.scale.end() ? 1.0 : 1.0 / (divisor->second * divisor->second);
    const std::int64_t n = x.dim() > 0 ? x.size(0) : 1;
    const std::int64_t width = n > 0 ? x.numel() / n : 0;  // a rank may own no rows, and reshape cannot guess then
    const at::Tensor product =
        (x.detach().to(at::kDouble) * y.detach().to(at::kDouble)).reshape({n, width}).sum(1).cpu() * weight;
    at::Tensor count = at::full({n}, static_cast<double>(width), kHostDouble);
    at::Tensor pair = at::stack({product, count});
    // where, not a product: rows that are not owned may hold anything
    if (rows) pair = at::where(rows->cpu(), pair, at::zeros_like(pair));
    const at::Tensor* index = found(norm.graph, entry.name);
    both.index_add_(1, index ? index->cpu().to(at::kLong) : at::zeros({n}, at::kLong), pair);
  }
}

}  // namespace

// By graph: the sum of products, and how many there are.
struct Norm::Sums {
  at::Tensor product, count;  // (num_graphs) double
};

// States that do not match on one rank are told to all in the same message, so that none waits for it.
Norm::Sums Norm::sums(const State& a, const State& b) const {
  at::Tensor all = at::zeros({2 * num_graphs + 1}, kHostDouble);
  at::Tensor both = all.narrow(0, 0, 2 * num_graphs).view({2, num_graphs});
  std::exception_ptr failure;
  try {
    add_products(*this, a, b, both);
  } catch (const std::exception&) {
    failure = std::current_exception();
    all[-1].fill_(1);
  }
  comm.sum(std::span<double>(all.data_ptr<double>(), static_cast<std::size_t>(all.numel())));
  if (failure) std::rethrow_exception(failure);
  if (all[-1].item<double>() > 0) throw Error("a norm of states that do not match on another rank");
  return {both[0], both[1]};
}

double Norm::operator()(const State& a) const {
  return std::sqrt(dot(a, a));
}

double Norm::dot(const State& a, const State& b) const {
  const Sums s = sums(a, b);
  const double count = s.count.sum().item<double>();
  return count > 0 ? s.product.sum().item<double>() / count : 0;
}

at::Tensor Norm::by_graph(const State& a) const {
  const Sums s = sums(a, a);
  return (s.product / s.count.clamp_min(1)).sqrt();
}

}  // namespace cotan

#include "integrators/state.h"

#include <ATen/ATen.h>

#include <functional>

#include "core/check.h"

namespace cotan {
namespace {

std::vector<std::string> names_of(const State& state) {
  std::vector<std::string> names;
  for (const auto& entry : state.entries()) names.push_back(entry.name);
  return names;
}

using Change = std::function<at::Tensor(const at::Tensor&)>;

State changed(const State& a, const Change& change) {
  std::vector<State::Entry> entries = a.entries();
  for (auto& entry : entries) entry.value = change(entry.value);
  return State(std::move(entries));
}

// a + factor * b in a's entries; what is not floating stays a's.
void add_in(std::vector<State::Entry>& sum, double factor, const State& b) {
  const auto& other = b.entries();
  bool same = sum.size() == other.size();
  for (std::size_t i = 0; same && i < sum.size(); ++i) same = sum[i].name == other[i].name;
  if (!same) {
    throw Error("states of different entries: " + join(names_of(State(sum))) + " and " + join(names_of(b)));
  }
  if (factor == 0) return;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const at::Tensor& value = sum[i].value;
    if (!value.is_floating_point()) continue;
    check_shape(other[i].value.sizes(), value.sizes(), sum[i].name);
    sum[i].value = at::add(value, other[i].value, factor);
  }
}

}  // namespace

State::State(std::vector<Entry> entries) : entries_(std::move(entries)) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (entries_[i].name == entries_[j].name) throw Error("a state with '" + entries_[i].name + "' twice");
    }
  }
}

bool State::has(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (entry.name == name) return true;
  }
  return false;
}

const at::Tensor& State::operator[](std::string_view name) const {
  for (const auto& entry : entries_) {
    if (entry.name == name) return entry.value;
  }
  throw Error(unknown_name("entry of a state", name, names_of(*this)));
}

State State::with(std::string_view name, at::Tensor value) const {
  State copy = *this;
  for (auto& entry : copy.entries_) {
    if (entry.name != name) continue;
    entry.value = std::move(value);
    return copy;
  }
  throw Error(unknown_name("entry of a state", name, names_of(*this)));
}

State State::with(std::string name, On on, at::Tensor value) const {
  State copy = *this;
  for (auto& entry : copy.entries_) {
    if (entry.name != name) continue;
    entry.on = on;
    entry.value = std::move(value);
    return copy;
  }
  copy.entries_.push_back({std::move(name), on, std::move(value)});
  return copy;
}

State axpy(const State& a, double factor, const State& b) {
  std::vector<State::Entry> sum = a.entries();
  add_in(sum, factor, b);
  return State(std::move(sum));
}

State scaled(const State& a, double factor) {
  return changed(a, [&](const at::Tensor& x) { return x.is_floating_point() ? x * factor : x; });
}

State combine(const State& base, const std::vector<double>& factors, const std::vector<State>& slopes) {
  COTAN_ASSERT(factors.size() == slopes.size());
  std::vector<State::Entry> sum = base.entries();
  for (std::size_t i = 0; i < factors.size(); ++i) add_in(sum, factors[i], slopes[i]);
  return State(std::move(sum));
}

State detached(const State& a) {
  return changed(a, [](const at::Tensor& x) { return x.detach(); });
}

bool all_finite(const State& a) {
  for (const auto& entry : a.entries()) {
    if (entry.value.is_floating_point() && !at::isfinite(entry.value).all().item<bool>()) return false;
  }
  return true;
}

State to(const State& a, const at::TensorOptions& where) {
  return changed(a, [&](const at::Tensor& x) { return x.is_floating_point() ? x.to(where) : x.to(where.device()); });
}

}  // namespace cotan

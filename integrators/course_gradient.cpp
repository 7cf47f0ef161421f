#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <span>
#include <sstream>

#include "core/check.h"
#include "integrators/course.h"

namespace cotan {
namespace {

using Tensors = std::vector<at::Tensor>;

// Adds, an undefined tensor counting as 0.
void accumulate(at::Tensor& sum, const at::Tensor& more) {
  if (more.defined()) sum = sum.defined() ? sum + more : more;
}

void accumulate(Tensors& sums, std::span<const at::Tensor> more) {
  for (std::size_t i = 0; i < sums.size(); ++i) accumulate(sums[i], more[i]);
}

// Cotangents of what f or a step gives, pulled back onto its state and the parameters.
struct Pull {
  Tensors outputs, cotangents;

  void add(const State& u, std::span<const at::Tensor> given) {
    const Tensors values = floating(u);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!given[i].defined() || !values[i].requires_grad()) continue;
      outputs.push_back(values[i]);
      cotangents.push_back(given[i]);
    }
  }

  // The graph of what parameters were made from is kept for the next step.
  Tensors back(const Tensors& leaves, const Tensors& parameters) const {
    Tensors inputs = leaves;
    inputs.insert(inputs.end(), parameters.begin(), parameters.end());
    if (outputs.empty()) return Tensors(inputs.size());
    return torch::autograd::grad(outputs, inputs, cotangents, /*retain_graph=*/true, /*create_graph=*/false,
                                 /*allow_unused=*/true);
  }
};

Tensors leaves_of(const State& u) {
  Tensors leaves;
  for (const auto& value : floating(u)) leaves.push_back(value.detach().requires_grad_(true));
  return leaves;
}

std::span<const at::Tensor> given_at(const Tensors& asked, std::size_t time, std::size_t entries) {
  return std::span(asked).subspan(time * entries, entries);
}

// a' = -a df/du and the parameters' share, beside u' = f; all with the names of u in front.
class AdjointRate {
 public:
  AdjointRate(const Course& course, const State& like)
      : course_(course), like_(like), entries_(floating(like).size()) {}

  State joined(const State& u, const Cotangents& c) const {
    State all = u;
    const Tensors values = floating(u);
    for (std::size_t i = 0; i < entries_; ++i) {
      all = all.with(name(i), On::whole, c.state[i].defined() ? c.state[i] : at::zeros_like(values[i]));
    }
    for (std::size_t i = 0; i < course_.parameters.size(); ++i) {
      const at::Tensor& p = course_.parameters[i];
      all = all.with(name(entries_ + i), On::whole,
                     c.parameters[i].defined() ? c.parameters[i] : at::zeros_like(p.detach()));
    }
    return all;
  }
  State state(const State& all) const {
    return State({all.entries().begin(), all.entries().begin() + std::ssize(like_.entries())});
  }
  Cotangents cotangents(const State& all) const {
    const Tensors values = floating(all);
    const auto begin = values.begin() + std::ssize(values) - std::ssize(course_.parameters);
    return {{begin - std::ssize(floating(like_)), begin}, {begin, values.end()}};
  }

  State operator()(double t, const State& all) const {
    const at::AutoGradMode record(true);
    const Tensors leaves = leaves_of(state(all));
    const State slope = course_.f(t, with_floating(state(all), leaves));
    Pull pull;
    pull.add(slope, cotangents(all).state);
    const Tensors found = pull.back(leaves, course_.parameters);
    Cotangents change{Tensors(entries_), Tensors(course_.parameters.size())};
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i].defined()) continue;
      (i < entries_ ? change.state[i] : change.parameters[i - entries_]) = -found[i];
    }
    return joined(detached(slope), change);
  }

 private:
  static std::string name(std::size_t i) { return "adjoint " + std::to_string(i); }

  const Course& course_;
  const State& like_;
  std::size_t entries_;
};

}  // namespace

Cotangents steps_gradient(const Course& course, const State& start, const Tensors& asked, std::int64_t slots,
                          CheckpointCounts& counts) {
  const std::size_t entries = floating(start).size();
  Cotangents sum{Tensors(entries), Tensors(course.parameters.size())};
  const auto advance = [&](std::int64_t k, const State& u) {
    const at::NoGradGuard none;
    const TimeStep& step = course.steps[k];
    return course.method->step(course.f, step.t, step.length, u).u;
  };
  const auto visit = [&](std::int64_t k, const State& u) {
    const at::AutoGradMode record(true);
    const Tensors leaves = leaves_of(u);
    const Course::Advance made = course.step(k, with_floating(u, leaves));
    sum.state.resize(floating(made.u).size());  // more than the start's where the method carries states along
    Pull pull;
    pull.add(made.u, sum.state);
    for (std::size_t i = 0; i < made.asked.size(); ++i) {
      pull.add(made.asked[i], given_at(asked, course.outputs[k] + i, entries));
    }
    const Tensors found = pull.back(leaves, course.parameters);
    sum.state.assign(found.begin(), found.begin() + std::ssize(leaves));
    accumulate(sum.parameters, std::span(found).subspan(leaves.size()));
  };
  counts = visit_backwards(std::ssize(course.steps), slots, detached(start), advance, visit);
  for (std::size_t i = 0; i < course.outputs[0]; ++i) accumulate(sum.state, given_at(asked, i, entries));
  return sum;
}

Cotangents adjoint_gradient(const Course& course, const State& last, const Tensors& asked) {
  const at::NoGradGuard none;
  const std::size_t entries = floating(last).size();
  const AdjointRate rate(course, last);
  // Implicit stages end when the whole is solved, on all ranks at once: every row of the adjoint counts, ghosts' too.
  Rate shared(std::cref(rate));
  shared.norm = course.f.norm;
  State all = rate.joined(detached(last), {Tensors(entries), Tensors(course.parameters.size())});
  for (std::size_t i = std::size(last.entries()); i < all.entries().size(); ++i) {
    const State::Entry& entry = all.entries()[i];
    const std::int64_t rows = entry.value.dim() > 0 ? entry.value.size(0) : 1;
    shared.norm.owned[entry.name] = at::ones({rows}, entry.value.options().dtype(at::kBool));
  }
  const auto receive = [&](std::size_t time) {
    Cotangents c = rate.cotangents(all);
    accumulate(c.state, given_at(asked, time, entries));
    all = rate.joined(rate.state(all), c);
  };
  const auto back = [&](double from, double to) {
    if (from == to) return;
    State next = course.method->step(shared, from, to - from, all).u;
    COTAN_REQUIRE(next.entries().size() == all.entries().size(), "the adjoint goes back by one-step methods only");
    all = std::move(next);
    if (all_finite(all)) return;
    std::ostringstream message;
    message << "the state or its adjoint is not finite at t = " << to << " s, on the way back from "
            << course.steps.back().end << " s";
    throw NumericsError(std::move(message).str());
  };
  double t = course.times.back();
  for (std::size_t k = course.steps.size(); k-- > 0;) {
    for (std::size_t i = course.outputs[k + 1]; i-- > course.outputs[k];) {
      back(t, course.times[i]);
      t = course.times[i];
      receive(i);
    }
    back(t, course.steps[k].t);
    t = course.steps[k].t;
  }
  for (std::size_t i = 0; i < course.outputs[0]; ++i) receive(i);
  return rate.cotangents(all);
}

}  // namespace cotan

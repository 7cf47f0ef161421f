#include "integrators/gradient.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/check.h"
#include "integrators/course.h"
#include "integrators/differentiable_once.h"

namespace cotan {
namespace {

using Tensors = std::vector<at::Tensor>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What the node of the autograd graph keeps until the backward pass: the states at both ends, no more.
struct Pass : torch::CustomClassHolder {
  std::shared_ptr<const Course> course;
  State start, last;
  GradientOptions options;
  std::shared_ptr<GradientReport> report;
  Tensors found;  // on the way forward only: the floating entries of the states asked for
};

double relative_difference(const Cotangents& found, const Cotangents& truth) {
  double difference = 0, size = 0;
  const auto add = [&](const Tensors& a, const Tensors& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!a[i].defined() && !b[i].defined()) continue;
      const at::Tensor x = a[i].defined() ? a[i] : at::zeros_like(b[i]), y = b[i].defined() ? b[i] : at::zeros_like(x);
      difference += (x - y).to(at::kDouble).square().sum().item<double>();
      size += y.to(at::kDouble).square().sum().item<double>();
    }
  };
  add(found.state, truth.state);
  add(found.parameters, truth.parameters);
  return size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
}

struct Replay : torch::autograd::Function<Replay> {
  // `inputs`: the floating entries of the start, then the parameters.
  static variable_list forward(AutogradContext* ctx, at::TensorList inputs, const c10::intrusive_ptr<Pass>& pass) {
    ctx->saved_data["pass"] = c10::IValue::make_capsule(pass);
    ctx->saved_data["inputs"] = static_cast<std::int64_t>(inputs.size());
    ctx->set_materialize_grads(false);
    return std::exchange(pass->found, {});
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& given) {
    const auto pass = c10::static_intrusive_pointer_cast<Pass>(ctx->saved_data["pass"].toCapsule());
    const Course& course = *pass->course;
    GradientReport& report = *pass->report;
    Cotangents gradient, discrete;
    if (pass->options.way == GradientWay::checkpoints || pass->options.compare) {
      CheckpointCounts counts;
      discrete = steps_gradient(course, pass->start, given, report.slots, counts);
      report.most_stored = counts.most_stored;
      report.repeats = counts.repeats;
    }
    if (pass->options.way == GradientWay::adjoint) {
      gradient = adjoint_gradient(course, pass->last, given);
      if (pass->options.compare) report.adjoint_error = relative_difference(gradient, discrete);
    } else {
      gradient = std::move(discrete);
    }
    variable_list all = std::move(gradient.state);
    all.insert(all.end(), gradient.parameters.begin(), gradient.parameters.end());
    all.resize(ctx->saved_data["inputs"].toInt() + 1);  // none for the pass
    return differentiable_once(std::move(all), "second derivatives go through the recorded steps only");
  }
};

// Follows what f recorded to its leaves: each is the state or a parameter, or its gradient would be lost unseen.
void require_listed(const Rate& f, double t, const State& start, const Tensors& parameters) {
  const at::AutoGradMode record(true);
  Tensors known = parameters;
  Tensors leaves;
  for (const auto& value : floating(start)) leaves.push_back(value.detach().requires_grad_(true));
  known.insert(known.end(), leaves.begin(), leaves.end());
  std::set<const torch::autograd::Node*> seen;
  std::vector<torch::autograd::Edge> edges;  // a leaf's node lives as long as one who holds it
  for (const auto& x : known) {
    if (x.requires_grad()) edges.push_back(torch::autograd::impl::gradient_edge(x));
  }
  for (const auto& edge : edges) seen.insert(edge.function.get());
  std::vector<torch::autograd::Node*> open;
  const auto reach = [&](torch::autograd::Node* node) {
    if (node && seen.insert(node).second) open.push_back(node);
  };
  const State slope = f(t, with_floating(start, leaves));  // holds what it recorded
  for (const auto& value : floating(slope)) reach(value.grad_fn().get());
  while (!open.empty()) {
    torch::autograd::Node* node = open.back();
    open.pop_back();
    const auto* leaf = dynamic_cast<torch::autograd::AccumulateGrad*>(node);
    COTAN_REQUIRE(!leaf, "the rate reads a tensor of shape " << leaf->variable.sizes()
                                                             << " that has gradients and is not among the parameters");
    for (const auto& edge : node->next_edges()) reach(edge.function.get());
  }
}

// All steps, recorded or not.
Solution run(const Course& course, const State& start, const std::int64_t& evaluations) {
  Solution out;
  State u = start;
  std::optional<State> slope;
  for (std::size_t i = 0; i < course.outputs[0]; ++i) out.states.push_back(start);
  for (std::size_t k = 0; k < course.steps.size(); ++k) {
    Course::Advance made = course.step(k, u, slope ? &*slope : nullptr);
    out.states.insert(out.states.end(), made.asked.begin(), made.asked.end());
    u = std::move(made.u);
    slope = std::move(made.slope);
  }
  out.times = course.times;
  out.steps = course.steps;
  out.end = course.steps.back().end;
  out.last = course.method->visible(u);
  out.accepted = std::ssize(course.steps);
  out.evaluations = evaluations;
  return out;
}

// Puts a node that pulls gradients back by `options.way` between the start, the parameters and a solution's states.
SolutionWithGradient attach(std::shared_ptr<const Course> course, const State& start, Solution out,
                            const GradientOptions& options) {
  auto report = std::make_shared<GradientReport>();
  report->slots = options.slots > 0 ? options.slots : balanced_slots(std::ssize(course->steps));
  Tensors inputs = floating(start);
  inputs.insert(inputs.end(), course->parameters.begin(), course->parameters.end());
  auto pass = c10::make_intrusive<Pass>();
  for (const State& u : out.states) {
    for (const auto& value : floating(u)) pass->found.push_back(value.detach());
  }
  pass->course = course;
  pass->start = detached(start);
  pass->last = detached(out.states.back());
  pass->options = options;
  pass->options.parameters.clear();
  pass->report = report;
  const variable_list carried = Replay::apply(at::TensorList(inputs), pass);
  const std::size_t entries = floating(start).size();
  for (std::size_t i = 0; i < out.states.size(); ++i) {
    out.states[i] = with_floating(out.states[i], {carried.begin() + i * entries, carried.begin() + (i + 1) * entries});
  }
  return {std::move(out), std::move(report)};
}

bool carries_gradients(const State& start, const Tensors& parameters) {
  Tensors all = floating(start);
  all.insert(all.end(), parameters.begin(), parameters.end());
  return at::GradMode::is_enabled() &&
         std::any_of(all.begin(), all.end(), [](const at::Tensor& x) { return x.requires_grad(); });
}

Tensors with_gradients(Tensors parameters) {
  std::erase_if(parameters, [](const at::Tensor& x) { return !x.requires_grad(); });
  return parameters;
}

}  // namespace

std::vector<TimeStep> equal_steps(double start, double length, std::int64_t count) {
  std::vector<TimeStep> steps;
  for (std::int64_t k = 0; k < count; ++k) steps.push_back({start + k * length, length, start + (k + 1) * length});
  return steps;
}

SolutionWithGradient replay(std::shared_ptr<const Integrator> method, Rate f, const State& start,
                            std::vector<TimeStep> steps, std::vector<double> times, const GradientOptions& gradients) {
  const auto evaluations = std::make_shared<std::int64_t>(0);
  if (!steps.empty()) times.push_back(steps.back().end);
  const auto course = make_course(std::move(method), counted(f, evaluations), std::move(steps), std::move(times),
                                  with_gradients(gradients.parameters));
  SolutionWithGradient out;
  if (gradients.way == GradientWay::through) {
    out = {run(*course, start, *evaluations), std::make_shared<GradientReport>()};
  } else {
    const bool carries = carries_gradients(start, course->parameters);
    if (carries) require_listed(f, course->steps.front().t, start, course->parameters);
    {
      const at::NoGradGuard none;
      out = {run(*course, start, *evaluations), std::make_shared<GradientReport>()};
    }
    if (carries) out = attach(course, start, std::move(out.solution), gradients);
  }
  out.solution.last = std::move(out.solution.states.back());
  out.solution.states.pop_back();
  out.solution.times.pop_back();
  return out;
}

SolutionWithGradient solve_with_gradient(std::shared_ptr<const Integrator> method, Rate f, const State& start,
                                         std::span<const double> times, const SolveOptions& options, const Norm& norm,
                                         std::span<const StopEvent> events, const GradientOptions& gradients) {
  const Tensors parameters = with_gradients(gradients.parameters);
  const bool carries = carries_gradients(start, parameters);
  if (gradients.way == GradientWay::through || !carries) {
    return {solve(*method, f, start, times, options, norm, events), std::make_shared<GradientReport>()};
  }
  require_listed(f, times.front(), start, parameters);
  Solution found;
  {
    const at::NoGradGuard none;
    found = solve(*method, f, start, times, options, norm, events);
  }
  std::vector<double> asked = found.times;
  asked.push_back(found.end);
  const auto course = make_course(std::move(method), std::move(f), found.steps, std::move(asked), parameters);
  found.states.push_back(found.last);
  SolutionWithGradient out = attach(course, start, std::move(found), gradients);
  out.solution.last = std::move(out.solution.states.back());
  out.solution.states.pop_back();
  return out;
}

}  // namespace cotan

#include "integrators/course.h"

#include <ATen/ATen.h>

#include "core/check.h"

namespace cotan {

Course::Advance Course::step(std::size_t k, const State& u, const State* slope) const {
  const auto [t, length, end] = steps[k];
  Step made = [&, t = t, length = length] {
    try {
      return method->step(f, t, length, u, {.slope = slope});
    } catch (const NumericsError& error) {
      throw NumericsError(std::string(error.what()) + " (step " + std::to_string(k + 1) + ")");
    }
  }();
  Advance out{made.u, {}, made.slope};
  const State after = method->visible(made.u);
  State begin;
  for (std::size_t i = outputs[k]; i < outputs[k + 1]; ++i) {
    if (times[i] == end) {
      out.asked.push_back(after);
      continue;
    }
    const double theta = (times[i] - t) / (end - t);
    if (made.dense) {
      out.asked.push_back(made.dense(theta));
      continue;
    }
    const State before = method->visible(u);
    if (begin.entries().empty()) begin = slope ? *slope : f(t, before);
    if (!out.slope) out.slope = f(end, after);
    out.asked.push_back(cubic(before, begin, after, *out.slope, end - t, theta));
  }
  return out;
}

std::shared_ptr<const Course> make_course(std::shared_ptr<const Integrator> method, Rate f, std::vector<TimeStep> steps,
                                          std::vector<double> times, std::vector<at::Tensor> parameters) {
  COTAN_REQUIRE(!steps.empty(), "an integration over no steps");
  for (std::size_t k = 0; k < steps.size(); ++k) {
    COTAN_REQUIRE(steps[k].end > steps[k].t,
                  "a step from " << steps[k].t << " s to " << steps[k].end << " s (step " << k << "): times increase");
    COTAN_REQUIRE(k == 0 || steps[k].t == steps[k - 1].end, "step " << k << " begins at " << steps[k].t
                                                                    << " s, and the one before ended at "
                                                                    << steps[k - 1].end << " s");
  }
  const double first = steps.front().t, last = steps.back().end;
  auto course = std::make_shared<Course>(
      Course{std::move(method), std::move(f), std::move(steps), std::move(times), {}, std::move(parameters)});
  const std::vector<double>& asked = course->times;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    COTAN_REQUIRE(asked[i] >= (i > 0 ? asked[i - 1] : first) && asked[i] <= last,
                  "the state at " << asked[i] << " s (time " << i << "): expected increasing times from " << first
                                  << " to " << last << " s");
  }
  std::size_t next = 0;
  while (next < asked.size() && asked[next] == first) ++next;
  course->outputs = {next};
  for (const TimeStep& step : course->steps) {
    while (next < asked.size() && asked[next] <= step.end) ++next;
    course->outputs.push_back(next);
  }
  return course;
}

}  // namespace cotan

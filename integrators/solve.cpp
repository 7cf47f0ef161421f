#include "integrators/solve.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/check.h"
#include "integrators/implicit.h"

namespace cotan {
namespace {

constexpr double kLeast = 0.2, kMost = 10.0;  // of a step's growth
constexpr double kWorth = 1.2;                // growth for which a step that is cheap at the same length changes it
constexpr double kMemory =
    0.2;  // share of the exponent that looks at the step before: Hairer's beta is kMemory / order

class Solver {
 public:
  Solver(const Integrator& method, const Rate& f, const SolveOptions& options, const Norm& norm)
      : method_(method), options_(options), norm_(norm), f_(counted(f, evaluations_)) {
    if (f_.norm.owned.empty() && f_.norm.scale.empty()) f_.norm = norm;
    norm_.scale.clear();  // it is in the tolerances already
    scale_ = norm.scale;
  }

  void begin(const State& start, double t, double end) {
    t_ = t;
    end_ = end;
    u_ = start;
    slope_ = f_(t, start);
    if (control_.predictive) allowed_ = allowed(u_, u_);
    const double room = end - t;
    limit_ = options_.largest_step > 0 ? std::min(options_.largest_step, room) : room;
    dt_ = std::min(options_.first_step > 0 ? options_.first_step : first_step(), limit_);
  }

  // One accepted step.
  void advance() {
    for (bool again = false;; again = true) {
      const bool reaches_end = t_ + 1.01 * dt_ >= end_;  // no sliver is left for a last step
      if (reaches_end) dt_ = end_ - t_;
      require_progress();
      std::optional<Step> tried = attempt();
      if (!tried) continue;
      Step& step = *tried;
      const double error = size(*step.error, u_, step.u);
      if (error <= 1) {
        double growth = std::clamp(factor(step.safety, error), kLeast, again ? 1.0 : kMost);
        if (step.same_length && growth > 1 && growth < kWorth) growth = 1;
        accept(std::move(step), reaches_end ? end_ : t_ + dt_);
        error_before_ = std::max(error, 1e-4);
        dt_before_ = dt_;
        dt_ = std::min(dt_ * growth, limit_);
        return;
      }
      ++result.rejected;
      worst_ = worst(*step.error, u_, step.u);
      dt_ *= std::isfinite(error) ? std::max(kLeast, step.safety * std::pow(error, -1.0 / control_.exponent)) : kLeast;
    }
  }

  double t() const { return t_; }
  double before() const { return before_; }
  const State& u() const { return u_; }
  std::int64_t evaluations() const { return *evaluations_; }
  /// At a time within the last step.
  State at(double t) const {
    if (t == t_) return u_;
    if (t == before_) return u_before_;
    const double length = t_ - before_, theta = (t - before_) / length;
    return dense_ ? dense_(theta) : cubic(u_before_, slope_before_, u_, slope_, length, theta);
  }

  Solution result;

 private:
  // Hairer, Norsett and Wanner II.4: from the sizes of the state, its slope and the slope's change.
  double first_step() {
    const double d0 = size(u_, u_, u_), d1 = size(slope_, u_, u_);
    const double h0 = d0 < 1e-5 || d1 < 1e-5 || !std::isfinite(d1) ? 1e-6 * limit_ : std::min(0.01 * d0 / d1, limit_);
    const State ahead = f_(t_ + h0, axpy(u_, h0, slope_));
    const double d2 = size(axpy(ahead, -1, slope_), u_, u_) / h0;
    const double largest = std::max(d1, d2);
    if (!std::isfinite(largest)) return h0;
    const double h1 =
        largest < 1e-15 ? std::max(1e-6 * limit_, 1e-3 * h0) : std::pow(0.01 / largest, 1.0 / control_.exponent);
    return std::min(100 * h0, h1);
  }

  // A step, or nothing where an implicit one has no solution: a quarter of it may have.
  std::optional<Step> attempt() {
    try {
      return method_.step(f_, t_, dt_, u_, {&slope_, control_.predictive ? &allowed_ : nullptr, &memory_});
    } catch (const StepFailure& failure) {
      ++result.rejected;
      worst_ = failure.what();
      dt_ /= 4;
      return std::nullopt;
    }
  }

  // By which the length may change for the next step.
  double factor(double safety, double error) const {
    const double power = 1.0 / control_.exponent, beta = kMemory * power, least = std::max(error, 1e-10);
    if (!control_.predictive) return safety * std::pow(least, 0.75 * beta - power) * std::pow(error_before_, beta);
    const double trend = dt_before_ > 0 ? dt_ / dt_before_ * std::pow(error_before_ / least, power) : 1;
    return safety * std::pow(least, -power) * std::min(1.0, trend);
  }

  void accept(Step step, double t) {
    result.steps.push_back({t_, dt_, t});
    before_ = std::exchange(t_, t);
    u_before_ = std::exchange(u_, std::move(step.u));
    slope_before_ = std::exchange(slope_, step.slope ? std::move(*step.slope) : f_(t_, u_));
    dense_ = std::move(step.dense);
    if (control_.predictive) allowed_ = allowed(u_, u_);
    ++result.accepted;
  }

  double tolerance_of(const std::string& field) const {
    const auto found = scale_.find(field);
    return options_.absolute * (found == scale_.end() ? 1.0 : found->second);
  }

  State allowed(const State& a, const State& b) const {
    const at::NoGradGuard no_gradients;
    State out = a;
    for (const auto& entry : a.entries()) {
      if (!entry.value.is_floating_point()) continue;
      out = out.with(entry.name, options_.relative * at::maximum(entry.value.abs(), b[entry.name].abs()) +
                                     tolerance_of(entry.name));
    }
    return out;
  }

  // Each component over its tolerance.
  State over_tolerance(const State& x, const State& a, const State& b) const {
    const at::NoGradGuard no_gradients;
    const State most = allowed(a, b);
    State out = x;
    for (const auto& entry : x.entries()) {
      if (entry.value.is_floating_point()) out = out.with(entry.name, entry.value / most[entry.name]);
    }
    return out;
  }

  // The largest over the graphs of a batch of the mean over components; the same on all ranks.
  double size(const State& x, const State& a, const State& b) const {
    return norm_.by_graph(over_tolerance(x, a, b)).max().item<double>();
  }

  // "field 'x' at row 3, component 1": the worst on this rank.
  std::string worst(const State& error, const State& a, const State& b) const {
    double most = -1;
    std::ostringstream out;
    const State ratios = over_tolerance(error, a, b);
    for (const auto& entry : ratios.entries()) {
      if (!entry.value.is_floating_point() || entry.value.numel() == 0) continue;
      const at::Tensor flat = at::nan_to_num(entry.value.abs().reshape({-1}).to(at::kDouble), INFINITY, INFINITY);
      const auto [value, index] = flat.max(0);
      if (value.item<double>() <= most) continue;
      most = value.item<double>();
      const std::int64_t rows = entry.value.dim() > 0 ? entry.value.size(0) : 1, width = flat.size(0) / rows;
      out.str("");
      out << "'" << entry.name << "' at row " << index.item<std::int64_t>() / width << ", component "
          << index.item<std::int64_t>() % width;
      if (std::isfinite(most))
        out << ", whose error estimate was " << most << " times the tolerance";
      else
        out << ", whose slope is not finite";
    }
    return std::move(out).str();
  }

  [[noreturn]] void fail(const std::string& what) const {
    std::ostringstream out;
    out << what << " at t = " << t_ << " s (step " << result.accepted + 1 << ")";
    if (!worst_.empty()) out << ": " << worst_;
    throw NumericsError(std::move(out).str());
  }

  void require_progress() const {
    if (dt_ < 16 * std::numeric_limits<double>::epsilon() * std::max(std::abs(t_), std::abs(end_)))
      fail("the step shrank to nothing");
    if (result.accepted + result.rejected >= options_.most_steps)
      fail("given up after " + std::to_string(options_.most_steps) + " steps, the last of " + std::to_string(dt_) +
           " s,");
  }

  const Integrator& method_;
  SolveOptions options_;
  Norm norm_;
  std::map<std::string, double> scale_;
  std::shared_ptr<std::int64_t> evaluations_ = std::make_shared<std::int64_t>(0);
  Rate f_;
  StepControl control_ = method_.control();
  std::unique_ptr<Memory> memory_;
  double t_ = 0, end_ = 0, dt_ = 0, limit_ = 0, before_ = 0, dt_before_ = 0, error_before_ = 1e-4;
  State u_, slope_, u_before_, slope_before_, allowed_;
  std::function<State(double)> dense_;
  std::string worst_;  // of the last rejected step
};

bool crosses(const StopEvent& event, double before, double after) {
  const bool rises = before < 0 && after >= 0, falls = before > 0 && after <= 0;
  return event.direction > 0 ? rises : event.direction < 0 ? falls : rises || falls;
}

// The root in the last step, by the Illinois variant of regula falsi.
double root(const StopEvent& event, const Solver& solver, double g0, double g1) {
  double a = solver.before(), b = solver.t();
  for (int k = 0; k < 100 && g1 != 0 && std::abs(b - a) > 4e-16 * std::max(std::abs(a), std::abs(b)); ++k) {
    const double c = std::clamp(b - g1 * (b - a) / (g1 - g0), std::min(a, b), std::max(a, b));
    const double g = event.function(c, solver.at(c));
    if (!std::isfinite(g))
      throw NumericsError("the event '" + event.name + "' is not finite at t = " + std::to_string(c) + " s");
    if (g * g1 < 0) {
      a = b;
      g0 = g1;
    } else {
      g0 /= 2;
    }
    b = c;
    g1 = g;
  }
  return b;
}

void check(const Integrator& method, std::span<const double> times, const SolveOptions& options) {
  COTAN_REQUIRE(method.estimates_error(), "an adaptive integration needs a method with an error estimate");
  COTAN_REQUIRE(options.relative > 0 || options.absolute > 0, "both tolerances are 0");
  COTAN_REQUIRE(!times.empty(), "an integration through no times");
  for (std::size_t k = 1; k < times.size(); ++k) {
    COTAN_REQUIRE(times[k] > times[k - 1], "an integration to " << times[k] << " s after " << times[k - 1]
                                                                << " s (time " << k << "): times increase");
  }
}

}  // namespace

Solution solve(const Integrator& method, const Rate& f, const State& start, std::span<const double> times,
               const SolveOptions& options, const Norm& norm, std::span<const StopEvent> events) {
  check(method, times, options);
  Solver solver(method, f, options, norm);
  Solution& out = solver.result;
  out.times = {times.front()};
  out.states = {start};
  out.end = times.front();
  out.last = start;
  if (times.size() == 1) return std::move(out);
  solver.begin(start, times.front(), times.back());
  std::vector<double> values;
  for (const StopEvent& event : events) values.push_back(event.function(times.front(), start));
  for (std::size_t next = 1; next < times.size() && !out.event;) {
    solver.advance();
    out.end = solver.t();
    for (std::size_t e = 0; e < events.size(); ++e) {
      const double after = events[e].function(solver.t(), solver.u());
      if (crosses(events[e], values[e], after)) {
        const double at = root(events[e], solver, values[e], after);
        if (!out.event || at < out.end) {
          out.event = e;
          out.end = at;
        }
      }
      values[e] = after;
    }
    for (; next < times.size() && times[next] <= out.end; ++next) {
      out.times.push_back(times[next]);
      out.states.push_back(solver.at(times[next]));
    }
  }
  out.last = solver.at(out.end);
  out.evaluations = solver.evaluations();
  for (std::size_t e = 0; e < events.size(); ++e) {
    if (events[e].must_come && out.event != e) {
      std::ostringstream message;
      message << "the event '" << events[e].name << "' did not come until t = " << out.end << " s (step "
              << out.accepted << ")";
      throw NumericsError(std::move(message).str());
    }
  }
  return std::move(out);
}

}  // namespace cotan

#include "apps/steady_draws.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include "apps/progress.h"
#include "core/check.h"

namespace cotan {

SteadyDraws::SteadyDraws(const Case& spec, Draws& draws, std::function<void()> solved)
    : draws_(draws), solved_(std::move(solved)) {
  const Config node = spec.options["solver"];
  if (node.kind() != Config::Kind::null) options_ = read_options<LinearSolverOptions>(node);
  solver_ = make_linear_solver(options_, counts_);
}

Draw SteadyDraws::take(std::uint64_t number, std::size_t most) {
  if (!ready_.contains(number)) {
    const auto at_a_time = static_cast<std::size_t>(options_.method == "gcrodr" ? options_.sorted : 1);
    solve_from(number, std::min(most, at_a_time));
  }
  Outcome outcome = std::move(ready_.at(number));
  ready_.erase(number);
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  return std::move(*outcome.draw);
}

void SteadyDraws::solve_from(std::uint64_t number, std::size_t count) {
  std::vector<std::vector<double>> likeness;
  std::vector<Outcome*> there;
  for (std::uint64_t k = number; k < number + count; ++k) {
    Outcome& outcome = ready_[k];
    try {
      outcome.draw = draws_.set_up(k);
      there.push_back(&outcome);
      likeness.push_back(outcome.draw->setup.likeness);
    } catch (const Error&) {
      outcome.failure = std::current_exception();
    }
  }
  std::size_t most = 0;  // draws on meshes of their own may have other numbers to compare by: as many count as all have
  for (const auto& numbers : likeness) most = std::max(most, numbers.size());
  for (auto& numbers : likeness) numbers.resize(most, 0);
  for (const std::size_t i : chain_of_neighbours(likeness)) {
    if (count > 1 && interrupted())
      there[i]->failure = std::make_exception_ptr(NumericsError("interrupted"));
    else
      solve(*there[i]);
  }
}

void SteadyDraws::solve(Outcome& outcome) const {
  try {
    const auto start = std::chrono::steady_clock::now();
    Fields fields = outcome.draw->setup.steady(solver_);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    outcome.draw->solution = {std::move(fields), seconds};
    if (!all_finite(outcome.draw->solution->fields)) throw NumericsError("the solution is not finite");
  } catch (const Error&) {
    outcome.failure = std::current_exception();
  }
  solved_();
}

std::function<Draw(std::uint64_t number)> draws_one_by_one(const Case& spec, Draws& draws) {
  if (!is_steady(spec)) return [&draws](std::uint64_t number) { return draws.set_up(number); };
  return
      [steady = std::make_shared<SteadyDraws>(spec, draws)](std::uint64_t number) { return steady->take(number, 1); };
}

std::string SteadyDraws::report() const {
  std::ostringstream text;
  text << counts_->systems << " systems solved by " << options_.method;
  if (options_.method == "direct") return text.str();
  text << " with " << (options_.preconditioner == "none" ? "no preconditioner" : options_.preconditioner) << ": "
       << counts_->products << " products with matrices";
  return text.str();
}

}  // namespace cotan

#pragma once
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "apps/simulate_draws.h"
#include "physics/linear_solver.h"

namespace cotan {

/// The draws of a steady problem, solved by the case's `options.solver`. Where that recycles, several are set up and
/// solved at a time, so ordered that neighbours resemble each other.
class SteadyDraws {
 public:
  /// \param solved called after each system \throw InputError naming line and key of options.solver
  SteadyDraws(
      const Case& spec, Draws& draws, std::function<void()> solved = [] {});

  /// Draw `number` with its solution. \param most draws from there on that are wanted, as far as none fails
  /// \throw Error where the draw cannot be set up or solved
  Draw take(std::uint64_t number, std::size_t most);
  std::string report() const;  ///< the work done so far, for the log

 private:
  struct Outcome {
    std::optional<Draw> draw;
    std::exception_ptr failure;
  };
  void solve_from(std::uint64_t number, std::size_t count);
  void solve(Outcome& outcome) const;

  Draws& draws_;
  std::function<void()> solved_;
  LinearSolverOptions options_;
  std::shared_ptr<LinearSolverCounts> counts_ = std::make_shared<LinearSolverCounts>();
  LinearSolver solver_;
  std::map<std::uint64_t, Outcome> ready_;
};

/// Sets up draws one by one, those of a steady problem with their solutions.
std::function<Draw(std::uint64_t number)> draws_one_by_one(const Case& spec, Draws& draws);

}  // namespace cotan

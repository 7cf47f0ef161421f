#pragma once
#include <filesystem>
#include <string>

#include "apps/simulate_draws.h"

namespace cotan {

/// solver_times.csv of an archive: a line a trajectory, what its solver took. Beside the index, which is the same
/// however often an archive is made.
class SolverTimes {
 public:
  static constexpr std::string_view kName = "solver_times.csv";
  explicit SolverTimes(const std::filesystem::path& folder);  ///< goes on with the lines that are there
  void add(const std::string& file, std::uint64_t draw, const DrawCost& cost);  ///< \throw InputError on a full disk

 private:
  std::filesystem::path file_;
  std::string lines_;
};

}  // namespace cotan

#include "apps/solver_times.h"

#include <fmt/format.h>

#include "core/files.h"

namespace cotan {

SolverTimes::SolverTimes(const std::filesystem::path& folder) : file_(folder / kName) {
  lines_ = std::filesystem::exists(file_) ? read_file(file_) : "trajectory,draw,steps,ms_per_step,version\n";
}

void SolverTimes::add(const std::string& file, std::uint64_t draw, const DrawCost& cost) {
  const double ms = cost.steps > 0 ? 1e3 * cost.seconds / static_cast<double>(cost.steps) : 0;
  lines_ += fmt::format("{},{},{},{:.3f},{}\n", file, draw, cost.steps, ms, COTAN_VERSION);
  write_file(file_, lines_);
}

}  // namespace cotan

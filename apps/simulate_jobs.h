#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli.h"
#include "apps/simulate_draws.h"

namespace cotan {

/// What became of a draw.
struct DrawOutcome {
  std::optional<std::string> failure;
  DrawCost cost;
};

/// Processes that run draws of a case side by side, each `cotan simulate --worker`: a process that ends, even of a
/// fault or for want of memory, takes none of the others along. They end with this object, what they were at unwritten.
class DrawWorkers {
 public:
  /// \param spec the case's file, as on the command line \param jobs processes
  /// \throw Error where a process cannot be started
  DrawWorkers(const std::string& spec, const CommonArguments& common, int jobs);
  ~DrawWorkers();
  DrawWorkers(const DrawWorkers&) = delete;
  DrawWorkers& operator=(const DrawWorkers&) = delete;

  bool has_idle() const;
  /// Hands a draw to an idle one. \pre has_idle()
  void begin(std::uint64_t draw, const std::filesystem::path& file);
  /// Waits for one draw to end. Nothing where it was interrupted. \pre one is at work \throw Error where a worker died
  std::optional<std::pair<std::uint64_t, DrawOutcome>> wait();

 private:
  struct Worker;
  std::vector<Worker> workers_;
};

/// The other side: draws by number from standard input, outcomes to standard output, until the input ends.
int run_worker(const Case& spec, std::uint64_t seed);

}  // namespace cotan

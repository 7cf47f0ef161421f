#pragma once
#include <functional>
#include <span>

#include "core/comm.h"
#include "integrators/system.h"

namespace cotan {

/// Sees step k's fields at time t; k = 0 is the initial state. false stops the rollout cleanly.
using Observer = std::function<bool(std::int64_t k, double t, const Fields& fields)>;

enum class RolloutEnd : std::uint8_t { done, not_finite, stopped };

struct RolloutResult {
  State state;   ///< the last finite state
  double t = 0;  ///< its time [s]
  std::int64_t steps = 0;
  RolloutEnd end = RolloutEnd::done;
};

/// Advances a system through `times`, one step an interval, without gradients. It knows no mesh, no file and no
/// network: those are inside the system and the observers. A blow-up is a result, not an exception.
/// \param first the system's first frames; the last of them is at times.front()
/// \param comm ranks that share the state: they end together, also where only one of them blew up or was asked to stop
/// \pre times increasing, at least one; first.size() == system.frames
RolloutResult rollout(const System& system, std::span<const Frame> first, std::span<const double> times,
                      std::span<const Observer> observers = {}, const Comm& comm = {});

}  // namespace cotan

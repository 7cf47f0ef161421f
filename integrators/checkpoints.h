#pragma once
#include <cstdint>
#include <functional>

#include "integrators/state.h"

namespace cotan {

/// The most steps that can be visited backwards with `slots` stored states when no step is made more than `sweeps`
/// times before it is visited: (slots + sweeps)! / (slots! sweeps!), at most 2^62. \cite griewank2000
std::int64_t most_steps(std::int64_t slots, std::int64_t sweeps);
/// The fewest slots in which `steps` steps need no more sweeps than slots: at most log2(steps), 8 for 10^4.
std::int64_t balanced_slots(std::int64_t steps);
/// How many steps are made again, at best, to visit `steps` steps backwards: r steps - (slots + r)! / ((slots + 1)!
/// (r - 1)!), where r is the fewest sweeps that do.
std::int64_t fewest_repeats(std::int64_t steps, std::int64_t slots);

struct CheckpointCounts {
  std::int64_t most_stored = 0;  ///< states stored at once, the start's included
  std::int64_t repeats = 0;      ///< steps made again, those that are visited not counted
};

/// Visits the steps of a sequence from the last to the first, each with the state it began from, keeping few of them:
/// states in between are computed again from the nearest stored one, in the fewest steps that the slots allow
/// (binomial checkpointing, \cite griewank2000).
/// \param advance the state after step k \param visit step k and the state before it
/// \pre slots > 0
CheckpointCounts visit_backwards(std::int64_t steps, std::int64_t slots, const State& start,
                                 const std::function<State(std::int64_t k, const State& u)>& advance,
                                 const std::function<void(std::int64_t k, const State& u)>& visit);

}  // namespace cotan

#include "integrators/checkpoints.h"

#include <algorithm>

#include "core/check.h"

namespace cotan {
namespace {

class Walk {
 public:
  using Advance = std::function<State(std::int64_t, const State&)>;
  using Visit = std::function<void(std::int64_t, const State&)>;
  Walk(const Advance& advance, const Visit& visit) : advance_(advance), visit_(visit) {}

  // Steps first … last - 1 from u before them, which takes one of the slots (none for a single step).
  void backwards(std::int64_t first, std::int64_t last, std::int64_t slots, const State& u) {
    if (slots > 0) counts.most_stored = std::max(counts.most_stored, ++stored_);
    while (last - first > 1) {
      const std::int64_t middle = first + split(last - first, slots);
      backwards(middle, last, slots - 1, advanced(first, middle, u));
      last = middle;
    }
    visit_(first, u);
    if (slots > 0) --stored_;
  }

  CheckpointCounts counts;

 private:
  // Where to store next, so that neither part needs more sweeps than the best: with r sweeps for all, the left part
  // needs r - 1 and the right one, with a slot less, r.
  static std::int64_t split(std::int64_t steps, std::int64_t slots) {
    std::int64_t r = 0;
    while (most_steps(slots, r) < steps) ++r;
    return std::min(most_steps(slots, r - 1), steps - most_steps(slots - 1, r - 1));
  }

  State advanced(std::int64_t first, std::int64_t last, State u) {
    counts.repeats += last - first;
    for (std::int64_t k = first; k < last; ++k) u = advance_(k, u);
    return u;
  }

  const Advance& advance_;
  const Visit& visit_;
  std::int64_t stored_ = 0;
};

}  // namespace

std::int64_t most_steps(std::int64_t slots, std::int64_t sweeps) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  const std::int64_t few = std::min(slots, sweeps), many = std::max(slots, sweeps);
  __int128 product = 1;
  for (std::int64_t i = 1; i <= few; ++i) {
    product = product * (many + i) / i;
    if (product >= kMost) return kMost;
  }
  return few < 0 ? 0 : static_cast<std::int64_t>(product);
}

std::int64_t balanced_slots(std::int64_t steps) {
  std::int64_t slots = 1;
  while (most_steps(slots, slots) < steps) ++slots;
  return slots;
}

std::int64_t fewest_repeats(std::int64_t steps, std::int64_t slots) {
  std::int64_t r = 0;
  while (most_steps(slots, r) < steps) ++r;
  return r * steps - most_steps(slots + 1, r - 1);
}

CheckpointCounts visit_backwards(std::int64_t steps, std::int64_t slots, const State& start,
                                 const std::function<State(std::int64_t k, const State& u)>& advance,
                                 const std::function<void(std::int64_t k, const State& u)>& visit) {
  COTAN_ASSERT(slots > 0);
  Walk walk(advance, visit);
  if (steps > 0) walk.backwards(0, steps, slots, start);
  return walk.counts;
}

}  // namespace cotan

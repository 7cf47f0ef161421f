#pragma once
#include <functional>
#include <span>

#include "integrators/state.h"

namespace cotan {

/// Fields at a time: what `lift` starts from and an archive's frame gives.
struct Frame {
  double t = 0;  ///< [s]
  Fields fields;
};

/// Everything that moves a state: a classical solver, a network's increment, an integrator over a network's rate,
/// a network that moves its mesh.
struct System {
  int frames = 1;  ///< how many frames `lift` needs: two for a position and its velocity by differences
  std::function<State(std::span<const Frame> first)> lift;             ///< the last given frame is the start
  std::function<State(double t, double dt, const State& state)> step;  ///< u(t) -> u(t + dt)
  std::function<Fields(const State& state)> view;
};

}  // namespace cotan

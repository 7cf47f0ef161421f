#pragma once
#include <cstdint>
#include <functional>

#include "gnn/trainer.h"

namespace cotan {

/// The most bytes that tensors made by `work` on this thread hold at one time, beyond what was there before: forward
/// and backward passes with all that they keep. Scratch memory of other threads is not seen.
std::int64_t peak_bytes(const std::function<void()>& work);

/// Those of the gradient of a sample's loss, as a training step takes it: of its first 2,000 points and the edges among
/// them, on this rank alone, scaled to all points and edges. So it is known before it is asked for.
double estimated_step_bytes(const Model& model, const Sample& sample, const TrainOptions& options);

}  // namespace cotan

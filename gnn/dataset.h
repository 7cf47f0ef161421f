#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "gnn/model.h"
#include "integrators/prescribed.h"

namespace cotan {

/// A window of frames of one trajectory, as the trainer wants it.
struct Sample {
  std::shared_ptr<const Graph> graph;
  HaloExchange halo;          ///< identity unless the mesh is shared between ranks
  std::vector<double> times;  ///< (W) [s]; history frames, the present, then the future
  int present = 0;            ///< index of the present frame in the window
  at::Tensor frames;          ///< (W, N, C) in their own units
  at::Tensor inputs;          ///< (W, N, K), undefined where K = 0
  at::Tensor parameters;      ///< (graphs, P), undefined where P = 0
  at::Tensor fixed;           ///< (N, C) bool: prescribed components, left out of the loss
  std::string trajectory;     ///< where it is from, for messages: its trajectory's name
  std::int64_t frame = 0;     ///< and the archive's number of the present frame
  double dt() const { return times[1] - times[0]; }
};

/// index -> sample.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::int64_t size() const = 0;
  virtual Sample get(std::int64_t index) const = 0;  ///< \pre 0 <= index < size(); same index, same sample
};
using DatasetPtr = std::shared_ptr<const Dataset>;

/// A trajectory as windows are cut from it; made from an archive in apps/ (gnn knows no files).
struct TrajectorySource {
  std::shared_ptr<const Graph> graph;
  HaloExchange halo;
  std::vector<double> times;
  /// Frames [k0, k1): (k1 - k0, N, C) and (k1 - k0, N, K) or undefined; in local order.
  std::function<std::pair<at::Tensor, at::Tensor>(std::int64_t k0, std::int64_t k1)> read;
  at::Tensor parameters;  ///< (1, P) or undefined
  at::Tensor fixed;       ///< (N, C) bool
  std::string name;
  std::int64_t first = 0, stride = 1;  ///< frame k is the archive's frame first + k stride; for messages
};
struct WindowOptions {
  int history = 0;                    ///< frames before the present
  int future = 1;                     ///< frames after it
  int stride = 1;                     ///< archive frames between the window's
  std::int64_t first = 0, last = -1;  ///< frames [first, last) of each trajectory may be used; -1: to the end
  std::int64_t cache_bytes = std::int64_t(1) << 30;  ///< memory for whole trajectories; others are read by window
};
/// All windows of all trajectories, trajectory by trajectory. Trajectories stay in memory in the order of their first
/// use until the cache is full. Not for concurrent use.
/// \throw InputError naming the trajectory that is too short or whose time steps differ (by more than 1e-6)
DatasetPtr windows(std::vector<TrajectorySource> trajectories, const WindowOptions& options);
/// Order of an epoch: a permutation of [0, n) by (seed, epoch).
std::vector<std::int64_t> epoch_order(std::int64_t n, std::uint64_t seed, std::int64_t epoch);
/// Joins samples of equal window length into one (disjoint graphs). \pre none is shared between ranks
Sample batch(const std::vector<Sample>& samples);

}  // namespace cotan

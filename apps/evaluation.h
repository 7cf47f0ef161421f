#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "apps/learned_data.h"
#include "integrators/rollout.h"

namespace cotan {

/// One field of a rollout beside its truth, on the whole mesh (gathered over ranks).
struct ComparedField {
  FieldSpec spec;
  std::vector<double> predicted, truth;  ///< (frames, rows, components); infinite after a blow-up
  std::vector<char> free;                ///< (rows): no component of it prescribed
};

/// A rollout beside an archive's frames [first, last): frame `first` is history, the rollout starts at first + 1
/// (the convention of MeshGraphNets' evaluation).
struct Comparison {
  std::vector<ComparedField> fields;
  std::vector<double> times;  ///< (frames) [s]
  std::size_t rows = 0;
  RolloutEnd end = RolloutEnd::done;
  std::int64_t steps = 0;           ///< that stayed finite
  double ms_per_step = 0;           ///< of the network, without reading given values from the archive
  double evaluations_per_step = 0;  ///< of a network's rate; 0 of one that predicts increments
  std::size_t frames() const { return times.size(); }
};
/// A system that adds the wall time of its steps to `seconds` (which outlives it).
System timed(System system, double& seconds);

/// \param stoppable whether Ctrl-C ends it early; else it runs to its end, and callers look at `interrupted` then
Comparison compare(const std::shared_ptr<const Model>& model, double dt, const LearnedConfig& config,
                   const LearnedTrajectory& trajectory, std::int64_t first, std::int64_t last, bool stoppable = true);

/// Mean over fields of the relative L2 error on free points over the whole rollout; fields whose truth is 0 there are
/// left out.
double mean_relative_l2(const Comparison& comparison);

/// What one predictor reached on one field over trajectories.
struct Errors {
  std::string predictor;  ///< "model", or a trivial predictor's name
  /// Root of the mean over trajectories of the mean square error up to 1, 50 (or the last before) and all steps: over
  /// all points, prescribed ones too (the convention of MeshGraphNets), and over free points. \cite pfaff2021
  std::array<double, 3> rmse{}, rmse_free{};
  double relative_l2 = 0;           ///< free points, all steps; mean over trajectories
  double relative_l2_spread = 0;    ///< standard deviation over trajectories
  std::vector<double> curve;        ///< (steps) RMSE on free points at each step
  std::vector<double> correlation;  ///< (steps) with the truth on free points, mean over trajectories
};
struct FieldErrors {
  FieldSpec spec;
  std::vector<Errors> rows;  ///< the model, then the trivial predictors (given values imposed on them too)
};

/// Sums of errors over trajectories, so that none of them need be kept.
class ErrorTable {
 public:
  ErrorTable();
  ~ErrorTable();
  ErrorTable(ErrorTable&&) noexcept;
  void add(const Comparison& comparison);
  std::vector<FieldErrors> fields() const;  ///< \pre something was added
  std::size_t trajectories = 0, blown_up = 0;
  std::size_t steps = 0;            ///< of the longest trajectory
  double ms_per_step = 0;           ///< mean over trajectories
  double evaluations_per_step = 0;  ///< likewise

 private:
  struct FieldSums;
  std::vector<FieldSums> sums_;
};

/// Rows of all ranks by their number in the whole mesh: (N, …) -> (num_points, …) double on the host. Collective.
at::Tensor gather_rows(const at::Tensor& x, const Graph& graph, std::int64_t num_points, const Comm& comm);

}  // namespace cotan

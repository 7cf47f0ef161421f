#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace cotan {

/// Errors between a prediction and its truth over frames; all arrays (frames, rows, components) row-major.

/// sqrt of the mean over frames 1..horizon, rows and components of the squared difference: the MeshGraphNets
/// convention, \cite pfaff2021. Frame 0 is given, so it is left out.
/// \param use_row (rows) not 0: the rows that count (free points); empty: all
/// \throw Error for arrays that do not fit, a horizon outside 1 to frames - 1, or no row at all
double rmse(std::span<const double> predicted, std::span<const double> truth, std::size_t frames, std::size_t rows,
            std::size_t components, std::size_t horizon, std::span<const char> use_row = {});
/// ||predicted - truth|| / ||truth|| over all frames after the first, with optional weights per row (volumes).
/// 0 where both vanish, infinite where only the truth does.
double relative_l2(std::span<const double> predicted, std::span<const double> truth, std::size_t frames,
                   std::size_t rows, std::size_t components, std::span<const double> weights = {},
                   std::span<const char> use_row = {});

/// Pearson's correlation of one frame's values (rows, components) over rows that count and components together; 1 where
/// neither varies, 0 where only one does, not a number where a value is none.
double correlation(std::span<const double> predicted, std::span<const double> truth, std::size_t components,
                   std::span<const char> use_row = {});

/// Predictors that know nothing; truth (frames, rows, components), the result has the same shape. The mean over time
/// is that of the frames after `start`, the best that one frame can do in the least-squares sense.
enum class Trivial { nothing_changes, last_change_goes_on, mean_over_time };
/// \param start the last frame that is given; it and earlier ones are copied. At 0 no change is known, and the last
///        change counts as none
std::vector<double> trivial_prediction(Trivial which, std::span<const double> truth, std::size_t frames,
                                       std::size_t rows, std::size_t components, std::size_t start = 0);
inline constexpr const char* kTrivialNames[] = {"nothing changes", "last change goes on", "mean over time"};

/// Mean and variance one value at a time, in double; \cite welford1962. Merging two is exact (\cite chan1983).
struct Welford {
  double count = 0, mean = 0, m2 = 0;
  void add(double x);
  void merge(const Welford& other);
  double variance() const { return count > 0 ? m2 / count : 0; }
};

}  // namespace cotan

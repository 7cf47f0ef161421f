#pragma once
#include <span>
#include <vector>

namespace cotan {

/// Errors between a prediction and its truth over frames; all arrays (frames, rows, components) row-major.

/// sqrt of the mean over frames 1..horizon, rows and components of the squared difference: the MeshGraphNets
/// convention. `rows` empty: all rows; else only those (free points).
double rmse(std::span<const double> predicted, std::span<const double> truth, std::size_t frames, std::size_t rows,
            std::size_t components, std::size_t horizon, std::span<const char> use_row = {});
/// ||predicted - truth|| / ||truth|| over all frames after the first, with optional weights per row (volumes).
double relative_l2(std::span<const double> predicted, std::span<const double> truth, std::size_t frames,
                   std::size_t rows, std::size_t components, std::span<const double> weights = {},
                   std::span<const char> use_row = {});

/// Predictors that know nothing; truth (frames, rows, components), the result has the same shape.
enum class Trivial { nothing_changes, last_change_goes_on, mean_over_time };
/// `start`: index of the first frame that is given (earlier ones are history).
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

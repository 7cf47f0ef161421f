#include "mesh/metrics.h"

#include <array>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace cotan {
namespace {

void check_sizes(std::span<const double> predicted, std::span<const double> truth, std::size_t frames, std::size_t rows,
                 std::size_t components, std::span<const char> use_row) {
  const auto size = static_cast<std::int64_t>(frames * rows * components);
  check_shape(std::array{static_cast<std::int64_t>(predicted.size())}, {size}, "prediction");
  check_shape(std::array{static_cast<std::int64_t>(truth.size())}, {size}, "truth");
  if (!use_row.empty()) {
    check_shape(std::array{static_cast<std::int64_t>(use_row.size())}, {static_cast<std::int64_t>(rows)}, "use_row");
  }
}

}  // namespace

double rmse(std::span<const double> predicted, std::span<const double> truth, std::size_t frames, std::size_t rows,
            std::size_t components, std::size_t horizon, std::span<const char> use_row) {
  check_sizes(predicted, truth, frames, rows, components, use_row);
  if (horizon < 1 || horizon >= frames) throw Error("rmse: horizon outside 1 to frames - 1");
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t k = 1; k <= horizon; ++k) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (!use_row.empty() && !use_row[i]) continue;
      for (std::size_t j = (k * rows + i) * components; j < (k * rows + i + 1) * components; ++j, ++count) {
        sum += (predicted[j] - truth[j]) * (predicted[j] - truth[j]);
      }
    }
  }
  if (count == 0) throw Error("rmse: no row counts");
  return std::sqrt(sum / static_cast<double>(count));
}

double relative_l2(std::span<const double> predicted, std::span<const double> truth, std::size_t frames,
                   std::size_t rows, std::size_t components, std::span<const double> weights,
                   std::span<const char> use_row) {
  check_sizes(predicted, truth, frames, rows, components, use_row);
  if (!weights.empty()) {
    check_shape(std::array{static_cast<std::int64_t>(weights.size())}, {static_cast<std::int64_t>(rows)}, "weights");
  }
  double error = 0, norm = 0;
  for (std::size_t k = 1; k < frames; ++k) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (!use_row.empty() && !use_row[i]) continue;
      const double weight = weights.empty() ? 1 : weights[i];
      for (std::size_t j = (k * rows + i) * components; j < (k * rows + i + 1) * components; ++j) {
        error += weight * (predicted[j] - truth[j]) * (predicted[j] - truth[j]);
        norm += weight * truth[j] * truth[j];
      }
    }
  }
  if (norm == 0) return error == 0 ? 0 : std::numeric_limits<double>::infinity();
  return std::sqrt(error / norm);
}

double correlation(std::span<const double> predicted, std::span<const double> truth, std::size_t components,
                   std::span<const char> use_row) {
  check_sizes(predicted, truth, 1, truth.size() / components, components, use_row);
  const auto counts = [&](std::size_t j) { return use_row.empty() || use_row[j / components]; };
  double n = 0, mean_p = 0, mean_t = 0;
  for (std::size_t j = 0; j < truth.size(); ++j) {
    if (!counts(j)) continue;
    ++n;
    mean_p += predicted[j];
    mean_t += truth[j];
  }
  if (n == 0) throw Error("correlation: no row counts");
  mean_p /= n;
  mean_t /= n;
  double pp = 0, tt = 0, pt = 0;
  for (std::size_t j = 0; j < truth.size(); ++j) {
    if (!counts(j)) continue;
    const double p = predicted[j] - mean_p, t = truth[j] - mean_t;
    pp += p * p;
    tt += t * t;
    pt += p * t;
  }
  if (pp == 0 || tt == 0) return pp == tt ? 1 : 0;
  return pt / std::sqrt(pp * tt);
}

std::vector<double> trivial_prediction(Trivial which, std::span<const double> truth, std::size_t frames,
                                       std::size_t rows, std::size_t components, std::size_t start) {
  check_sizes(truth, truth, frames, rows, components, {});
  if (start >= frames) throw Error("trivial_prediction: start is outside the frames");
  const std::size_t width = rows * components;
  std::vector<double> out(truth.begin(), truth.end());
  for (std::size_t j = 0; j < width; ++j) {
    const double last = truth[start * width + j];
    const double change = start > 0 ? last - truth[(start - 1) * width + j] : 0;
    double mean = 0;
    for (std::size_t k = start + 1; k < frames; ++k) {
      mean += (truth[k * width + j] - mean) / static_cast<double>(k - start);
    }
    for (std::size_t k = start + 1; k < frames; ++k) {
      double& value = out[k * width + j];
      switch (which) {
        case Trivial::nothing_changes:
          value = last;
          break;
        case Trivial::last_change_goes_on:
          value = last + static_cast<double>(k - start) * change;
          break;
        case Trivial::mean_over_time:
          value = mean;
          break;
      }
    }
  }
  return out;
}

void Welford::add(double x) {
  count += 1;
  const double delta = x - mean;
  mean += delta / count;
  m2 += delta * (x - mean);
}

void Welford::merge(const Welford& other) {
  if (other.count == 0) return;
  const double total = count + other.count, delta = other.mean - mean;
  mean += delta * other.count / total;
  m2 += other.m2 + delta * delta * count * other.count / total;
  count = total;
}

}  // namespace cotan

#include "integrators/prescribed.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/check.h"

namespace cotan {
namespace {

void check_rows(const at::Tensor& u, std::int64_t largest, const std::string& field) {
  if (largest >= u.size(0)) {
    throw Error("prescribed values of '" + field + "': row " + std::to_string(largest) + ", and there are " +
                std::to_string(u.size(0)));
  }
}

// (rows of u) bool: whether a row is among `rows`.
at::Tensor among(const at::Tensor& rows, std::int64_t n) {
  return at::zeros({n}, rows.options().dtype(at::kBool)).index_fill(0, rows, true);
}

at::Tensor like(const at::Tensor& values, const at::Tensor& u) {
  return values.to(u.options());
}

}  // namespace

// Where entries meet, the earlier one loses its rows or components here, once: later on no two entries touch the same
// number, so imposing twice is imposing once.
void Prescribed::add(std::string field, at::Tensor mask, Values values) {
  COTAN_ASSERT(mask.dim() == 2 && mask.scalar_type() == at::kBool && values);
  for (Entry& earlier : entries_) {
    if (earlier.field != field) continue;
    if (earlier.slip) {
      const at::Tensor any = mask.any(1);
      check_rows(any, earlier.rows.numel() ? earlier.rows.max().item<std::int64_t>() : -1, field);
      keep(earlier, any.index_select(0, earlier.rows).logical_not());
    } else {
      check_shape(mask.sizes(), earlier.mask.sizes(), "mask of prescribed '" + field + "'");
      earlier.mask = earlier.mask.logical_and(mask.logical_not());
    }
  }
  entries_.push_back({std::move(field), false, std::move(mask), {}, {}, {}, std::move(values)});
}

void Prescribed::add_slip(std::string field, at::Tensor rows, at::Tensor normal, Values normal_value) {
  check_shape(normal.sizes(), {rows.numel(), -1}, "normals of slip '" + field + "'");
  rows = rows.to(at::kLong);
  COTAN_ASSERT(std::get<0>(at::_unique(rows)).numel() == rows.numel());
  for (Entry& earlier : entries_) {
    if (earlier.field != field) continue;
    if (earlier.slip) {
      keep(earlier, at::isin(earlier.rows, rows).logical_not());
    } else {
      if (rows.numel()) check_rows(earlier.mask, rows.max().item<std::int64_t>(), field);
      earlier.mask = earlier.mask.logical_and(among(rows, earlier.mask.size(0)).logical_not().unsqueeze(1));
    }
  }
  const at::Tensor given = at::arange(rows.numel(), rows.options());
  entries_.push_back({std::move(field), true, {}, std::move(rows), std::move(normal), given, std::move(normal_value)});
}

void Prescribed::keep(Entry& slip, const at::Tensor& which) {
  const at::Tensor kept = which.nonzero().squeeze(1);
  slip.rows = slip.rows.index_select(0, kept);
  slip.normal = slip.normal.index_select(0, kept);
  slip.given = slip.given.index_select(0, kept);
}

at::Tensor Prescribed::imposed(const Entry& entry, double t, const at::Tensor& u) const {
  if (!entry.slip) {
    check_shape(entry.mask.sizes(), u.sizes(), "mask of prescribed '" + entry.field + "'");
    return at::where(entry.mask.to(u.device()), like(entry.values(t), u), u);
  }
  if (entry.rows.numel() == 0) return u;
  check_rows(u, entry.rows.max().item<std::int64_t>(), entry.field);
  check_shape(entry.normal.sizes(), {-1, u.size(1)}, "normals of slip '" + entry.field + "'");
  const at::Tensor rows = entry.rows.to(u.device()), normal = like(entry.normal, u);
  const at::Tensor old = u.index_select(0, rows);
  at::Tensor excess = (old * normal).sum(1, /*keepdim=*/true);
  if (entry.values) {
    excess = excess - like(entry.values(t), u).reshape({-1, 1}).index_select(0, entry.given.to(u.device()));
  }
  return u.index_copy(0, rows, old - excess * normal);
}

at::Tensor Prescribed::impose(std::string_view field, double t, const at::Tensor& u) const {
  at::Tensor result = u;
  for (const Entry& entry : entries_) {
    if (entry.field == field) result = imposed(entry, t, result);
  }
  return result;
}

State Prescribed::impose(double t, const State& u) const {
  State result = u;
  for (const Entry& entry : entries_) {
    result = result.with(entry.field, imposed(entry, t, result[entry.field]));
  }
  return result;
}

at::Tensor Prescribed::mask(std::string_view field, const at::Tensor& shape_of) const {
  at::Tensor fixed = at::zeros_like(shape_of, shape_of.options().dtype(at::kBool));
  for (const Entry& entry : entries_) {
    if (entry.field == field && !entry.slip) fixed = fixed.logical_or(entry.mask.to(fixed.device()));
  }
  return fixed;
}

at::Tensor Prescribed::values(std::string_view field, double t, const at::Tensor& shape_of) const {
  at::Tensor all = at::zeros_like(shape_of);
  for (const Entry& entry : entries_) {
    if (entry.field == field && !entry.slip) all = imposed(entry, t, all);
  }
  return all;
}

Prescribed::Values values_from_frames(std::vector<double> times, at::Tensor frames, double tolerance) {
  COTAN_REQUIRE(!times.empty(), "prescribed values from frames: there is no frame");
  check_shape(frames.sizes(), {static_cast<std::int64_t>(times.size()), -1, -1}, "prescribed frames");
  for (std::size_t k = 1; k < times.size(); ++k) {
    COTAN_REQUIRE(times[k] > times[k - 1], "prescribed values from frames: time " << times[k] << " s of frame " << k
                                                                                  << " is not after " << times[k - 1]
                                                                                  << " s");
  }
  return [times = std::move(times), frames = std::move(frames), tolerance](double t) -> at::Tensor {
    COTAN_REQUIRE(
        t >= times.front() - tolerance && t <= times.back() + tolerance,
        "prescribed values at " << t << " s: the frames go from " << times.front() << " to " << times.back() << " s");
    const auto above = std::lower_bound(times.begin(), times.end(), t);
    const auto k = static_cast<std::int64_t>(above - times.begin());
    if (above != times.end() && *above - t <= tolerance) return frames[k];
    if (t - times[k - 1] <= tolerance) return frames[k - 1];
    return at::lerp(frames[k - 1], frames[k], (t - times[k - 1]) / (times[k] - times[k - 1]));
  };
}

}  // namespace cotan

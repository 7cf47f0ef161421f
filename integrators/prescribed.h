#pragma once
#include <functional>
#include <string>
#include <vector>

#include "integrators/state.h"

namespace cotan {

/// Values that a solver or network is given and does not find: Dirichlet data from formulas or from an archive's
/// frames. `impose` runs on entry to every right-hand side, at the stage's time, and at the step's end; it is
/// idempotent, since no two entries touch the same number.
class Prescribed {
 public:
  /// Values at time t: (rows, components) for all rows, or only where the mask holds (others are ignored).
  using Values = std::function<at::Tensor(double t)>;

  /// Entries added later win where they meet: an earlier one loses those components, an earlier slip those rows.
  /// \param mask (rows, components) bool
  void add(std::string field, at::Tensor mask, Values values);
  /// Fixes only the normal component at some rows: u <- u - ((u . n) - g) n. Rows that an earlier entry fixes are
  /// free in their tangents from here on.
  /// \param rows (K) int64, each once \param normal (K, dim) unit \param normal_value (K) at time t, or empty for 0
  void add_slip(std::string field, at::Tensor rows, at::Tensor normal, Values normal_value = {});

  bool empty() const { return entries_.empty(); }
  State impose(double t, const State& u) const;
  at::Tensor impose(std::string_view field, double t, const at::Tensor& u) const;
  /// (rows, components) bool: components that are fixed (slip: none, it fixes a direction).
  at::Tensor mask(std::string_view field, const at::Tensor& like) const;
  /// Prescribed values where the mask holds and 0 elsewhere, like `like`: what a model may ask for at t + dt.
  at::Tensor values(std::string_view field, double t, const at::Tensor& like) const;

 private:
  struct Entry {
    std::string field;
    bool slip;
    at::Tensor mask;          // fixed: (rows, components) bool
    at::Tensor rows, normal;  // slip: (K) int64, (K, dim)
    at::Tensor given;         // slip: (K) int64, where in values(t) a row's value stands
    Values values;
  };
  static void keep(Entry& slip, const at::Tensor& which);
  at::Tensor imposed(const Entry& entry, double t, const at::Tensor& u) const;

  std::vector<Entry> entries_;
};

/// Frames in time as prescribed values: the frame at the nearest time within `tolerance`, linear between frames
/// otherwise. `frames` (T, rows, components), `times` (T) increasing. \throw InputError outside the times there are
Prescribed::Values values_from_frames(std::vector<double> times, at::Tensor frames, double tolerance = 1e-9);

}  // namespace cotan

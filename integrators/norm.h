#pragma once
#include <map>
#include <string>

#include "core/comm.h"
#include "integrators/state.h"

namespace cotan {

/// How large a State is: the root mean square of its entries divided by a scale by field, over the points a rank
/// owns, summed over ranks. What step control and Krylov methods measure with.
struct Norm {
  std::map<std::string, double> scale;        ///< by field, in the field's unit; 1 where absent
  std::map<std::string, double> absolute;     ///< by field: tolerance below which it does not count; 0 where absent
  at::Tensor owned;                           ///< (rows) bool for entries with that many rows; undefined: all
  at::Tensor graph;                           ///< (rows) int64 graph of a batch; undefined: one graph
  std::int64_t num_graphs = 1;
  Comm comm;

  double operator()(const State& a) const;                 ///< over all graphs; collective
  at::Tensor by_graph(const State& a) const;               ///< (num_graphs) double; collective
  double dot(const State& a, const State& b) const;        ///< the inner product this norm is from; collective
};

}  // namespace cotan

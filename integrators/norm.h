#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "core/comm.h"
#include "integrators/state.h"

namespace cotan {

/// How large a State is: the root mean square of its numbers, each divided by a scale by field, over the rows that
/// this rank owns, with the sums taken over ranks. What step control and Krylov methods measure with.
/// Entries that are not floating do not count. Entries on the whole count on rank 0 alone unless `owned` says else.
struct Norm {
  std::map<std::string, double> scale;      ///< by field, in the field's unit, above 0; 1 where absent
  std::map<std::string, at::Tensor> owned;  ///< by field: (rows) bool; all rows where absent
  std::map<std::string, at::Tensor> graph;  ///< by field: (rows) int64, the graph of a batch; graph 0 where absent
  std::int64_t num_graphs = 1;
  Comm comm;

  double operator()(const State& a) const;           ///< over all graphs; 0 for no numbers; collective
  at::Tensor by_graph(const State& a) const;         ///< (num_graphs) double; 0 for a graph without rows; collective
  double dot(const State& a, const State& b) const;  ///< the inner product this norm is from; collective

 private:
  struct Sums;
  Sums sums(const State& a, const State& b) const;
};

}  // namespace cotan

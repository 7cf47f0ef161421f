#pragma once
#include <memory>
#include <span>
#include <vector>

#include "physics/flow_constraints.h"
#include "physics/flow_forms.h"
#include "physics/sparse.h"

namespace cotan {

/// The saddle-point matrix (A, -D^T; -D, 0) of a Taylor-Hood pair over the rows that constraints leave; \cite
/// benzi2005. Its pattern is computed once, its values are filled in from matrices over the nodes.
class FlowMatrix {
 public:
  /// \param joined whether A ties components together (Newton's method); rows of turned nodes do so in any case
  /// \param pinned whether the first pressure stays as it is: nothing fixes its level
  FlowMatrix(std::shared_ptr<const FlowForms> forms, std::shared_ptr<const VelocityConstraints> constraints,
             bool joined, bool pinned);

  /// A_kl = between[k dim + l], and `own` on top where k = l. \param between empty: nothing \pre joined, else it is
  /// empty
  const SparseMatrix& fill(std::span<const double> own, std::span<const std::vector<double>> between = {});

 private:
  void find_pattern();
  void fill_divergence();

  std::shared_ptr<const FlowForms> forms_;
  std::shared_ptr<const VelocityConstraints> constraints_;
  bool pinned_;
  std::vector<char> joins_;  // (nodes): whether a node's rows have the columns of all components
  Adjacency pressures_;      // node -> pressures of the cells around it
  SparseMatrix matrix_;
};

}  // namespace cotan

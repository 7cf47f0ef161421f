#include "physics/flow_matrix.h"

#include <algorithm>

namespace cotan {
namespace {

// Link (c, j) of `around` as (j, c): rows sorted, since c ascends.
Adjacency transposed(const Adjacency& around, Index columns) {
  std::vector<std::vector<Index>> rows(columns);
  for (Index c = 0; c < around.size(); ++c) {
    for (const Index j : around[c]) rows[j].push_back(c);
  }
  Adjacency out;
  for (const auto& row : rows) out.push_row(row);
  return out;
}

}  // namespace

FlowMatrix::FlowMatrix(std::shared_ptr<const FlowForms> forms, std::shared_ptr<const VelocityConstraints> constraints,
                       bool joined, bool pinned)
    : forms_(std::move(forms)), constraints_(std::move(constraints)), pinned_(pinned), joins_(constraints_->turned()) {
  if (joined) std::fill(joins_.begin(), joins_.end(), 1);
  pressures_ = transposed(forms_->around(), forms_->space().num_nodes);
  find_pattern();
}

void FlowMatrix::find_pattern() {
  const TaylorHood& space = forms_->space();
  const SparseMatrix& nodes = forms_->pattern();
  const auto row_of = [&](Index i) {
    return std::span(nodes.columns).subspan(nodes.offsets[i], nodes.offsets[i + 1] - nodes.offsets[i]);
  };
  auto& columns = matrix_.columns;
  const auto end_row = [&] { matrix_.offsets.push_back(static_cast<std::int64_t>(columns.size())); };
  for (int k = 0; k < space.dim; ++k) {
    for (Index i = 0; i < space.num_nodes; ++i) {
      for (int l = 0; l < space.dim; ++l) {
        if (l != k && !joins_[i]) continue;
        for (const Index j : row_of(i)) columns.push_back(space.velocity(j, l));
      }
      for (const Index c : pressures_[i]) columns.push_back(space.pressure(c));
      end_row();
    }
  }
  for (Index c = 0; c < space.num_pressures; ++c) {
    for (int l = 0; l < space.dim; ++l) {
      for (const Index j : forms_->around()[c]) columns.push_back(space.velocity(j, l));
    }
    if (pinned_ && c == 0) columns.push_back(space.pressure(c));
    end_row();
  }
  matrix_.values.assign(columns.size(), 0.0);
}

// Where row (i, k) has its pressures: behind its velocities.
void FlowMatrix::fill_divergence() {
  const TaylorHood& space = forms_->space();
  const Adjacency& around = forms_->around();
  std::vector<std::int64_t> next(space.num_nodes, 0);  // how many pressures of a node's rows are filled
  for (Index c = 0; c < space.num_pressures; ++c) {
    const std::int64_t row = matrix_.offsets[space.pressure(c)], count = around.offsets[c + 1] - around.offsets[c];
    for (std::int64_t n = 0; n < count; ++n) {
      const std::int64_t link = around.offsets[c] + n;
      const Index j = around.links[link];
      for (int k = 0; k < space.dim; ++k) {
        const double value = -forms_->divergence()[link * space.dim + k];
        matrix_.values[row + k * count + n] = value;
        const auto end = matrix_.offsets[space.velocity(j, k) + 1];
        matrix_.values[end - static_cast<std::int64_t>(pressures_[j].size()) + next[j]] = value;
      }
      ++next[j];
    }
  }
}

const SparseMatrix& FlowMatrix::fill(std::span<const double> own, std::span<const std::vector<double>> between) {
  const TaylorHood& space = forms_->space();
  const SparseMatrix& nodes = forms_->pattern();
  fill_divergence();
  for (int k = 0; k < space.dim; ++k) {
    for (Index i = 0; i < space.num_nodes; ++i) {
      double* row = &matrix_.values[matrix_.offsets[space.velocity(i, k)]];
      const auto begin = nodes.offsets[i], count = nodes.offsets[i + 1] - begin;
      for (int l = 0; l < space.dim; ++l) {
        if (l != k && !joins_[i]) continue;
        std::fill_n(row, count, 0.0);
        if (!between.empty()) std::copy_n(&between[k * space.dim + l][begin], count, row);
        if (l == k) {
          for (std::int64_t n = 0; n < count; ++n) row[n] += own[begin + n];
        }
        row += count;
      }
    }
  }
  constraints_->restrict_matrix(matrix_);
  if (pinned_) {
    const auto first = matrix_.offsets[space.pressure(0)], last = matrix_.offsets[space.pressure(0) + 1];
    std::fill(matrix_.values.begin() + first, matrix_.values.begin() + last, 0.0);
    matrix_.values[last - 1] = 1;
  }
  return matrix_;
}

}  // namespace cotan

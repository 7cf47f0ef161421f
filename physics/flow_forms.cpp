#include "physics/flow_forms.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "physics/assembly.h"

namespace cotan {

struct FlowForms::Table {
  int points, nodes, corners;
  std::vector<double> value;     // (points, nodes)
  std::vector<double> slope;     // (points, nodes, dim), by reference coordinates
  std::vector<double> pressure;  // (points, corners)
};

namespace {

// Exact for straight simplices: v_a (w . grad v_b) is of fifth degree.
constexpr int kDegree = 5;

template <int D, int N>
struct Sizes {
  static constexpr int dim = D, nodes = N;
};

// The inner loops are compiled for each kind of cell.
template <class Visit>
void with_sizes(int dim, int nodes, Visit visit) {
  if (dim == 3) return visit(Sizes<3, 10>());
  if (nodes == 6) return visit(Sizes<2, 6>());
  visit(Sizes<2, 9>());
}

// What a cell's kernels see.
template <int D>
struct CellPoints {
  int points;
  const double *value, *slope, *weights, *inverses;
  const double* inverse(int q) const { return inverses + std::size_t(q) * D * D; }
};

// block(a, b) += integral of v_a (w . grad v_b)
template <int D, int N>
void add_convection(const CellPoints<D>& cell, const double* w, double* block) {
  for (int q = 0; q < cell.points; ++q) {
    const double *value = cell.value + q * N, *slope = cell.slope + std::size_t(q) * N * D, *inverse = cell.inverse(q);
    std::array<double, D> wind{}, along{};
    for (int b = 0; b < N; ++b) {
      for (int k = 0; k < D; ++k) wind[k] += value[b] * w[b * D + k];
    }
    for (int d = 0; d < D; ++d) {  // in reference coordinates, so that no gradient is mapped
      for (int k = 0; k < D; ++k) along[d] += cell.weights[q] * inverse[d * D + k] * wind[k];
    }
    std::array<double, N> carried{};
    for (int b = 0; b < N; ++b) {
      for (int d = 0; d < D; ++d) carried[b] += along[d] * slope[b * D + d];
    }
    for (int a = 0; a < N; ++a) {
      for (int b = 0; b < N; ++b) block[a * N + b] += value[a] * carried[b];
    }
  }
}

// blocks[k D + l](a, b) += integral of v_a v_b dw_k/dx_l
template <int D, int N>
void add_convection_by(const CellPoints<D>& cell, const double* w, double* blocks) {
  for (int q = 0; q < cell.points; ++q) {
    const double *value = cell.value + q * N, *slope = cell.slope + std::size_t(q) * N * D, *inverse = cell.inverse(q);
    std::array<double, D * D> by_reference{}, gradient{};
    for (int b = 0; b < N; ++b) {
      for (int k = 0; k < D; ++k) {
        for (int d = 0; d < D; ++d) by_reference[k * D + d] += w[b * D + k] * slope[b * D + d];
      }
    }
    for (int k = 0; k < D; ++k) {
      for (int l = 0; l < D; ++l) {
        for (int d = 0; d < D; ++d) gradient[k * D + l] += by_reference[k * D + d] * inverse[d * D + l];
      }
    }
    for (int kl = 0; kl < D * D; ++kl) {
      for (int a = 0; a < N; ++a) {
        const double factor = cell.weights[q] * gradient[kl] * value[a];
        for (int b = 0; b < N; ++b) blocks[(kl * N + a) * N + b] += factor * value[b];
      }
    }
  }
}

// Gradients of the shape functions at a point, (nodes, dim) [1/m].
template <int D, int N>
std::array<double, D * N> gradients(const CellPoints<D>& cell, int q) {
  const double *slope = cell.slope + std::size_t(q) * N * D, *inverse = cell.inverse(q);
  std::array<double, D * N> gradient{};
  for (int a = 0; a < N; ++a) {
    for (int k = 0; k < D; ++k) {
      for (int d = 0; d < D; ++d) gradient[a * D + k] += slope[a * D + d] * inverse[d * D + k];
    }
  }
  return gradient;
}

// (nodes, dim)
template <int D, int N>
std::array<double, D * N> gather(std::span<const Index> nodes, std::span<const double> w, Index num_nodes) {
  std::array<double, D * N> local;
  for (int a = 0; a < N; ++a) {
    for (int k = 0; k < D; ++k) local[a * D + k] = w[std::size_t(k) * num_nodes + nodes[a]];
  }
  return local;
}

}  // namespace

FlowForms::FlowForms(std::shared_ptr<const TaylorHood> space)
    : space_(std::move(space)), pattern_(point_matrix(*space_->mesh)), tables_(kNumCellTypes) {
  map_cells();
  find_places();
  assemble_constants();
}

void FlowForms::map_cells() {
  const Mesh& mesh = *space_->mesh;
  first_point_.push_back(0);
  for_each_cell(mesh, kDegree, [&](std::span<const Index>, const CellValues& v) {
    weights_.insert(weights_.end(), v.weights.begin(), v.weights.end());
    inverses_.insert(inverses_.end(), v.inverse.begin(), v.inverse.end());
    first_point_.push_back(static_cast<std::int64_t>(weights_.size()));
  });
  for (const CellType type : mesh.types()) {
    auto& table = tables_[static_cast<std::size_t>(type)];
    if (table) continue;
    const ShapeTable shapes = tabulate(type, kDegree);
    Table made{shapes.rule.size(), shapes.num_nodes, shape(type).num_corners, {}, {}, {}};
    for (int q = 0; q < made.points; ++q) {
      const Shapes corners = make_shapes(shape(type).linear, shapes.rule.point(q));
      made.value.insert(made.value.end(), shapes.at[q].values.begin(), shapes.at[q].values.end());
      made.slope.insert(made.slope.end(), shapes.at[q].gradients.begin(), shapes.at[q].gradients.end());
      made.pressure.insert(made.pressure.end(), corners.values.begin(), corners.values.end());
    }
    table = std::make_shared<const Table>(std::move(made));
  }
}

void FlowForms::find_places() {
  const Mesh& mesh = *space_->mesh;
  first_place_.push_back(0);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    for (const Index a : mesh.cell(c)) {
      const auto begin = pattern_.columns.begin() + pattern_.offsets[a];
      const auto end = pattern_.columns.begin() + pattern_.offsets[a + 1];
      for (const Index b : mesh.cell(c)) {
        places_.push_back(static_cast<Index>(std::lower_bound(begin, end, b) - pattern_.columns.begin()));
      }
    }
    first_place_.push_back(static_cast<std::int64_t>(places_.size()));
  }
  for (const Index node : space_->corner_of) {
    around_.push_row(std::span(pattern_.columns)
                         .subspan(pattern_.offsets[node], pattern_.offsets[node + 1] - pattern_.offsets[node]));
  }
}

// visit(sizes, cell's number, nodes, kernels' view, table)
template <class Visit>
void FlowForms::for_cells(Visit visit) const {
  const Mesh& mesh = *space_->mesh;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const Table& table = *tables_[static_cast<std::size_t>(mesh.type(c))];
    with_sizes(space_->dim, table.nodes, [&](auto sizes) {
      constexpr int kDim = decltype(sizes)::dim;
      const CellPoints<kDim> cell{table.points, table.value.data(), table.slope.data(), &weights_[first_point_[c]],
                                  &inverses_[first_point_[c] * kDim * kDim]};
      visit(sizes, c, mesh.cell(c), cell, table);
    });
  }
}

void FlowForms::assemble_constants() {
  mass_.assign(pattern_.columns.size(), 0.0);
  stiffness_.assign(pattern_.columns.size(), 0.0);
  divergence_.assign(around_.links.size() * space_->dim, 0.0);
  weights_of_pressures_.assign(space_->num_pressures, 0.0);
  for_cells([&](auto sizes, Index c, std::span<const Index> nodes, const auto& cell, const Table& table) {
    constexpr int kDim = decltype(sizes)::dim, kNodes = decltype(sizes)::nodes;
    const Index* places = &places_[first_place_[c]];
    for (int q = 0; q < cell.points; ++q) {
      const double* value = cell.value + q * kNodes;
      const auto gradient = gradients<kDim, kNodes>(cell, q);
      for (int a = 0; a < kNodes; ++a) {
        for (int b = 0; b < kNodes; ++b) {
          double dot = 0;
          for (int k = 0; k < kDim; ++k) dot += gradient[a * kDim + k] * gradient[b * kDim + k];
          mass_[places[a * kNodes + b]] += cell.weights[q] * value[a] * value[b];
          stiffness_[places[a * kNodes + b]] += cell.weights[q] * dot;
        }
      }
      for (int i = 0; i < table.corners; ++i) {
        const double weight = cell.weights[q] * table.pressure[q * table.corners + i];
        const Index pressure = space_->pressure_of[nodes[i]];
        weights_of_pressures_[pressure] += weight;
        // the corner's row of the pattern is the pressure's row of `around`
        const std::int64_t shift = around_.offsets[pressure] - pattern_.offsets[nodes[i]];
        for (int a = 0; a < kNodes; ++a) {
          double* entry = &divergence_[(places[i * kNodes + a] + shift) * kDim];
          for (int k = 0; k < kDim; ++k) entry[k] += weight * gradient[a * kDim + k];
        }
      }
    }
  });
}

std::vector<double> FlowForms::convection(std::span<const double> w) const {
  std::vector<double> values(pattern_.columns.size(), 0.0);
  for_cells([&](auto sizes, Index c, std::span<const Index> nodes, const auto& cell, const Table&) {
    constexpr int kDim = decltype(sizes)::dim, kNodes = decltype(sizes)::nodes;
    std::array<double, kNodes * kNodes> block{};
    add_convection<kDim, kNodes>(cell, gather<kDim, kNodes>(nodes, w, space_->num_nodes).data(), block.data());
    const Index* places = &places_[first_place_[c]];
    for (int i = 0; i < kNodes * kNodes; ++i) values[places[i]] += block[i];
  });
  return values;
}

std::vector<std::vector<double>> FlowForms::convection_by(std::span<const double> w) const {
  const int blocks = space_->dim * space_->dim;
  std::vector<std::vector<double>> values(blocks, std::vector<double>(pattern_.columns.size(), 0.0));
  for_cells([&](auto sizes, Index c, std::span<const Index> nodes, const auto& cell, const Table&) {
    constexpr int kDim = decltype(sizes)::dim, kNodes = decltype(sizes)::nodes;
    std::array<double, kDim * kDim * kNodes * kNodes> local{};
    add_convection_by<kDim, kNodes>(cell, gather<kDim, kNodes>(nodes, w, space_->num_nodes).data(), local.data());
    const Index* places = &places_[first_place_[c]];
    for (int kl = 0; kl < kDim * kDim; ++kl) {
      for (int i = 0; i < kNodes * kNodes; ++i) values[kl][places[i]] += local[kl * kNodes * kNodes + i];
    }
  });
  return values;
}

void FlowForms::add_divergence(std::span<const double> u, double factor, std::span<double> y) const {
  const int dim = space_->dim;
  for (Index c = 0; c < space_->num_pressures; ++c) {
    double sum = 0;
    for (auto link = around_.offsets[c]; link < around_.offsets[c + 1]; ++link) {
      for (int k = 0; k < dim; ++k) sum += divergence_[link * dim + k] * u[space_->velocity(around_.links[link], k)];
    }
    y[c] += factor * sum;
  }
}

void FlowForms::add_gradient(std::span<const double> p, double factor, std::span<double> y) const {
  const int dim = space_->dim;
  for (Index c = 0; c < space_->num_pressures; ++c) {
    for (auto link = around_.offsets[c]; link < around_.offsets[c + 1]; ++link) {
      for (int k = 0; k < dim; ++k) {
        y[space_->velocity(around_.links[link], k)] += factor * p[c] * divergence_[link * dim + k];
      }
    }
  }
}

void add_product(const SparseMatrix& pattern, std::span<const double> values, int dim, std::span<const double> x,
                 double factor, std::span<double> y) {
  const std::size_t n = pattern.rows();
  for (std::size_t i = 0; i < n; ++i) {
    std::array<double, 3> sum{};
    for (auto entry = pattern.offsets[i]; entry < pattern.offsets[i + 1]; ++entry) {
      for (int k = 0; k < dim; ++k) sum[k] += values[entry] * x[k * n + pattern.columns[entry]];
    }
    for (int k = 0; k < dim; ++k) y[k * n + i] += factor * sum[k];
  }
}

}  // namespace cotan

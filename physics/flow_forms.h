#pragma once
#include <memory>
#include <span>
#include <vector>

#include "physics/sparse.h"
#include "physics/taylor_hood.h"

namespace cotan {

/// The bilinear forms of incompressible flow on a Taylor-Hood pair. All components of the velocity share one matrix
/// over the nodes, whose values are made here on one pattern; the divergence has its own. Patterns, places of the
/// cells' entries and the map of each cell are computed once.
class FlowForms {
 public:
  explicit FlowForms(std::shared_ptr<const TaylorHood> space);

  const TaylorHood& space() const { return *space_; }
  const SparseMatrix& pattern() const { return pattern_; }             ///< (nodes, nodes), zeros
  const std::vector<double>& mass() const { return mass_; }            ///< integral of v_a v_b, on the pattern
  const std::vector<double>& stiffness() const { return stiffness_; }  ///< integral of grad v_a . grad v_b
  /// Integral of v_a (w . grad v_b), on the pattern. \param w (dim, nodes) velocity [m/s]
  std::vector<double> convection(std::span<const double> w) const;
  /// Integral of v_a v_b dw_k/dx_l, on the pattern, at [k dim + l]: what Newton's method adds to the convection.
  std::vector<std::vector<double>> convection_by(std::span<const double> w) const;

  const Adjacency& around() const { return around_; }  ///< pressure -> nodes of the cells around it, sorted
  /// Integral of q_c dv_j/dx_l for the link (c, j) of `around`, at [link * dim + l].
  const std::vector<double>& divergence() const { return divergence_; }
  const std::vector<double>& pressure_weights() const { return weights_of_pressures_; }  ///< integral of q_c

  /// y += D u, (pressures): the divergence of u (dim, nodes) weighted with each q_c.
  void add_divergence(std::span<const double> u, double factor, std::span<double> y) const;
  /// y += factor D^T p, (dim, nodes).
  void add_gradient(std::span<const double> p, double factor, std::span<double> y) const;

 private:
  struct Table;  // shape functions of a cell type at its quadrature points
  template <class Visit>
  void for_cells(Visit visit) const;
  void map_cells();
  void find_places();
  void assemble_constants();

  std::shared_ptr<const TaylorHood> space_;
  SparseMatrix pattern_;
  std::vector<double> mass_, stiffness_, divergence_, weights_of_pressures_;
  Adjacency around_;
  std::vector<std::shared_ptr<const Table>> tables_;  // by cell type
  std::vector<std::int64_t> first_point_;             // cell -> its first quadrature point
  std::vector<double> weights_, inverses_;            // by quadrature point: weight, inverse of the map (dim, dim)
  std::vector<std::int64_t> first_place_;             // cell -> its first entry in places_
  std::vector<Index> places_;                         // (a, b) of a cell -> place in the pattern's values
};

/// y = A x for a matrix over the nodes and each component of x (dim, nodes), times `factor`, added to y.
void add_product(const SparseMatrix& pattern, std::span<const double> values, int dim, std::span<const double> x,
                 double factor, std::span<double> y);

}  // namespace cotan

#pragma once
#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "mesh/case.h"
#include "physics/coefficient.h"
#include "physics/sparse.h"
#include "physics/taylor_hood.h"

namespace cotan {

/// A side where the velocity's component along the outward normal is given: slip where it is 0.
struct NormalSide {
  std::vector<Facet> facets;
  Coefficient value;  ///< [m/s]
};

/// What the sides fix of the velocity at the nodes: components along given directions. At a node that several sides
/// share all of them hold as far as they are independent: given components first, then normals. The normal at a node is
/// the mean of those of the slip sides' facets there, weighted with their size; at a corner of more than 40 degrees the
/// sides count one by one, so that a corner of two slip walls is at rest.
class VelocityConstraints {
 public:
  /// \param fixed given components, each node and component at most once
  VelocityConstraints(std::shared_ptr<const TaylorHood> space, const std::vector<Prescription>& fixed,
                      const std::vector<NormalSide>& normals, const std::map<std::string, double>& parameters);

  /// Sets what is given at time t in x (dim, nodes); free directions stay.
  void impose(double t, std::span<double> x) const;
  /// Turns the rows of momentum at constrained nodes into its parts in the free directions, and 0 for the others.
  void restrict_rows(std::span<double> residual) const;
  /// The same for what a matrix made of x: rows of given directions become x's component along them.
  void restrict_product(std::span<const double> x, std::span<double> product) const;
  /// The same for the rows of a matrix. \pre rows of nodes that `turned` names have the columns of all components
  void restrict_matrix(SparseMatrix& matrix) const;

  /// (nodes): 1 where a constrained direction is not that of an axis.
  std::vector<char> turned() const;
  /// Whether every node of the facet has its velocity along the facet's normal given: nothing flows freely through it.
  bool closes(Facet facet) const;

 private:
  using Vector = std::array<double, 3>;
  struct Node {
    Index node;
    int count = 0;                     // of constrained directions
    bool along_axes = true;            // whether those are all of axes
    std::array<Vector, 3> axes{};      // orthonormal: constrained directions, then free ones
    std::array<int, 3> row{};          // the component whose row a direction takes
    std::array<Index, 3> given{};      // places of the given values
    std::array<Vector, 3> from_given;  // component along a constrained direction, by the given values
  };
  /// Values that one formula gives.
  struct Source {
    Coefficient value;
    Index first;                 // place of its first value
    std::vector<double> points;  // (values, dim) [m]
  };

  void constrain(Index node, Vector direction, Index given);
  void add_fixed(const std::vector<Prescription>& fixed, const std::map<std::string, double>& parameters);
  void add_normals(const std::vector<NormalSide>& normals);
  void complete_axes();
  void evaluate(double t, bool moving, std::vector<double>& given) const;

  std::shared_ptr<const TaylorHood> space_;
  std::vector<Node> nodes_;
  std::vector<Index> number_of_;  // node -> its number in nodes_; -1: free
  std::vector<Source> sources_;
  std::vector<double> given_;  // all given values; of sources that move those at the time they were last asked for
};

}  // namespace cotan

#pragma once
#include <span>
#include <vector>

#include "mesh/periodic.h"

namespace cotan {

/// The convective term (b . grad u, w) of fields on nodal elements, b and u by their values at the nodes, integrated
/// exactly on linear simplices and by a rule of third degree in other cells. Shape functions are kept: an application
/// costs a few operations a node of a cell.
class Convection {
 public:
  Convection(const Mesh& mesh, const Unknowns& unknowns);
  /// out[i] += factor (b . grad u[i], w) for every field. \param b by coordinate, u by field: values at the unknowns
  void add(double factor, std::span<const std::vector<double>> b, std::span<const std::vector<double>> u,
           std::span<std::vector<double>> out) const;
  /// Largest |b| h / diffusivity and |b| / h over the cells, h the length of a cell along b: what a Peclet number (half
  /// of the first) and a Courant number (the second times a step) are made of.
  struct Speed {
    double speed_length = 0, speed_over_length = 0;
  };
  Speed largest(std::span<const std::vector<double>> b) const;

 private:
  // Cells of one kind: number of nodes, quadrature points, and shape functions of each.
  struct Group {
    bool simplex = false;
    int nodes = 0, points = 0, cell_dim = 0;
    std::vector<Index> unknowns;    // (cells, nodes)
    std::vector<double> gradients;  // (cells, points, nodes, dim) [1/m]; one point for a simplex
    std::vector<double> weights;    // (cells, points): for a simplex its volume
    std::vector<double> values;     // (points, nodes)
    std::size_t size() const { return unknowns.size() / nodes; }
  };
  void add_simplices(const Group& group, double factor, std::span<const std::vector<double>> b,
                     std::span<const std::vector<double>> u, std::span<std::vector<double>> out) const;
  void add_others(const Group& group, double factor, std::span<const std::vector<double>> b,
                  std::span<const std::vector<double>> u, std::span<std::vector<double>> out) const;

  int dim_;
  std::vector<Group> groups_;
};

}  // namespace cotan

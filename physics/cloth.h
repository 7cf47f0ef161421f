#pragma once
#include <array>
#include <span>
#include <vector>

#include "physics/problem.h"

namespace cotan {

/// A sheet as masses at points, springs along the edges of its triangles and hinges between them, in gravity. Springs
/// are as stiff as their triangles' material (\cite vangelder1998). A hinge has the energy bending (length angle)^2 / 2
/// over the area of its triangles, which bends regular sheets as a plate (\cite seung1988), in a form quadratic in the
/// position that is blind to shifts and nothing where the sheet is flat (\cite bergou2006). Steps are Stormer and
/// Verlet's, as many in one as stability wants.
class Cloth {
 public:
  struct Material {
    double density = 0;     ///< [kg/m^2]
    double stretching = 0;  ///< Young's modulus times thickness [N/m]
    double bending = 0;     ///< [N m]
    double damping = 0;     ///< of the velocity [1/s]
    std::array<double, 3> gravity{};
  };
  /// \param mesh triangles in space, at rest \param held (points, 3): components that do not move by themselves
  Cloth(const Mesh& mesh, Material material, std::vector<char> held);

  /// Accelerations (points, 3) at positions and velocities, 0 where held.
  std::vector<double> acceleration(std::span<const double> position, std::span<const double> velocity) const;
  /// Kinetic, of springs, of bending and of height [J].
  double energy(std::span<const double> position, std::span<const double> velocity) const;
  /// The longest stable step [s].
  double stable_step() const { return stable_step_; }

 private:
  struct Spring {
    Index a, b;
    double length, stiffness;
  };
  // Two triangles that meet at an edge: the sum of factor times position is the edge's length times the angle between
  // them, across the edge.
  struct Hinge {
    std::array<Index, 4> points;
    std::array<double, 4> factors;
    double weight;  // of the energy, half of weight times the square [N/m]
  };
  void add_springs(const Mesh& mesh);
  void add_hinges(const Mesh& mesh);
  void bound_step();

  Material material_;
  std::vector<char> held_;
  std::vector<double> mass_;
  std::vector<Spring> springs_;
  std::vector<Hinge> hinges_;
  double stable_step_ = 0;
};

/// The row of the table of problems.
Problem cloth_problem();

}  // namespace cotan

#pragma once
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "physics/coefficient.h"
#include "physics/problem.h"
#include "physics/sparse.h"

namespace cotan {

/// Sides with a natural condition: diffusivity du/dn = flux + robin_coefficient (robin_ambient - u).
struct NaturalSide {
  std::vector<Facet> facets;
  Coefficient flux, robin_coefficient, robin_ambient;
};

/// Adds the integral of robin_coefficient u w over the side. \pre the matrix has the pattern of the mesh's points
void add_robin(const Mesh& mesh, const NaturalSide& side, int degree, double t, SparseMatrix& stiffness);
/// Adds the integral of (flux + robin_coefficient robin_ambient) w over the side. \param load (points)
void add_side_load(const Mesh& mesh, const NaturalSide& side, int degree, double t, std::vector<double>& load);

/// A formula of the case, in x, y, z, t and the parameters; `absent` where the node is null.
Coefficient read_coefficient(const Config& node, const std::map<std::string, double>& parameters,
                             double low = -std::numeric_limits<double>::infinity(), double absent = 0);

/// The natural conditions of one component of a field that the sides give as `flux`, `robin_coefficient` and
/// `robin_ambient` behind a prefix ("u_"; "" for these words alone). Where sides of several entries coincide, the later
/// entry wins. \throw InputError for a coefficient without ambient, values and fluxes of one component on one side, and
/// points without sides
std::vector<NaturalSide> natural_sides(const ProblemInput& input, const Boundary& boundary, const FieldSpec& field,
                                       int component, const std::string& prefix);
/// Notes the sides that nothing is said of. \param what holds there: "no diffusive flux"
void note_free_sides(const Boundary& boundary, const std::string& what, std::vector<std::string>& notes);

}  // namespace cotan

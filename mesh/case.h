#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/expression.h"
#include "mesh/field.h"
#include "mesh/periodic.h"
#include "mesh/prescribed_masks.h"
#include "mesh/roles.h"

namespace cotan {

/// A value that a case may give as a number or as a distribution to draw from.
struct ParameterRange {
  enum class Kind : std::uint8_t { uniform, log_uniform, normal, choice, in_turn };
  Kind kind = Kind::uniform;
  double low = 0, high = 0;  ///< ends; of `normal` mean and standard deviation
  std::vector<double> choices =
      {};  ///< of `choice`, and of `in_turn`, whose draw i has entry i, from the start again after the last
  bool fixed() const { return kind == Kind::normal ? high == 0 : low == high; }
  double at(double share) const;  ///< the value below which that share of the distribution lies, in [0, 1)
};

/// How draws share the ranges out: each by itself; a Latin hypercube, of which N draws are in each of N equally likely
/// parts of every range once (\cite mckay1979); Sobol's sequence, turned at random.
enum class Design : std::uint8_t { random, latin_hypercube, sobol };

/// One side of a case: which part of the mesh, its role, and what holds there.
struct BoundaryEntry {
  std::string selector;   ///< set name or number, or the text of `where`
  bool by_where = false;  ///< selector is an expression in x, y, z: true where not 0
  bool by_role = false;   ///< selector is a role name: points whose archive role it is
  Role role = Role::wall;
  std::string partner = {};  ///< of a periodic side: the other one, a set or with by_where an expression; else empty
  std::map<std::string, std::vector<Config>> values;  ///< field or condition name -> its expressions, unparsed
  Config source;                                      ///< for messages
};

/// `case.yaml`, parsed: what a user would otherwise click together. Mesh, problem and network are not touched.
struct Case {
  Config source;        ///< the whole file, for messages and the echo
  Config mesh;          ///< scalar path, or a map such as {gmsh: file.geo, size: 0.02}
  std::string problem;  ///< empty in a case for a learned rollout
  std::map<std::string, ParameterRange> parameters;
  Design design = Design::random;
  std::uint64_t design_size = 1;          ///< draws of a hypercube
  double step = 0, end = 0;               ///< [s]; 0 where the case has no `time`
  int every = 1;                          ///< steps between written frames
  Config initial;                         ///< field -> expressions, or a random state
  std::vector<BoundaryEntry> boundary;    ///< in the file's order: later ones win where sides meet
  std::string format;                     ///< what simulate writes unless told: pvd, archive, or empty (archive)
  Config output_fields;                   ///< list of names that simulate writes; null: all
  Config output_mesh = Config()["none"];  ///< what simulate writes on, as `mesh`; null: on that
  bool output_nearest = false;            ///< from the nearest points, not by linear interpolation
  Config options;                         ///< problem-specific `options:` map
};

/// docs/case.md lists the keys.
/// \throw InputError naming line and key: unknown keys (with those there are), wrong kinds, values out of range
Case parse_case(const Config& config);
/// The `boundary:` of a case or of a training configuration: a map from set name to entry, or a list of entries, each
/// with one of `set`, `where`, `role_is`. In a map these may stand in an entry too; its key is then a free label.
/// \throw InputError naming line and key
std::vector<BoundaryEntry> parse_boundary(const Config& config);

/// A parameter's entry: a number, or one of uniform, log_uniform, normal, choice, in_turn. \throw InputError naming
/// line and key
ParameterRange parse_parameter(const Config& node);
/// The entry `draws` of a case: random, sobol or {latin_hypercube: N}. \pre the parameters are parsed
void parse_design(const Config& node, Case& spec);
/// The parameters of one draw; fixed values, or drawn from the ranges by (seed, draw) alone.
std::map<std::string, double> draw_parameters(const Case& spec, std::uint64_t seed, std::uint64_t draw);

/// A boundary entry found on a mesh.
struct ResolvedSide {
  std::vector<Facet> facets;   ///< of a facet set or `where` (boundary sides all of whose corners satisfy it)
  std::vector<Index> points;   ///< nodes, sorted
  const BoundaryEntry* entry;  ///< into the case; the case outlives this
};

struct Boundary {
  std::vector<ResolvedSide> sides;  ///< aligned with the entries
  std::vector<Role> roles;  ///< (num_points); later entries win. Unnamed boundary points: the archive's, or `other`
  std::vector<Facet> uncovered;             ///< boundary sides that no entry names
  std::vector<PeriodicPair> periodic = {};  ///< sides that are glued
};

/// The points of periodic sides have the role of their entry (interior unless said) where no other entry names them.
/// `where` chooses among boundary points (on a surface in space: among all); sides are those with every corner chosen.
/// \param archive_roles (num_points) or empty: for selectors by role.
/// \throw InputError for a selector that matches nothing, listing what there is with sizes; for periodic sides that do
/// not match
Boundary resolve_boundary(const Mesh& mesh, const std::vector<BoundaryEntry>& entries,
                          std::span<const Role> archive_roles = {});

/// One prescribed component on some points, value by formula.
struct Prescription {
  std::string field;
  int component;
  std::vector<Index> points;  ///< sorted
  Expression value;           ///< in kSpaceTime and the parameters
  std::string where = {};     ///< file, line and key, for messages
};
/// The variables of a case's expressions: x, y, z, t, then the parameters by name.
std::vector<std::string> case_variables(const std::map<std::string, double>& parameters);
/// Expressions of a config node (a scalar, or a list of them), parsed. \throw InputError with line and column
std::vector<Expression> parse_expressions(const Config& node, int components,
                                          const std::map<std::string, double>& parameters);
std::vector<Expression> parse_expressions(const std::vector<Config>& nodes, int components,
                                          const std::map<std::string, double>& parameters, const Config& where);
/// Dirichlet data of the sides for the given fields, in the order of the case; a point that several sides name for
/// the same component stands only in the last of them. A component given as `null` is left free. Entries under other
/// names than a field's (`field_normal: "0"` for slip, fluxes) are the problem's and not here.
std::vector<Prescription> prescriptions(const Boundary& boundary, std::span<const FieldSpec> fields,
                                        const std::map<std::string, double>& parameters);

/// Which components those prescriptions fix at which points of the mesh.
PrescribedMasks prescribed_masks(std::span<const Prescription> given, std::span<const FieldSpec> fields,
                                 Index num_points);

/// Values of expressions (components) at the given points of a mesh: (points, components) row-major.
/// \throw InputError where a value is not finite, naming expression, point, coordinates and time
std::vector<double> evaluate(const std::vector<Expression>& expressions, const Mesh& mesh,
                             std::span<const Index> points, double t, const std::map<std::string, double>& parameters,
                             const std::string& where);

}  // namespace cotan

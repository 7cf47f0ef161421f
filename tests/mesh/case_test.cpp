#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/generate.h"
#include "tests/mesh/case_text.h"

namespace cotan {
namespace {

using namespace testing_case;
using testing::AllOf;
using testing::HasSubstr;
using Values = std::map<std::string, double>;

constexpr const char* kChannel = R"yaml(mesh: channel.msh
problem: advection_diffusion
parameters: {viscosity: 1.0e-3, speed: {uniform: [1, 2]}, rate: {log_uniform: [1e-4, 1e-2]}}
time: {step: 0.25, end: 3.0, every: 4}
initial: {velocity: ["0", "0"]}
boundary:
  left: {role: inflow, velocity: ["4*speed*y*(1-y)", 0]
}
  bottom: {role: wall, velocity: [0, 0]}
  top: {role: wall, velocity: [0, 0]}
output: {format: pvd, fields: [velocity]}
options: {theta: 0.5}
)yaml";

Boundary resolve(const Mesh& mesh, const std::vector<BoundaryEntry>& entries) {
  return resolve_boundary(mesh, entries);
}

std::vector<BoundaryEntry> entries(const std::string& text) {
  return parse_boundary(Config::parse_text(text, "case.yaml"));
}

double length(const Mesh& mesh, const std::vector<Facet>& facets) {
  double sum = 0;
  for (const Facet facet : facets) {
    const auto corners = facet_corners(mesh, facet);
    const auto a = mesh.point(corners[0]), b = mesh.point(corners[1]);
    sum += std::hypot(b[0] - a[0], b[1] - a[1]);
  }
  return sum;
}

TEST(Case, ReadsEveryKey) {
  const Case spec = parse(kChannel);
  EXPECT_EQ(spec.mesh.text(), "channel.msh");
  EXPECT_EQ(spec.problem, "advection_diffusion");
  EXPECT_TRUE(spec.parameters.at("viscosity").fixed());
  EXPECT_EQ(spec.parameters.at("speed").low, 1);
  EXPECT_EQ(spec.parameters.at("speed").high, 2);
  EXPECT_EQ(spec.parameters.at("rate").kind, ParameterRange::Kind::log_uniform);
  EXPECT_EQ(spec.step, 0.25);
  EXPECT_EQ(spec.end, 3);
  EXPECT_EQ(spec.every, 4);
  ASSERT_EQ(spec.boundary.size(), 3u);
  EXPECT_EQ(spec.boundary[0].selector, "left");
  EXPECT_EQ(spec.boundary[0].role, Role::inflow);
  EXPECT_EQ(spec.boundary[2].selector, "top");
  EXPECT_EQ(spec.boundary[0].values.at("velocity").size(), 2u);
  EXPECT_TRUE(spec.initial.has("velocity"));
  EXPECT_EQ(spec.options["theta"].number(), 0.5);
}

TEST(Case, OnlyTheMeshIsNeeded) {
  const Case spec = parse("mesh: a.msh\n");
  EXPECT_EQ(spec.problem, "");
  EXPECT_EQ(spec.step, 0);
  EXPECT_TRUE(spec.boundary.empty());
  EXPECT_EQ(spec.format, "");
  EXPECT_EQ(spec.output_fields.kind(), Config::Kind::null);
}

TEST(Case, RefusesWithLineKeyAndWhatThereIs) {
  EXPECT_THAT(refusal("mesh: a.msh\nproblm: heat\n"),
              AllOf(HasSubstr("case.yaml"), HasSubstr("2"), HasSubstr("problm"), HasSubstr("did you mean 'problem'")));
  EXPECT_THAT(refusal("problem: heat\n"), HasSubstr("mesh"));
  EXPECT_THAT(refusal("mesh: [a]\n"), AllOf(HasSubstr("case.yaml:1"), HasSubstr("file name")));
  EXPECT_THAT(refusal("mesh: a\nmesh: b\n"), AllOf(HasSubstr("case.yaml:2"), HasSubstr("mesh")));
  EXPECT_THAT(refusal("mesh: a\ntime: {step: 0, end: 1}\n"), AllOf(HasSubstr("time.step"), HasSubstr("above 0")));
  EXPECT_THAT(refusal("mesh: a\ntime: {step: 1, end: 0.5}\n"), AllOf(HasSubstr("time.end"), HasSubstr("at least")));
  EXPECT_THAT(refusal("mesh: a\ntime: {step: 1}\n"), HasSubstr("end"));
  EXPECT_THAT(refusal("mesh: a\ntime: {step: 1e-9, end: 10}\n"), AllOf(HasSubstr("time.end"), HasSubstr("steps")));
  EXPECT_THAT(refusal("mesh: a\ntime: {step: 1, end: 2, every: 0}\n"), HasSubstr("time.every"));
  EXPECT_THAT(refusal("mesh: a\noutput: {fomat: pvd}\n"), HasSubstr("did you mean 'format'"));
  EXPECT_THAT(refusal("mesh: a\noutput: {format: pvdd}\n"), AllOf(HasSubstr(":2"), HasSubstr("did you mean 'pvd'")));
  EXPECT_THAT(refusal("mesh: a\noutput: {fields: u}\n"), HasSubstr("a list of names"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {nu: {uniform: [2, 1]}}\n"),
              AllOf(HasSubstr("parameters.nu.uniform"), HasSubstr("low 2 is above high 1")));
  EXPECT_THAT(refusal("mesh: a\nparameters: {nu: {uniform: [1]}}\n"), HasSubstr("expected two"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {nu: {log_uniform: [0, 1]}}\n"), HasSubstr("out of range"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {nu: {unifrm: [0, 1]}}\n"), HasSubstr("did you mean 'uniform'"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {nu: .inf}\n"), HasSubstr("parameters.nu"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {t: 1}\n"), HasSubstr("taken"));
  EXPECT_THAT(refusal("mesh: a\nparameters: {a-b: 1}\n"), HasSubstr("is no name"));
}

TEST(Case, RefusesWrongBoundaries) {
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: {role: inflw}\n"),
              AllOf(HasSubstr("boundary.in.role"), HasSubstr("did you mean 'inflow'")));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: {role: 9}\n"), HasSubstr("boundary.in.role"));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: wall\n"),
              AllOf(HasSubstr("case.yaml:3"), HasSubstr("a map with a role")));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: {where: \"x < \"}\n"), HasSubstr("boundary.in.where"));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: {where: \"u < 1\"}\n"), HasSubstr("there are: x, y, z"));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: {where: \"x < 1\", set: left}\n"), HasSubstr("found 2"));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  - {role: wall}\n"), HasSubstr("expected one of set, where, role_is"));
  EXPECT_THAT(refusal("mesh: a\nboundary:\n  in: {velocity: {a: 1}}\n"), HasSubstr("boundary.in.velocity"));
  EXPECT_THAT(refusal("mesh: a\nboundary: left\n"), HasSubstr("case.yaml:2"));
}

TEST(ResolveBoundary, BySetLaterEntriesWin) {
  const Mesh mesh = rectangle(4, 2, {2, 1});
  const auto found = entries("left: {role: inflow}\nbottom: {role: wall}\nright: {role: outflow}\n");
  const Boundary boundary = resolve(mesh, found);
  ASSERT_EQ(boundary.sides.size(), 3u);
  EXPECT_NEAR(length(mesh, boundary.sides[0].facets), 1, 1e-14);
  EXPECT_NEAR(length(mesh, boundary.sides[1].facets), 2, 1e-14);
  EXPECT_NEAR(length(mesh, boundary.uncovered), 2, 1e-14);  // the top
  EXPECT_EQ(boundary.sides[0].points.size(), 3u);
  for (Index p = 0; p < mesh.num_points(); ++p) {
    const double x = mesh.point(p)[0], y = mesh.point(p)[1];
    const Role expected = x == 2   ? Role::outflow
                          : y == 0 ? Role::wall
                          : x == 0 ? Role::inflow
                          : y == 1 ? Role::other
                                   : Role::interior;
    EXPECT_EQ(boundary.roles[p], expected) << x << " " << y;
  }
}

TEST(ResolveBoundary, ByNumber) {
  MeshData data = rectangle(2, 2).data();
  data.facet_sets["physical_5"] = data.facet_sets.at("left");
  data.numbers["physical_5"] = 5;
  data.numbers["right"] = 7;
  const Mesh mesh(data);
  for (const char* name : {"5", "physical_5"}) {
    const auto found = entries(std::string(name) + ": {role: wall}\n");
    EXPECT_EQ(resolve(mesh, found).sides[0].facets, data.facet_sets.at("left")) << name;
  }
  const auto named = entries("- {set: 7, role: wall}\n");
  EXPECT_EQ(resolve(mesh, named).sides[0].facets, data.facet_sets.at("right"));
}

TEST(ResolveBoundary, ByFormulaTakesBoundaryPointsAndWholeSides) {
  const Mesh mesh = rectangle(4, 4);
  const auto found = entries("all: {where: 1, role: wall}\nhalf: {where: \"x < 0.3\", role: inflow}\n");
  const Boundary boundary = resolve(mesh, found);
  EXPECT_EQ(boundary.sides[0].points.size(), 16u);
  EXPECT_NEAR(length(mesh, boundary.sides[0].facets), 4, 1e-14);
  EXPECT_EQ(boundary.sides[1].points.size(), 7u);  // x = 0 and x = 1/4 on the border
  EXPECT_NEAR(length(mesh, boundary.sides[1].facets), 1 + 2 * 0.25, 1e-14);
  EXPECT_TRUE(boundary.uncovered.empty());
}

TEST(ResolveBoundary, ByFormulaOnASurfaceTakesAllPoints) {
  const Mesh mesh = sphere_surface(2);
  const auto found = entries("cap: {where: \"z > 0.5\", role: handle}\n");
  const Boundary boundary = resolve(mesh, found);
  EXPECT_FALSE(boundary.sides[0].points.empty());
  for (Index p = 0; p < mesh.num_points(); ++p) {
    EXPECT_EQ(boundary.roles[p], mesh.point(p)[2] > 0.5 ? Role::handle : Role::interior);
  }
}

TEST(ResolveBoundary, SecondOrderNodesBelongToTheirSides) {
  const Mesh mesh = rectangle(2, 2, {1, 1}, CellType::triangle6);
  const auto found = entries("left: {role: wall}\n");
  EXPECT_EQ(resolve(mesh, found).sides[0].points.size(), 5u);
}

TEST(ResolveBoundary, ByArchiveRole) {
  const Mesh mesh = rectangle(2, 2);
  std::vector<Role> roles(mesh.num_points(), Role::interior);
  for (Index p : mesh.points_of("left")) roles[p] = Role::inflow;
  const auto found = entries("- {role_is: inflow, velocity: 1}\n");
  const Boundary boundary = resolve_boundary(mesh, found, roles);
  EXPECT_EQ(boundary.sides[0].points, mesh.points_of("left"));
  EXPECT_EQ(boundary.sides[0].facets, mesh.facets_of("left"));
  EXPECT_EQ(boundary.roles, roles);
  const auto by_number = entries("- {role_is: 4}\n");
  EXPECT_EQ(resolve_boundary(mesh, by_number, roles).sides[0].points, mesh.points_of("left"));
  EXPECT_THAT(message([&] { resolve_boundary(mesh, entries("- {role_is: airfoil}\n"), roles); }),
              AllOf(HasSubstr("airfoil"), HasSubstr("inflow 3 points"), HasSubstr("interior 6 points")));
  EXPECT_THAT(message([&] { resolve(mesh, found); }), HasSubstr("needs an archive with roles"));
}

TEST(ResolveBoundary, NamesWhatThereIsWhereNothingMatches) {
  const Mesh mesh = rectangle(2, 2);
  EXPECT_THAT(
      message([&] { resolve(mesh, entries("lft: {role: wall}\n")); }),
      AllOf(HasSubstr("case.yaml:1"), HasSubstr("lft"), HasSubstr("did you mean 'left'"), HasSubstr("bottom 2 sides")));
  EXPECT_THAT(message([&] { resolve(mesh, entries("out: {where: \"x > 3\", role: wall}\n")); }),
              AllOf(HasSubstr("x > 3"), HasSubstr("8 boundary points"), HasSubstr("x 0 to 1")));
  EXPECT_THAT(message([&] { resolve(mesh, entries("out: {where: \"log(x)\"}\n")); }),
              AllOf(HasSubstr("log(x)"), HasSubstr("point")));
}

TEST(Prescriptions, TheLastSideWinsByComponent) {
  const Mesh mesh = rectangle(2, 2);
  const auto found = entries(
      "left: {velocity: [speed, 2]}\nbottom: {velocity: [3, null]}\nright: {velocity_normal: 0}\ntop: {flux: 1}\n");
  const Boundary boundary = resolve(mesh, found);
  const std::vector<FieldSpec> fields = {{"velocity", 2, On::points, "m/s"}};
  const Values parameters = {{"speed", 5}};
  std::map<std::pair<Index, int>, double> values;
  for (const auto& p : prescriptions(boundary, fields, parameters)) {
    EXPECT_EQ(p.field, "velocity");
    EXPECT_TRUE(std::is_sorted(p.points.begin(), p.points.end()));
    const auto v = evaluate({p.value}, mesh, p.points, 0, parameters, "test");
    for (std::size_t i = 0; i < v.size(); ++i) {
      EXPECT_TRUE(values.insert({{p.points[i], p.component}, v[i]}).second) << "a point twice";
    }
  }
  EXPECT_EQ(values.size(), 3u + 3u + 2u);
  for (const auto& [where, value] : values) {
    const bool on_bottom = mesh.point(where.first)[1] == 0;
    EXPECT_EQ(value, where.second == 1 ? 2 : on_bottom ? 3 : 5);
  }
}

TEST(Prescriptions, RefuseTheWrongNumberOfComponents) {
  const Mesh mesh = rectangle(2, 2);
  const auto found = entries("left: {velocity: 1}\n");
  const Boundary boundary = resolve(mesh, found);
  const std::vector<FieldSpec> fields = {{"velocity", 2, On::points, "m/s"}};
  EXPECT_THAT(message([&] { prescriptions(boundary, fields, {}); }),
              AllOf(HasSubstr("left.velocity"), HasSubstr("1 expressions found, 2 expected")));
}

TEST(Evaluate, FormulasInSpaceTimeAndParameters) {
  const Mesh mesh = rectangle(3, 2);
  const Values parameters = {{"a", 2}, {"b", 3}};
  const auto f = parse_expressions(Config::parse_text("[a*x + y, t - b*y]"), 2, parameters);
  std::vector<Index> all(mesh.num_points());
  std::iota(all.begin(), all.end(), 0);
  const auto values = evaluate(f, mesh, all, 0.5, parameters, "here");
  ASSERT_EQ(values.size(), 2u * all.size());
  for (const Index p : all) {
    const auto x = mesh.point(p);
    EXPECT_DOUBLE_EQ(values[2 * p], 2 * x[0] + x[1]);
    EXPECT_DOUBLE_EQ(values[2 * p + 1], 0.5 - 3 * x[1]);
  }
}

TEST(Evaluate, NamesPlaceAndTimeOfAValueThatIsNotFinite) {
  const Mesh mesh = rectangle(2, 2);
  const auto f = parse_expressions(Config::parse_text("1/(x - 0.5)"), 1, {});
  std::vector<Index> all(mesh.num_points());
  std::iota(all.begin(), all.end(), 0);
  EXPECT_THAT(message([&] { evaluate(f, mesh, all, 1.5, {}, "boundary.left"); }),
              AllOf(HasSubstr("boundary.left"), HasSubstr("1/(x - 0.5)"), HasSubstr("inf"), HasSubstr("(0.5, 0"),
                    HasSubstr("t = 1.5")));
}

TEST(ParseExpressions, SaysLineAndVariables) {
  const auto node = Config::parse_text("velocity: [\"speed*x\", 0]\n", "case.yaml")["velocity"];
  EXPECT_THAT(message([&] {
                parse_expressions(node, 2, {{"sped", 1}});
              }),
              AllOf(HasSubstr("case.yaml:1"), HasSubstr("velocity"), HasSubstr("speed"), HasSubstr("sped")));
  EXPECT_THAT(message([&] { parse_expressions(node, 3, {}); }), HasSubstr("2 expressions found, 3 expected"));
}

TEST(Boundary, PeriodicSidesAreGlued) {
  const Mesh mesh = rectangle(4, 4, {2, 1});
  const auto given = entries("left: {periodic: right}\nlow: {where: \"y < 1e-9\", periodic: \"y > 1 - 1e-9\"}");
  const Boundary both = resolve(mesh, given);
  ASSERT_EQ(both.periodic.size(), 2u);
  EXPECT_EQ(both.periodic[0].shift, (std::vector<double>{2, 0}));
  EXPECT_EQ(both.periodic[1].shift, (std::vector<double>{0, 1}));
  EXPECT_TRUE(both.uncovered.empty());
  EXPECT_EQ(std::count(both.roles.begin(), both.roles.end(), Role::interior), mesh.num_points());
  EXPECT_EQ(unknowns_of(mesh, both.periodic).size(), 16);

  // A wall keeps its corners wherever it stands.
  const auto walls = entries("bottom: {role: wall}\nleft: {periodic: right}\ntop: {role: outflow}");
  const Boundary channel = resolve(mesh, walls);
  EXPECT_EQ(channel.roles[0], Role::wall);
  EXPECT_EQ(channel.roles[mesh.num_points() - 1], Role::outflow);
  EXPECT_EQ(channel.roles[5], Role::interior);
}

TEST(Boundary, PeriodicSidesThatCannotBeAreRefused) {
  const Mesh mesh = rectangle(4, 3, {2, 1});
  const auto refused = [&](const std::string& text) { return message([&] { resolve(mesh, entries(text)); }); };
  EXPECT_THAT(refused("left: {periodic: top}"),
              AllOf(HasSubstr("case.yaml:1: left: "), HasSubstr("4 points against 5"), HasSubstr("moved by")));
  EXPECT_THAT(refused("left: {periodic: rihgt}"), AllOf(HasSubstr("rihgt"), HasSubstr("right")));
  EXPECT_THAT(refused("left: {periodic: left}"), HasSubstr("glued to itself"));
  EXPECT_THAT(refused("left: {periodic: right, u: 0}"), HasSubstr("u on a periodic side"));
  EXPECT_THAT(refused("a: {where: \"x < 1e-9\", periodic: \"x > q\"}"), HasSubstr("q"));
}

}  // namespace
}  // namespace cotan

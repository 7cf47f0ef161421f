#include "physics/navier_stokes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "mesh/generate.h"
#include "physics/flow_unsteady.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const std::string kHead = "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0.01}\n";
const std::string kSides =
    "boundary:\n  left: {role: inflow, velocity: [1, 0]}\n  bottom: {velocity: [0, 0]}\n  top: {velocity_normal: 0}\n";

std::string message(const std::string& rest, const std::string& head = kHead, const Mesh& mesh = rectangle(4, 4)) {
  try {
    make_navier_stokes(test::input_from(mesh, head + rest));
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(NavierStokesCase, NamesWhatIsWrong) {
  EXPECT_THAT(message("boundary: {left: {speed: 1}}"), HasSubstr("velocity_normal"));
  EXPECT_THAT(message("boundary: {left: {velocity: [1, 0, 0]}}"), HasSubstr("2 expected"));
  EXPECT_THAT(message("boundary: {left: {velocity_normal: [1, 0]}}"), HasSubstr("one expression"));
  EXPECT_THAT(message("boundary: {left: {velocity: [1, 0], velocity_normal: 0}}"), HasSubstr("no effect"));
  EXPECT_THAT(message("boundary: {left: {velocity: [1, 0], pressure: 0}}"), HasSubstr("no effect"));
  EXPECT_THAT(message("boundary: {left: {velocity_normal: 0, pressure: 0}}"), HasSubstr("no effect"));
  EXPECT_THAT(message("boundary: {left: {role: inflow}}"), HasSubstr("boundary.left"));
  EXPECT_THAT(message("boundary: {left: {}}"), HasSubstr("wall without a condition"));
  EXPECT_THAT(message("boundary: {lid: {velocity: [1, 0]}}"), HasSubstr("left"));
  EXPECT_THAT(message("options: {convction: false}"), HasSubstr("convection"));
  EXPECT_THAT(message("options: {steady: maybe}"), HasSubstr("steady"));
  EXPECT_THAT(message("options: {body_force: [1]}"), HasSubstr("2 expected"));
  EXPECT_THAT(message("options: {forces: [cylinder]}"), HasSubstr("options.forces"));
  EXPECT_THAT(message("options: {forces: cylinder}"), HasSubstr("list"));
  EXPECT_THAT(message("initial: {u: 1}"), HasSubstr("initial"));
  EXPECT_THAT(message("", "mesh: none\nproblem: navier_stokes\n"), HasSubstr("viscosity"));
  EXPECT_THAT(message("", "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0}\n"),
              HasSubstr("parameters.viscosity"));
  EXPECT_THAT(message("boundary: {left: {velocity: [1/x, 0]}}"), HasSubstr("1/x"));
  EXPECT_EQ(message(kSides), "nothing thrown");
}

TEST(NavierStokesCase, RefusesWhatIsNoFlow) {
  EXPECT_THAT(message("boundary: {all: {where: '1', velocity: [x, 0]}}\noptions: {steady: true}"), HasSubstr("outlet"));
  EXPECT_THAT(message("", kHead, box(1, 1, 1, {1, 1, 1}, CellType::hexa)), HasSubstr("hexa"));
  EXPECT_THAT(message("", kHead, rectangle(2, 2, {1, 1}, CellType::quad8)), HasSubstr("quad8"));
  EXPECT_THAT(message("", kHead, saddle_surface(2)), HasSubstr("surface"));
  EXPECT_THAT(message("", kHead, interval(3)), HasSubstr("line"));
}

TEST(NavierStokesCase, SaysItsDefaults) {
  const auto open = make_navier_stokes(test::input_from(rectangle(4, 4), kHead + kSides));
  EXPECT_THAT(open.notes, Contains(HasSubstr("4 sides that no entry")));
  EXPECT_THAT(open.notes, Contains(HasSubstr("from rest")));
  const auto outlet =
      make_navier_stokes(test::input_from(rectangle(4, 4), kHead + kSides + "  right: {role: outflow}\n"));
  EXPECT_THAT(outlet.notes, Contains(HasSubstr("p n = 0: right")));
  const auto closed =
      make_navier_stokes(test::input_from(rectangle(4, 4), kHead + "boundary: {all: {where: '1', velocity: [0, 0]}}"));
  EXPECT_THAT(closed.notes, Contains(HasSubstr("mean")));
  ASSERT_EQ(closed.fields.size(), 2u);
  EXPECT_EQ(closed.fields[0], (FieldSpec{"velocity", 2, On::points, "m/s"}));
  EXPECT_EQ(closed.prescribed.at("velocity").size(), 50u);
  EXPECT_FALSE(closed.prescribed.contains("pressure"));
}

// A steady flow that Newton's method cannot find: the history of residuals is told.
TEST(NavierStokesCase, SaysWhyThereIsNoSteadyFlow) {
  const std::string text =
      "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 1.0e-9}\noptions: {steady: true, "
      "body_force: ['sin(7*y)*cos(5*x)*100', 'cos(9*x)*100']}\n" +
      kSides + "  right: {role: outflow}\n";
  try {
    make_navier_stokes(test::input_from(rectangle(6, 6), text));
    FAIL();
  } catch (const NumericsError& error) {
    EXPECT_THAT(error.what(), HasSubstr("residuals:"));
    EXPECT_THAT(error.what(), HasSubstr("it did at"));
  }
}

// What Newton's method adds is the derivative of the convection: against central differences, exact for a quadratic.
TEST(FlowForms, HaveTheDerivativeOfTheConvection) {
  for (const Mesh& mesh : {jiggled(rectangle(3, 3), 0.2, 1), rectangle(2, 2, {1, 1}, CellType::quad), box(1, 1, 1)}) {
    const auto space = std::make_shared<const TaylorHood>(std::make_shared<const Mesh>(mesh));
    const FlowForms forms(space);
    const int dim = space->dim;
    const std::size_t n = std::size_t(dim) * space->num_nodes;
    std::vector<double> w(n), d(n);
    for (std::size_t i = 0; i < n; ++i) {
      w[i] = std::sin(1.3 * double(i));
      d[i] = std::cos(2.1 * double(i));
    }
    const auto convected = [&](double e) {
      std::vector<double> at(n), out(n, 0.0);
      for (std::size_t i = 0; i < n; ++i) at[i] = w[i] + e * d[i];
      add_product(forms.pattern(), forms.convection(at), dim, at, 1, out);
      return out;
    };
    std::vector<double> derivative(n, 0.0);
    add_product(forms.pattern(), forms.convection(w), dim, d, 1, derivative);
    const auto by = forms.convection_by(w);
    for (int k = 0; k < dim; ++k) {
      for (int l = 0; l < dim; ++l) {
        const std::size_t nodes = space->num_nodes;
        add_product(forms.pattern(), by[k * dim + l], 1, std::span(d).subspan(l * nodes, nodes), 1,
                    std::span(derivative).subspan(k * nodes, nodes));
      }
    }
    const auto up = convected(0.5), down = convected(-0.5);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(up[i] - down[i], derivative[i], 1e-12);
  }
}

// The matrix that is factorised and the product that GMRES takes are the same, with constraints of all kinds.
TEST(FlowMatrix, IsWhatItsProductSays) {
  const auto input = test::input_from(jiggled(annulus(9, 2), 0.1, 3),
                                      kHead +
                                          "boundary:\n  inner: {velocity_normal: 1}\n  outer: {where: 'y > 0.2', "
                                          "velocity: [null, x]}\n");
  const auto space = std::make_shared<const TaylorHood>(input.mesh);
  std::vector<std::string> notes;
  const FlowCase spec = read_flow(input, space, notes);
  std::vector<double> x(space->num_dofs()), values(spec.flow->forms->pattern().columns.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(3.7 * double(i));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::cos(1.9 * double(i));
  for (const bool enclosed : {false, true}) {
    spec.flow->enclosed = enclosed;
    FlowMatrix matrix(spec.flow->forms, spec.flow->constraints, false, enclosed);
    const auto product = flow_product(*spec.flow, values, x);
    EXPECT_LT(test::largest_difference(multiply(matrix.fill(values), x), product), 1e-12);
    FlowMatrix joined(spec.flow->forms, spec.flow->constraints, true, enclosed);
    const std::vector<std::vector<double>> nothing(4, std::vector<double>(values.size(), 0.0));
    EXPECT_LT(test::largest_difference(multiply(joined.fill(values, nothing), x), product), 1e-12);
  }
}

// Imposing is idempotent, and what is imposed are the components asked for.
TEST(VelocityConstraints, HoldTogetherWhereSidesMeet) {
  const auto input = test::input_from(
      rectangle(3, 3), kHead +
                           "boundary:\n  top: {velocity_normal: 0.5}\n  right: {velocity_normal: \"2 + t\"}\n"
                           "  left: {velocity: [null, y]}\n  bottom: {velocity: [1, null]}\n");
  const auto space = std::make_shared<const TaylorHood>(input.mesh);
  std::vector<std::string> notes;
  const FlowCase spec = read_flow(input, space, notes);
  std::vector<double> x(space->num_dofs(), 7.0);
  spec.flow->constraints->impose(1, x);
  const auto u = [&](Index p, int k) { return x[space->velocity(p, k)]; };
  const Mesh& mesh = *space->mesh;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    const double px = mesh.point(p)[0], py = mesh.point(p)[1];
    const bool left = px<1e-9, right = px> 1 - 1e-9, bottom = py<1e-9, top = py> 1 - 1e-9;
    EXPECT_NEAR(u(p, 0), right && !bottom ? 3 : bottom ? 1 : 7, 1e-14) << px << " " << py;
    EXPECT_NEAR(u(p, 1), left ? py : top ? 0.5 : 7, 1e-14) << px << " " << py;
  }
  auto again = x;
  spec.flow->constraints->impose(1, again);
  EXPECT_LT(test::largest_difference(x, again), 1e-14);
  for (const char c : spec.flow->constraints->turned()) EXPECT_EQ(c, 0);
}

// Factors are kept from step to step, and the steps are solved to the tolerance.
TEST(UnsteadyFlow, KeepsItsFactors) {
  const auto input = test::input_from(rectangle(8, 8), kHead + kSides);
  const auto space = std::make_shared<const TaylorHood>(input.mesh);
  std::vector<std::string> notes;
  UnsteadyFlow solver(read_flow(input, space, notes).flow);
  FlowLevels levels{std::vector<double>(space->num_dofs(), 0.0), {}, 0, {}};
  for (int k = 0; k < 20; ++k) {
    levels = solver.step(0.02 * k, 0.02, levels);
    auto residual = levels.residual;
    restrict_residual(solver.flow(), residual);
    EXPECT_LT(*std::max_element(residual.begin(), residual.end()), 1e-8);
  }
  EXPECT_LT(solver.factorisations(), 8);
  EXPECT_GT(solver.iterations(), 20);
}

// The frames of a run may be its start: velocities of a mesh without second-order nodes are filled in between.
TEST(NavierStokesSystem, StartsFromFramesOfTheMesh) {
  const auto setup = make_navier_stokes(
      test::input_from(rectangle(4, 4), kHead + "boundary:\n  left: {role: inflow, velocity: [1 - y, 0]}\n"
                                                "  bottom: {velocity: [1, 0]}\n"
                                                "initial: {velocity: ['1 - y', '0'], pressure: 'x'}\n"));
  std::vector<State::Entry> plain;
  for (const char* name : {"velocity", "pressure"}) {
    plain.push_back({name, On::points, setup.initial.fields[name]});
  }
  const State from = setup.system.lift(std::vector<Frame>{{0, Fields(plain)}});
  const State own = setup.system.lift(std::vector{setup.initial});
  for (const auto& entry : own.entries()) {  // linear, so that the middle nodes are met
    EXPECT_LT((from[entry.name] - entry.value).abs().max().item<double>(), 1e-13) << entry.name;
  }
}

}  // namespace
}  // namespace cotan

#include "physics/advection_diffusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const std::string kHead = "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 0.01}\n";

std::string message(const std::string& rest, const std::string& head = kHead) {
  try {
    make_advection_diffusion(test::input_from(rectangle(4, 4), head + rest));
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(AdvectionDiffusionCase, NamesWhatIsWrong) {
  EXPECT_THAT(message("boundary: {left: {temperature: 1}}"), HasSubstr("boundary.left"));
  EXPECT_THAT(message("boundary: {left: {temperature: 1}}"), HasSubstr("robin_coefficient"));
  EXPECT_THAT(message("boundary: {left: {u: 1, flux: 2}}"), HasSubstr("no effect"));
  EXPECT_THAT(message("boundary: {left: {u: [1, 2]}}"), HasSubstr("scalar"));
  EXPECT_THAT(message("boundary: {left: {robin_coefficient: 2}}"), HasSubstr("robin_ambient"));
  EXPECT_THAT(message("boundary: {lid: {u: 1}}"), HasSubstr("left"));
  EXPECT_THAT(message("options: {velocty: [1, 0]}"), HasSubstr("velocity"));
  EXPECT_THAT(message("options: {velocity: [1, 0, 0]}"), HasSubstr("2 expected"));
  EXPECT_THAT(message("options: {supg: maybe}"), HasSubstr("auto"));
  EXPECT_THAT(message("options: {theta: 0.2}"), HasSubstr("Crank"));
  EXPECT_THAT(message("initial: {v: 1}"), HasSubstr("initial"));
  EXPECT_THAT(message("", "mesh: none\nproblem: advection_diffusion\n"), HasSubstr("diffusivity"));
  EXPECT_EQ(message("options: {velocity: [1, y]}\nboundary: {left: {u: 'sin(t)'}}"), "nothing thrown");
}

TEST(AdvectionDiffusionCase, RefusesValuesThatMakeNoSense) {
  EXPECT_THAT(message("options: {velocity: [1/x, 0]}\nboundary: {left: {u: 1/x}}"), HasSubstr("1/x"));
  EXPECT_THAT(message("", "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: -1}\n"),
              HasSubstr("parameters.diffusivity"));
  EXPECT_THAT(message("options: {diffusivity: x - 0.5}"), HasSubstr("at least 0"));
  const auto setup = make_advection_diffusion(
      test::input_from(rectangle(4, 4), kHead + "boundary: {left: {robin_coefficient: -1, robin_ambient: 0}}"));
  EXPECT_THROW(setup.system.step(0, 0.1, setup.system.lift(std::vector{setup.initial})), InputError);
}

TEST(AdvectionDiffusionCase, RefusesSecondOrderCells) {
  EXPECT_THROW(make_advection_diffusion(test::input_from(rectangle(2, 2, {1, 1}, CellType::triangle6), kHead)),
               InputError);
}

TEST(AdvectionDiffusionCase, SaysItsDefaultsAndGivesTheVelocity) {
  const auto setup = make_advection_diffusion(test::input_from(
      rectangle(4, 2, {2, 1}),
      kHead + "options: {velocity: [y, '-2*x']}\nboundary: {left: {role: inflow, u: 1}, right: {role: outflow}}"));
  EXPECT_THAT(setup.notes, Contains(HasSubstr("right")));
  EXPECT_THAT(setup.notes, Contains(HasSubstr("8 sides that no entry")));
  EXPECT_THAT(setup.notes, Contains(HasSubstr("starts from 0")));
  EXPECT_THAT(setup.notes, Contains(HasSubstr("Peclet")));
  ASSERT_EQ(setup.static_fields.size(), 1u);
  EXPECT_EQ(setup.static_fields[0].spec, (FieldSpec{"velocity", 2, On::points, "m/s"}));
  const Mesh mesh = rectangle(4, 2, {2, 1});
  for (Index p = 0; p < mesh.num_points(); ++p) {
    EXPECT_EQ(setup.static_fields[0].values[2 * p], mesh.point(p)[1]);
    EXPECT_EQ(setup.static_fields[0].values[2 * p + 1], -2 * mesh.point(p)[0]);
    EXPECT_EQ(setup.roles[p] == Role::inflow, mesh.point(p)[0] == 0);
  }
}

TEST(AdvectionDiffusionCase, SaysWhatItsSidesFixWhereALaterSideTakesTheRole) {
  const Mesh mesh = rectangle(4, 2, {2, 1});
  const auto setup = make_advection_diffusion(
      test::input_from(mesh, kHead + "boundary: {left: {role: inflow, u: 1}, bottom: {role: wall}}"));
  const auto& given = setup.prescribed.at("u");
  ASSERT_EQ(given.size(), mesh.num_points());
  for (Index p = 0; p < mesh.num_points(); ++p) {
    EXPECT_EQ(given[p], mesh.point(p)[0] == 0);
    EXPECT_EQ(setup.roles[p] == Role::inflow, mesh.point(p)[0] == 0 && mesh.point(p)[1] > 0);
  }
}

TEST(AdvectionDiffusionCase, PrescribedValuesHoldFromTheStartAndMoveWithTime) {
  const auto setup = make_advection_diffusion(
      test::input_from(rectangle(6, 6), kHead + "initial: {u: 5}\nboundary: {left: {u: 3 + t}, bottom: {u: 1 - t}}"));
  const Mesh mesh = rectangle(6, 6);
  for (const int steps : {0, 4}) {
    const auto u = test::advance(setup, 0.1, steps);
    for (Index p = 0; p < mesh.num_points(); ++p) {
      const auto x = mesh.point(p);
      const double t = 0.1 * steps;
      if (x[1] == 0) {
        EXPECT_NEAR(u[p], 1 - t, 1e-13);  // the later entry wins at the corner
      } else if (x[0] == 0) {
        EXPECT_NEAR(u[p], 3 + t, 1e-13);
      }
    }
  }
}

// Where two entries name the same sides, the later one's flux counts, and only that: the mass grows at its rate.
TEST(AdvectionDiffusionCase, TheLaterOfTwoFluxesCounts) {
  const Mesh mesh = rectangle(5, 5);
  const auto setup = make_advection_diffusion(test::input_from(
      mesh, kHead + "boundary:\n  right: {flux: 7}\n  also: {where: 'x > 0.999', flux: 2}\n  left: {flux: -0.5}"));
  const auto u = test::advance(setup, 0.1, 10);
  EXPECT_NEAR(test::integral(mesh, u), 1.5, 1e-12);
}

TEST(AdvectionDiffusionCase, WorksOnALine) {
  const Mesh mesh = interval(10);
  const auto setup = make_advection_diffusion(test::input_from(mesh, kHead + "boundary: {right: {flux: 3}}"));
  EXPECT_NEAR(test::integral(mesh, test::advance(setup, 0.1, 10)), 3, 1e-12);
}

// The factors are kept while dt and the matrix stay, also when dt differs in its last bits as times k dt do.
TEST(AdvectionDiffusion, FactorisesWhenSomethingChangesOnly) {
  const auto count = [](const std::string& velocity) {
    const auto input = test::input_from(rectangle(4, 4), kHead + "options: {velocity: [1, '" + velocity + "']}");
    const Boundary boundary = resolve_boundary(*input.mesh, input.spec.boundary);
    std::vector<std::string> notes;
    AdvectionDiffusion solver(input.mesh, read_transport(input, boundary, notes), {}, {});
    std::vector<double> u(input.mesh->num_points(), 1.0);
    for (int k = 0; k < 10; ++k) u = solver.step(0.1 * k, 0.1 * (k + 1) - 0.1 * k, u);
    const int with_one_step = solver.factorisations();
    u = solver.step(1, 0.05, u);
    return std::pair(with_one_step, solver.factorisations());
  };
  EXPECT_EQ(count("x"), std::pair(1, 2));
  EXPECT_EQ(count("x*cos(t)"), std::pair(10, 11));
}

TEST(Problems, AreFoundByName) {
  EXPECT_EQ(find_problem("advection_diffusion").make, make_advection_diffusion);
  try {
    find_problem("advection_difusion");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("advection_diffusion"));
  }
}

}  // namespace
}  // namespace cotan

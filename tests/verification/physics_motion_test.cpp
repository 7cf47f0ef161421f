// Waves and elastic bodies against what is known: orders, kept energy, Cook's membrane, a beam's frequency.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/check.h"
#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

ProblemSetup set_up(const Mesh& mesh, const std::string& yaml) {
  return set_up_problem(test::input_from(mesh, yaml));
}

std::vector<double> component(const Fields& fields, const std::string& name, int k = 0) {
  const at::Tensor u = fields[name].select(1, k).contiguous();
  return {u.data_ptr<double>(), u.data_ptr<double>() + u.numel()};
}

// 1/2 of the integral of rate^2 + |speed grad u|^2.
double wave_energy(const Mesh& mesh, const Fields& fields, double speed) {
  const auto u = component(fields, "u"), rate = component(fields, "u_rate");
  double sum = 0;
  for_each_cell(mesh, 4, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int q = 0; q < v.num_points; ++q) {
      double moving = 0, slope[3] = {0, 0, 0};
      for (int a = 0; a < v.num_nodes; ++a) {
        moving += v.value(q, a) * rate[nodes[a]];
        for (int k = 0; k < v.dim; ++k) slope[k] += v.gradient(q, a)[k] * u[nodes[a]];
      }
      sum += v.weights[q] / 2 *
             (moving * moving + speed * speed * (slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2]));
    }
  });
  return sum;
}

// A wave that runs around a periodic square, and one with a speed, a source and sides that move: of second order.
TEST(Wave, IsOfSecondOrder) {
  const std::string running = "sin(2*pi*(x + y - sqrt(2)*t))";
  const std::string moving = "cos(2*t)*sin(x + 0.3)*cos(y)";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {running, "parameters: {speed: 1}\ninitial: {u: \"" + running +
                    "\", u_rate: \"-2*pi*sqrt(2)*cos(2*pi*(x + y))\"}\nboundary: {left: {periodic: right}, bottom: "
                    "{periodic: top}}"},
      {moving, "options: {speed: \"sqrt(1 + x)\", source: \"-4*" + moving + " + 2*(1 + x)*" + moving +
                   " - cos(2*t)*cos(x + 0.3)*cos(y)\"}\ninitial: {u: \"" + moving + "\"}\nboundary: {left: {u: \"" +
                   moving + "\"}, bottom: {u: \"" + moving + "\"}, right: {u: \"" + moving +
                   "\"}, top: {u_flux: \"-(1 + x)*cos(2*t)*sin(x + 0.3)*sin(y)\"}}"}};
  for (const auto& [exact, text] : cases) {
    std::vector<double> errors;
    for (const int n : {16, 32, 64}) {
      const Mesh mesh = rectangle(n, n);
      const auto setup = set_up(mesh, "mesh: none\nproblem: wave\n" + text);
      State state = setup.system.lift(std::vector{setup.initial});
      for (int k = 0; k < n; ++k) state = setup.system.step(k * 0.5 / n, 0.5 / n, state);
      errors.push_back(test::l2_error(mesh, component(setup.system.view(state), "u"), exact, 0.5));
    }
    const double order = std::log2(errors[1] / errors[2]);
    RecordProperty("order", std::to_string(order));
    EXPECT_GT(order, 1.85) << errors[0] << " " << errors[1] << " " << errors[2];
  }
}

TEST(Wave, KeepsItsEnergy) {
  const Mesh mesh = jiggled(mixed_rectangle(10, 10), 0.2, 1);
  const auto setup = set_up(mesh,
                            "mesh: none\nproblem: wave\nparameters: {speed: 2}\n"
                            "initial: {u: \"exp(-40*((x - 0.4)^2 + (y - 0.5)^2))\"}\nboundary: {left: {u: 0}}");
  State state = setup.system.lift(std::vector{setup.initial});
  const double before = wave_energy(mesh, setup.system.view(state), 2);
  for (int k = 0; k < 1000; ++k) state = setup.system.step(k * 0.05, 0.05, state);
  EXPECT_NEAR(wave_energy(mesh, setup.system.view(state), 2) / before, 1, 1e-9);
}

TEST(Wave, LeavesThroughAbsorbingSides) {
  const Mesh mesh = interval(200, 2);
  const auto energy_after = [&](const char* side) {
    const auto setup = set_up(mesh, std::string("mesh: none\nproblem: wave\nparameters: {speed: 1}\n"
                                                "initial: {u: \"exp(-100*(x - 1)^2)\"}\nboundary: {left: {") +
                                        side + "}, right: {" + side + "}}");
    State state = setup.system.lift(std::vector{setup.initial});
    const double before = wave_energy(mesh, setup.system.view(state), 1);
    for (int k = 0; k < 400; ++k) state = setup.system.step(k * 0.005, 0.005, state);
    return wave_energy(mesh, setup.system.view(state), 1) / before;
  };
  EXPECT_LT(energy_after("absorbing: true"), 1e-4);
  EXPECT_NEAR(energy_after("u: 0"), 1, 1e-9);
}

// A linear displacement is met exactly, on every kind of cell: under the tractions of Hooke's law with lambda = mu = 4,
// and in space with the border given.
TEST(Elasticity, PassesThePatchTest) {
  const auto largest_error = [](const Mesh& mesh, const std::string& text, const std::vector<std::string>& exact) {
    const auto setup = set_up(mesh,
                              "mesh: none\nproblem: linear_elasticity\nparameters: {youngs_modulus: 10, "
                              "poissons_ratio: 0.25}\n" +
                                  text);
    double most = 0;
    for (int k = 0; k < mesh.dim(); ++k) {
      most = std::max(most, test::largest_difference(component(setup.initial.fields, "displacement", k),
                                                     test::point_values(mesh, exact[k], 0)));
    }
    return most;
  };
  for (const Mesh& mesh : {jiggled(rectangle(4, 3), 0.2, 1), jiggled(mixed_rectangle(4, 4), 0.2, 2)}) {
    EXPECT_LT(largest_error(mesh,
                            "options: {plane: strain, inertia: false}\n"
                            "boundary: {right: {traction: [0.16, -0.04]}, top: {traction: [-0.04, -0.16]}, "
                            "left: {displacement: [\"0.01*y\", \"-0.02*y\"]}, "
                            "bottom: {displacement: [\"0.02*x\", \"-0.02*x\"]}}",
                            {"0.02*x + 0.01*y", "-0.02*x - 0.02*y"}),
              1e-14);
  }
  for (const CellType type : {CellType::tetra, CellType::hexa, CellType::wedge, CellType::pyramid}) {
    EXPECT_LT(largest_error(jiggled(box(3, 3, 3, {1, 1, 1}, type), 0.15, 3),
                            "options: {inertia: false}\nboundary: {all: {where: \"1\", displacement: [\"x - 2*y\", "
                            "\"0.5*z\", \"y + z\"]}}",
                            {"x - 2*y", "0.5*z", "y + z"}),
              1e-12);
  }
}

// Cook's membrane, plane stress: the tip rises by 23.96 for E = 1, nu = 1/3 and a force of 1 on the right side.
double cook(int n, CellType type) {
  const Mesh square = rectangle(n, n, {1, 1}, type);
  std::vector<double> points;
  for (Index p = 0; p < square.num_points(); ++p) {
    const double s = square.point(p)[0], t = square.point(p)[1];
    points.insert(points.end(), {48 * s, 44 * s + t * (44 - 28 * s)});
  }
  const Mesh mesh = square.with_points(points);
  const auto setup = set_up(mesh,
                            "mesh: none\nproblem: linear_elasticity\nparameters: {youngs_modulus: 1, poissons_ratio: "
                            "0.3333333333333333}\noptions: {plane: stress, inertia: false}\n"
                            "boundary: {left: {displacement: [0, 0]}, right: {traction: [0, 0.0625]}}");
  const auto rise = component(setup.initial.fields, "displacement", 1);
  double tip = 0;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    const auto x = mesh.point(p);
    if (std::abs(x[0] - 48) < 1e-9 && std::abs(x[1] - 52) < 1e-9) tip = rise[p];
  }
  return tip;
}

TEST(Elasticity, CooksMembraneRisesAsItMust) {
  const double fine = cook(32, CellType::quad9);
  RecordProperty("tip", std::to_string(fine));
  EXPECT_NEAR(fine, 23.96, 0.005 * 23.96);
  std::vector<double> errors;
  for (const int n : {16, 32, 64}) errors.push_back(std::abs(cook(n, CellType::quad) - fine));
  RecordProperty("quads",
                 std::to_string(errors[0]) + " " + std::to_string(errors[1]) + " " + std::to_string(errors[2]));
  EXPECT_LT(errors[2], 0.01 * fine);
  EXPECT_GT(std::log2(errors[1] / errors[2]), 1.3) << errors[0] << " " << errors[1] << " " << errors[2];
  EXPECT_NEAR(cook(64, CellType::triangle), fine, 0.01 * fine);
}

// A slender cantilever that is let go: its frequency is Bernoulli's to the share that shear and rotation take, and
// its energy is kept.
TEST(Elasticity, ABeamSwingsAtItsFrequency) {
  const double length = 20, height = 0.5, young = 1000, density = 1;
  const Mesh mesh = rectangle(60, 2, {length, height}, CellType::quad9);
  const std::string material =
      "mesh: none\nproblem: linear_elasticity\nparameters: {youngs_modulus: 1000, poissons_ratio: 0, density: 1}\n";
  const double pi = std::numbers::pi;
  const double expected = 1.875104068711961 * 1.875104068711961 / (2 * pi) *
                          std::sqrt(young * height * height / (12 * density * std::pow(length, 4)));
  // the first mode of Bernoulli's beam, clamped at x = 0
  const std::string mode =
      "cosh(1.875104068711961*x/20) - cos(1.875104068711961*x/20) - 0.7340955137589128*(sinh(1.875104068711961*x/20) - "
      "sin(1.875104068711961*x/20))";
  const auto setup = set_up(mesh, material + "options: {plane: stress}\ninitial: {velocity: [0, \"0.01*(" + mode +
                                      ")\"]}\nboundary: {left: {displacement: [0, 0]}}");
  Index tip = 0;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    if (mesh.point(p)[0] == length && mesh.point(p)[1] == height / 2) tip = p;
  }
  State state = setup.system.lift(std::vector{setup.initial});
  const double dt = 1 / (expected * 120);
  std::vector<double> crossings;
  double before = 0;
  for (int k = 0; k < 380; ++k) {
    state = setup.system.step(k * dt, dt, state);
    const double now = component(setup.system.view(state), "displacement", 1)[tip];
    if (k > 0 && before * now < 0) crossings.push_back((k + before / (before - now)) * dt);
    before = now;
  }
  ASSERT_GE(crossings.size(), 5u);
  const double found = (crossings.size() - 1) / (2 * (crossings.back() - crossings.front()));
  RecordProperty("frequency_ratio", std::to_string(found / expected));
  EXPECT_NEAR(found, expected, 0.01 * expected);
}

TEST(Motion, SaysWhatIsWrong) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      set_up(rectangle(2, 2), "mesh: none\nproblem: " + text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing thrown";
  };
  const std::string body = "linear_elasticity\nparameters: {youngs_modulus: 1, poissons_ratio: 0.3, density: 1}\n";
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {"wave", "wave needs a speed"},
           {"wave\nparameters: {speed: 1}\nboundary: {left: {flux: 1}}", "u_flux"},
           {"wave\nparameters: {speed: 1}\noptions: {dissipation: 2}", "out of range"},
           {"linear_elasticity", "needs youngs_modulus"},
           {body + "options: {inertia: false}", "nothing holds the body"},
           {body + "options: {plane: tress}", "did you mean 'stress'"},
           {body + "boundary: {left: {traction: 1}}", "2 expected"},
           {body + "boundary: {left: {force: [1, 1]}}", "traction"}}) {
    EXPECT_NE(refusal(text).find(words), std::string::npos) << refusal(text);
  }
}

}  // namespace
}  // namespace cotan

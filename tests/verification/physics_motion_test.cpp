// Waves and elastic bodies against what is known: orders, kept energy, Cook's membrane, a beam's frequency.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/check.h"
#include "mesh/generate.h"
#include "physics/cloth.h"
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

// A flat sheet of triangles in space, a by b.
Mesh sheet(int nx, int ny, double a, double b, double jiggle = 0) {
  MeshData data = jiggled(rectangle(nx, ny, {a, b}), jiggle, 3).data();
  std::vector<double> points;
  for (std::size_t i = 0; i < data.points.size(); i += 2)
    points.insert(points.end(), {data.points[i], data.points[i + 1], 0});
  data.points = points;
  data.dim = 3;
  return Mesh(std::move(data));
}

const std::string kCloth =
    "cloth\nparameters: {density: 0.2, stretching: 500, bending: 1e-3}\ninitial: {velocity: [0.5, 0, 1]}\n";

// Nothing pulls on a sheet that falls as a whole: Galilei's parabola, to rounding; and without gravity it stays.
TEST(Cloth, FallsAndRestsExactly) {
  const Mesh mesh = sheet(10, 10, 1, 1, 0.2);
  const auto after = [&](const std::string& text) {
    const auto setup = set_up(mesh, "mesh: none\nproblem: " + text);
    State state = setup.system.lift(std::vector{setup.initial});
    for (int k = 0; k < 50; ++k) state = setup.system.step(k * 0.02, 0.02, state);
    return setup.system.view(state);
  };
  const Fields fallen = after(kCloth);
  const double expected[3] = {0.5, 0, 1 - 9.81 / 2};
  for (int k = 0; k < 3; ++k) {
    for (const double u : component(fallen, "displacement", k)) EXPECT_NEAR(u, expected[k], 1e-10);
  }
  const std::string still = kCloth.substr(0, kCloth.find("initial"));
  EXPECT_LT(after(still + "options: {gravity: [0, 0, 0]}")["displacement"].abs().max().item<double>(), 1e-14);
}

// Held at two corners and without damping: the energy stays near what it was, the nearer the smaller the step, by its
// square.
TEST(Cloth, KeepsItsEnergyToSecondOrder) {
  const Mesh mesh = sheet(8, 8, 1, 1);
  const auto setup_of = [&](double dt) {
    auto input = test::input_from(mesh,
                                  "mesh: none\nproblem: cloth\nparameters: {density: 0.2, stretching: 50, bending: "
                                  "1e-3}\nboundary: {held: {where: \"y > 0.99 && abs(x - 0.5) > 0.49\", displacement: "
                                  "[0, 0, 0]}}");
    const Cloth cloth(mesh, {0.2, 50, 1e-3, 0, {0, 0, -9.81}}, std::vector<char>(mesh.points().size(), 0));
    const auto setup = set_up_problem(input);
    const auto energy = [&](const Fields& fields) {
      const at::Tensor u = fields["displacement"].contiguous(), v = fields["velocity"].contiguous();
      std::vector<double> x(mesh.points().begin(), mesh.points().end());
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += u.data_ptr<double>()[i];
      return cloth.energy(x, {v.data_ptr<double>(), x.size()});
    };
    State state = setup.system.lift(std::vector{setup.initial});
    const double before = energy(state);
    double most = 0;
    for (int k = 0; k * dt < 1.0 - 1e-9; ++k) {
      state = setup.system.step(k * dt, dt, state);
      most = std::max(most, std::abs(energy(state) - before));
    }
    return most;
  };
  const double step = 0.002, coarse = setup_of(step), fine = setup_of(step / 2);
  EXPECT_LT(coarse, 0.02);  // of some 1 J that fall and stretch
  EXPECT_NEAR(std::log2(coarse / fine), 2, 0.4) << coarse << " " << fine;
}

// A flat sheet of equilateral triangles with sides of 1 / n.
Mesh equilateral_sheet(int n) {
  MeshData data;
  data.dim = 3;
  const double h = 1.0 / n;
  for (int j = 0; j <= n; ++j) {
    for (int i = 0; i <= n; ++i) data.points.insert(data.points.end(), {(i + 0.5 * j) * h, j * h * std::sqrt(0.75), 0});
  }
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      const Index a = j * (n + 1) + i, c = a + n + 1;
      for (const auto& cell : {std::array{a, a + 1, c}, std::array{a + 1, c + 1, c}}) {
        data.types.push_back(CellType::triangle);
        data.cells.push_row(cell);
      }
    }
  }
  return Mesh(std::move(data));
}

// Bent into a cylinder, a sheet has the energy of a plate, bending curvature^2 / 2 for each square metre: in every
// direction where its triangles are equilateral, along the sides of a grid of right ones. (Across such a grid, at 45
// degrees, it is half again as stiff.) Hinges on the border lack.
TEST(Cloth, BendsAsAPlate) {
  const auto ratio = [](const Mesh& mesh, double area, double degrees) {
    const Cloth cloth(mesh, {1, 0, 3, 0, {}}, std::vector<char>(mesh.points().size(), 0));
    const double c = std::cos(degrees * std::numbers::pi / 180), s = std::sin(degrees * std::numbers::pi / 180);
    std::vector<double> x(mesh.points().begin(), mesh.points().end());
    for (std::size_t i = 0; i < x.size(); i += 3) x[i + 2] = 0.5 * 0.01 * std::pow(c * x[i] + s * x[i + 1], 2);
    return cloth.energy(x, std::vector<double>(x.size(), 0.0)) / (0.5 * 3 * 0.01 * 0.01 * area);
  };
  for (const double degrees : {0.0, 20.0, 45.0, 70.0, 90.0}) {
    EXPECT_NEAR(ratio(equilateral_sheet(60), std::sqrt(0.75), degrees), 1, 0.03) << degrees << " degrees";
  }
  for (const double degrees : {0.0, 90.0}) EXPECT_NEAR(ratio(sheet(60, 60, 1, 1), 1, degrees), 1, 0.03) << degrees;
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
           {body + "boundary: {left: {force: [1, 1]}}", "traction"},
           {"cloth\nparameters: {density: 1, stretching: 1}", "a surface of triangles in space"}}) {
    EXPECT_NE(refusal(text).find(words), std::string::npos) << refusal(text);
  }
}

}  // namespace
}  // namespace cotan

// advection_diffusion against what is known: orders of convergence, exactness, conservation, and what SUPG is for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using test::advance;
using test::input_from;

std::string replaced(std::string text, const std::map<std::string, std::string>& names) {
  for (const auto& [name, value] : names) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size() + 2)) {
      text.replace(at, name.size(), "(" + value + ")");
    }
  }
  return text;
}

// u given with its derivatives; the case's data follow from the equation. Velocity divergence-free and moving, the
// diffusivity varies along x; Dirichlet where it flows in (left, bottom, back), Neumann on top (and front), Robin on
// the right.
std::string manufactured_case(int dim, const std::map<std::string, std::string>& u, const std::string& diffusivity,
                              const std::string& diffusivity_slope, const std::string& supg) {
  const std::string speed = "[(1 + 0.5*y)*(1 + 0.3*sin(2*t)), 0.4 - 0.3*x";
  std::string text = R"yaml(
mesh: none
problem: advection_diffusion
options:
  velocity: SPEED
  diffusivity: "KAPPA"
  reaction: "0.3 + 0.1*y"
  supg: SUPG
  source: "UT + (1 + 0.5*y)*(1 + 0.3*sin(2*t))*UX + (0.4 - 0.3*x)*UY ADVZ - KAPPA*LAP - KSLOPE*UX + (0.3 + 0.1*y)*U0"
initial: {u: "U0"}
boundary:
  right: {robin_coefficient: "2 + t", robin_ambient: "U0 + KAPPA*UX/(2 + t)"}
  top: {flux: "KAPPA*UY"}
  left: {u: "U0"}
  bottom: {u: "U0"}
)yaml";
  if (dim == 3) text += "  front: {flux: \"KAPPA*UZ\"}\n  back: {u: \"U0\"}\n";
  std::map<std::string, std::string> names = u;
  names["KAPPA"] = diffusivity;
  names["KSLOPE"] = diffusivity_slope;
  const std::string with_speed = replaced(text, names);
  const auto put = [](std::string s, const std::string& name, const std::string& value) {
    return s.replace(s.find(name), name.size(), value);
  };
  return put(put(put(with_speed, "SPEED", speed + (dim == 3 ? ", 0.2]" : "]")), "SUPG", supg), "ADVZ",
             dim == 3 ? replaced("+ 0.2*UZ", u) : "");
}

const std::map<std::string, std::string> kWave2 = {{"U0", "cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"UT", "-sin(t)*sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"UX", "2*cos(t)*cos(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"UY", "-2*cos(t)*sin(2*x + 0.3)*sin(2*y - 0.2)"},
                                                   {"LAP", "-8*cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)"}};
const std::map<std::string, std::string> kWave3 = {
    {"U0", "cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)*cos(z)"},   {"UT", "-sin(t)*sin(2*x + 0.3)*cos(2*y - 0.2)*cos(z)"},
    {"UX", "2*cos(t)*cos(2*x + 0.3)*cos(2*y - 0.2)*cos(z)"}, {"UY", "-2*cos(t)*sin(2*x + 0.3)*sin(2*y - 0.2)*cos(z)"},
    {"UZ", "-cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)*sin(z)"},  {"LAP", "-9*cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)*cos(z)"}};
// linear in space: the error is the time step's
const std::map<std::string, std::string> kLinear = {{"U0", "cos(3*t)*(1 + x - 0.5*y)"},
                                                    {"UT", "-3*sin(3*t)*(1 + x - 0.5*y)"},
                                                    {"UX", "cos(3*t)"},
                                                    {"UY", "-0.5*cos(3*t)"},
                                                    {"LAP", "0"}};

double error_at_half(const Mesh& mesh, const std::string& text, const std::string& exact, int steps) {
  const auto setup = make_advection_diffusion(input_from(mesh, text));
  return test::l2_error(mesh, advance(setup, 0.5 / steps, steps), exact, 0.5);
}

struct Family {
  const char* name;
  std::function<Mesh(int)> mesh;  // n cells along a side
  int dim, coarse;
};

const std::vector<Family>& families() {
  static const std::vector<Family> list = {
      {"triangles", [](int n) { return rectangle(n, n); }, 2, 8},
      {"quads",
       [](int n) {
         return rectangle(n, n, {1, 1}, CellType::quad);
       },
       2, 8},
      {"mixed", [](int n) { return jiggled(mixed_rectangle(n, n), 0.15, 3); }, 2, 8},
      {"tetrahedra", [](int n) { return box(n, n, n); }, 3, 4},
      {"hexahedra",
       [](int n) {
         return box(n, n, n, {1, 1, 1}, CellType::hexa);
       },
       3, 4}};
  return list;
}

// Space and time are refined together; the error falls by four.
TEST(Transport, IsOfSecondOrderInSpaceAndTime) {
  for (const auto& family : families()) {
    const auto& wave = family.dim == 2 ? kWave2 : kWave3;
    const std::string text = manufactured_case(family.dim, wave, "0.1 + 0.05*x", "0.05", "auto");
    std::vector<double> errors;
    for (int n = family.coarse; n <= 2 * family.coarse; n *= 2) {
      errors.push_back(error_at_half(family.mesh(n), text, wave.at("U0"), n));
    }
    const double order = std::log2(errors[0] / errors[1]);
    RecordProperty(std::string("order_") + family.name, std::to_string(order));
    EXPECT_GT(order, 1.8) << family.name << ": " << errors[0] << " " << errors[1];
    EXPECT_LT(errors[1], 0.02) << family.name;
  }
}

TEST(Transport, IsOfSecondOrderInTimeAlone) {
  const std::string text = manufactured_case(2, kLinear, "0.1 + 0.05*x", "0.05", "auto");
  const Mesh mesh = jiggled(rectangle(6, 6), 0.2, 1);
  std::vector<double> errors;
  for (const int steps : {8, 16, 32}) errors.push_back(error_at_half(mesh, text, kLinear.at("U0"), steps));
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 2, 0.1) << errors[0] << " " << errors[1] << " " << errors[2];
}

TEST(Transport, BackwardEulerIsOfFirstOrder) {
  std::string text = manufactured_case(2, kLinear, "0.1 + 0.05*x", "0.05", "auto");
  text.replace(text.find("options:"), 8, "options:\n  theta: 1");
  const Mesh mesh = rectangle(4, 4);
  std::vector<double> errors;
  for (const int steps : {16, 32, 64}) errors.push_back(error_at_half(mesh, text, kLinear.at("U0"), steps));
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 1, 0.1);
}

// Where advection dominates, with SUPG and a diffusivity that matters nowhere.
TEST(Transport, SupgKeepsSecondOrderOnSmoothSolutions) {
  const std::string text = manufactured_case(2, kWave2, "1e-5 + 1e-6*x", "1e-6", "on");
  std::vector<double> errors;
  for (const int n : {8, 16, 32}) errors.push_back(error_at_half(rectangle(n, n), text, kWave2.at("U0"), n));
  EXPECT_GT(std::log2(errors[1] / errors[2]), 1.8) << errors[0] << " " << errors[1] << " " << errors[2];
}

// A linear steady solution is met exactly on every cell type, with all kinds of sides, with and without SUPG.
TEST(Transport, IsExactOnLinearFunctions) {
  const std::vector<Mesh> meshes = {jiggled(rectangle(5, 4), 0.3, 1),
                                    jiggled(rectangle(5, 4, {1, 1}, CellType::quad), 0.2, 2),
                                    jiggled(mixed_rectangle(6, 4), 0.2, 3),
                                    jiggled(box(3, 3, 3), 0.2, 4),
                                    jiggled(box(3, 3, 3, {1, 1, 1}, CellType::hexa), 0.15, 5),
                                    box(3, 3, 3, {1, 1, 1}, CellType::wedge),
                                    box(3, 3, 3, {1, 1, 1}, CellType::pyramid)};
  for (const Mesh& mesh : meshes) {
    const bool solid = mesh.dim() == 3;
    const std::string u = std::string("1 + 2*x - 3*y") + (solid ? " + 0.5*z" : "");
    const auto text = [&](const std::string& supg) {
      return std::string("mesh: none\nproblem: advection_diffusion\noptions:\n  velocity: ") +
             (solid ? "[1, -0.5, 0.25]" : "[1, -0.5]") + "\n  diffusivity: 0.02\n  reaction: 0.4\n  supg: " + supg +
             "\n  source: \"" + (solid ? "3.625" : "3.5") + " + 0.4*(" + u + ")\"\ninitial: {u: \"" + u +
             "\"}\nboundary:\n  left: {u: \"" + u + "\"}\n  right: {robin_coefficient: 1.5, robin_ambient: \"" + u +
             " + 0.04/1.5\"}\n  bottom: {flux: 0.06}\n  top: {flux: -0.06}\n" +
             (solid ? "  back: {flux: -0.01}\n  front: {u: \"" + u + "\"}\n" : "");
    };
    const auto exact = test::point_values(mesh, u, 0);
    for (const char* supg : {"on", "off", "auto"}) {
      const auto setup = make_advection_diffusion(input_from(mesh, text(supg)));
      EXPECT_LT(test::largest_difference(advance(setup, 0.1, 20), exact), 1e-11)
          << shape(mesh.type(0)).name << " supg " << supg;
    }
  }
}

// Walls without a condition, a divergence-free velocity along them: the integral of u stays.
TEST(Transport, ConservesMassBetweenWalls) {
  const std::string text = R"yaml(
mesh: none
problem: advection_diffusion
parameters: {diffusivity: 1.0e-3}
options: {velocity: ["4*x*(1 - x)*(1 - 2*y)", "-4*y*(1 - y)*(1 - 2*x)"], supg: SUPG}
initial: {u: "exp(-40*((x - 0.3)^2 + (y - 0.4)^2))"}
)yaml";
  for (const Mesh& mesh : {jiggled(rectangle(12, 12), 0.2, 8), rectangle(12, 12, {1, 1}, CellType::quad)}) {
    for (const char* supg : {"on", "off", "auto"}) {
      std::string with = text;
      with.replace(with.find("SUPG"), 4, supg);
      const auto setup = make_advection_diffusion(input_from(mesh, with));
      const double before = test::integral(mesh, advance(setup, 0.05, 0));
      const auto u = advance(setup, 0.05, 60);
      EXPECT_NEAR(test::integral(mesh, u) / before, 1, 1e-12) << supg;
      EXPECT_GT(test::largest_difference(u, advance(setup, 0.05, 0)), 0.1);  // and it did move
    }
  }
}

// The boundary layer at an outflow wall: u goes from 1 to 0 over a fiftieth of a cell. SUPG is not monotone: on
// triangles whose diagonals alternate some overshoot stays, next to the layer only; Galerkin's method oscillates
// everywhere.
TEST(Transport, SupgHoldsABoundaryLayerWithoutOscillation) {
  const auto solve = [](const Mesh& mesh, const std::string& supg) {
    const auto setup = make_advection_diffusion(
        input_from(mesh,
                   "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 5.0e-4}\n"
                   "options: {velocity: [1, 0], theta: 1, supg: " +
                       supg + "}\ninitial: {u: 1}\nboundary: {left: {u: 1}, right: {u: 0}}"));
    return advance(setup, 10, 30);
  };
  // largest distance outside [0, 1] among points with x below `until`
  const auto overshoot = [](const Mesh& mesh, const std::vector<double>& u, double until) {
    double most = 0;
    for (Index p = 0; p < mesh.num_points(); ++p) {
      if (mesh.point(p)[0] < until) most = std::max({most, u[p] - 1, -u[p]});
    }
    return most;
  };
  const Mesh quads = rectangle(20, 6, {1, 0.3}, CellType::quad), triangles = rectangle(20, 6, {1, 0.3});
  for (const char* supg : {"on", "auto"}) {
    EXPECT_LT(overshoot(quads, solve(quads, supg), 1), 0.01);
    const auto u = solve(triangles, supg);
    EXPECT_LT(overshoot(triangles, u, 1), 0.2);
    EXPECT_LT(overshoot(triangles, u, 1 - 3.5 / 20), 0.03);
  }
  for (const Mesh& mesh : {quads, triangles}) {
    const auto u = solve(mesh, "off");
    EXPECT_GT(overshoot(mesh, u, 1), 0.5);
    EXPECT_GT(overshoot(mesh, u, 0.5), 0.3);
  }
}

// Pure diffusion on acute triangles, not too small steps: no new extremes.
TEST(Transport, DiffusionMakesNoNewExtremes) {
  const Mesh mesh = rectangle(16, 16);
  const auto setup = make_advection_diffusion(
      input_from(mesh,
                 "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 0.1}\noptions: {theta: 1}\n"
                 "initial: {u: \"if((x - 0.5)^2 + (y - 0.5)^2 < 0.04, 1, 0)\"}\nboundary: {left: {u: 0}}"));
  State state = setup.system.lift(std::vector{setup.initial});
  double highest = 1;
  for (int k = 0; k < 20; ++k) {
    state = setup.system.step(0.02 * k, 0.02, state);
    const auto u = test::column(state);
    EXPECT_GE(*std::min_element(u.begin(), u.end()), -1e-12);
    const double now = *std::max_element(u.begin(), u.end());
    EXPECT_LE(now, highest + 1e-12);
    highest = now;
  }
}

TEST(Transport, DoesNotDependOnTheNumberingOfPoints) {
  const std::string text = manufactured_case(2, kWave2, "1e-3 + 1e-4*x", "1e-4", "auto");
  const Mesh mesh = jiggled(rectangle(10, 10), 0.2, 5);
  const Order order = hilbert_order(mesh);
  const auto u = advance(make_advection_diffusion(input_from(mesh, text)), 0.05, 10);
  const auto other = advance(make_advection_diffusion(input_from(reordered(mesh, order), text)), 0.05, 10);
  EXPECT_LT(test::largest_difference(other, permuted<double>(u, order, 1)), 1e-12);
}

// Diffusion alone on a closed surface in space: the sphere's first harmonic decays by exp(-2 kappa t).
TEST(Transport, DiffusesOnASurface) {
  std::vector<double> errors;
  for (const int subdivisions : {2, 3}) {
    const Mesh mesh = sphere_surface(subdivisions);
    const auto setup = make_advection_diffusion(
        input_from(mesh, "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 0.5}\ninitial: {u: z}"));
    errors.push_back(test::l2_error(mesh, advance(setup, 0.01, 100), "z*exp(-1)", 0));
  }
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8) << errors[0] << " " << errors[1];
}

// What points out of a surface carries nothing along it, and must not count as speed in the upwinding either.
TEST(Transport, DoesNotSeeAVelocityAcrossASurface) {
  MeshData data = rectangle(6, 6).data();
  std::vector<double> in_space;
  for (std::size_t i = 0; i < data.points.size(); i += 2) {
    in_space.insert(in_space.end(), {data.points[i], data.points[i + 1], 0});
  }
  data.points = in_space;
  data.dim = 3;
  const Mesh mesh(std::move(data));
  const auto after = [&](const std::string& velocity) {
    return advance(make_advection_diffusion(input_from(
                       mesh,
                       "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 0.001}\noptions: "
                       "{velocity: [" +
                           velocity + "], source: x}\ninitial: {u: \"sin(3*x)*y\"}")),
                   0.05, 4);
  };
  EXPECT_LT(test::largest_difference(after("0.3, 0.1, 0"), after("0.3, 0.1, 5")), 1e-12);
  EXPECT_LT(test::largest_difference(after("1e-6, 0, 0"), after("1e-6, 0, 1")), 1e-12);
}
// A wave that runs around a doubly periodic square decays as it must and comes back: of second order, and the sum over
// the square is kept.
TEST(Transport, RunsAroundPeriodicSides) {
  const std::string wave = "1 + sin(2*pi*(x - t))*cos(2*pi*(y - 0.5*t))*exp(-8*pi^2*0.005*t)";
  std::vector<double> errors;
  for (const int n : {16, 32}) {
    const Mesh mesh = rectangle(n, n);
    const auto setup = make_advection_diffusion(input_from(
        mesh,
        "mesh: none\nproblem: advection_diffusion\nparameters: {diffusivity: 0.005}\noptions: {supg: off, velocity: "
        "[1, 0.5]}\ninitial: {u: \"" +
            wave + "\"}\nboundary: {left: {periodic: right}, bottom: {periodic: top}}"));
    const auto u = advance(setup, 1.0 / (2 * n), 2 * n);
    errors.push_back(test::l2_error(mesh, u, wave, 1));
    EXPECT_NEAR(test::integral(mesh, u), 1, 1e-10);
    for (int i = 0; i <= n; ++i) {
      EXPECT_EQ(u[i * (n + 1)], u[i * (n + 1) + n]);
      EXPECT_EQ(u[i], u[n * (n + 1) + i]);
    }
  }
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8) << errors[0] << " " << errors[1];
}

}  // namespace
}  // namespace cotan
